/* Reading plain, gzip and Zstandard files through one interface.
 *
 * Each format is a decoder: a function that turns bytes of the input buffer into text and says
 * whether the file may end here. `snapshot_text_read` refills the input and calls it until there
 * is text, so that no decoder knows about files and none is asked twice for the same bytes.
 */
#include "workloads/snapshot_text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { INPUT_BYTES = 128 * 1024, MAGIC_BYTES = 4 };

/* Real snapshots shrink 8 to 20 times. A file that expands this much more, and to more than the
 * floor, was made to exhaust whoever reads it. */
#define EXPANSION_LIMIT       1000u
#define EXPANSION_FLOOR_BYTES (UINT64_C(1) << 30)

struct span {
  uint8_t *start;
  size_t length_bytes;
};

struct decoder {
  const char *name;
  uint64_t expansion_bound_ratio; /* the most bytes of text that one byte of the file can become */
  bool (*open)(struct snapshot_text *text, struct snapshot_fault *fault);
  /* Fills a part of *output from the input buffer and shortens *output to it; an empty part asks
   * for more input. Keeps text->may_end up to date. */
  bool (*decode)(struct snapshot_text *text, struct span *output, struct snapshot_fault *fault);
  void (*close)(struct snapshot_text *text);
};

struct snapshot_text {
  const struct decoder *decoder;
  int descriptor;
  bool may_end; /* the text decoded so far ends where a frame, member or plain text may end */
  uint64_t file_bytes;
  uint64_t text_bytes;
  size_t input_position, input_end;
  z_stream gzip;
  ZSTD_DStream *zstd;
  uint8_t input[INPUT_BYTES];
};

/* ---- decoders -------------------------------------------------------------------------------*/

static bool open_nothing(struct snapshot_text *text, struct snapshot_fault *fault) {
  (void)fault;
  text->may_end = true;
  return true;
}

static void close_nothing(struct snapshot_text *text) {
  (void)text;
}

static bool decode_plain(struct snapshot_text *text, struct span *output,
                         struct snapshot_fault *fault) {
  (void)fault;
  size_t length_bytes = text->input_end - text->input_position;
  if (length_bytes > output->length_bytes) {
    length_bytes = output->length_bytes;
  }
  memcpy(output->start, text->input + text->input_position, length_bytes);
  text->input_position += length_bytes;
  output->length_bytes = length_bytes;
  return true;
}

static bool open_gzip(struct snapshot_text *text, struct snapshot_fault *fault) {
  enum { GZIP_ONLY = 16 };
  if (inflateInit2(&text->gzip, MAX_WBITS + GZIP_ONLY) != Z_OK) {
    return snapshot_fail(fault, -ENOMEM, "cannot be read: no memory for the gzip decoder");
  }
  return true;
}

static void close_gzip(struct snapshot_text *text) {
  inflateEnd(&text->gzip);
}

static bool decode_gzip(struct snapshot_text *text, struct span *output,
                        struct snapshot_fault *fault) {
  z_stream *stream = &text->gzip;
  if (text->may_end) { /* there is input after the end of a member: another member */
    inflateReset(stream);
    text->may_end = false;
  }
  stream->next_in = text->input + text->input_position;
  stream->avail_in = (uInt)(text->input_end - text->input_position);
  stream->next_out = output->start;
  stream->avail_out = (uInt)output->length_bytes;
  int status = inflate(stream, Z_NO_FLUSH);
  text->input_position = text->input_end - stream->avail_in;
  output->length_bytes -= stream->avail_out;
  text->may_end = status == Z_STREAM_END;
  if (status == Z_MEM_ERROR) {
    return snapshot_fail(fault, -ENOMEM, "cannot be read: no memory for the gzip decoder");
  }
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
    return snapshot_fail(fault, -EBADMSG,
                         "cannot be decompressed: %s (after %" PRIu64 " bytes of text)",
                         stream->msg != NULL ? stream->msg : "unknown fault",
                         text->text_bytes + output->length_bytes);
  }
  return true;
}

static bool open_zstd(struct snapshot_text *text, struct snapshot_fault *fault) {
  text->zstd = ZSTD_createDStream();
  if (text->zstd == NULL) {
    return snapshot_fail(fault, -ENOMEM, "cannot be read: no memory for the Zstandard decoder");
  }
  return true;
}

static void close_zstd(struct snapshot_text *text) {
  ZSTD_freeDStream(text->zstd);
}

static bool decode_zstd(struct snapshot_text *text, struct span *output,
                        struct snapshot_fault *fault) {
  ZSTD_inBuffer source = {text->input, text->input_end, text->input_position};
  ZSTD_outBuffer target = {output->start, output->length_bytes, 0};
  size_t status = ZSTD_decompressStream(text->zstd, &target, &source);
  text->input_position = source.pos;
  output->length_bytes = target.pos;
  text->may_end = status == 0;
  if (ZSTD_isError(status)) {
    return snapshot_fail(fault, -EBADMSG,
                         "cannot be decompressed: %s (after %" PRIu64 " bytes of text)",
                         ZSTD_getErrorName(status), text->text_bytes + target.pos);
  }
  return true;
}

static const struct decoder plain = {"plain", 1, open_nothing, decode_plain, close_nothing};
static const struct decoder gzip = {"gzip", 1032, open_gzip, decode_gzip, close_gzip};
static const struct decoder zstd = {"Zstandard", 1 << 17, open_zstd, decode_zstd, close_zstd};

/* Zstandard: a frame, or one of the sixteen kinds of skippable frame that may come first. */
static const struct decoder *decoder_of(const uint8_t *magic, size_t length_bytes) {
  if (length_bytes >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
    return &gzip;
  }
  if (length_bytes < MAGIC_BYTES) {
    return &plain;
  }
  uint32_t word = (uint32_t)magic[0] | (uint32_t)magic[1] << 8 | (uint32_t)magic[2] << 16 |
                  (uint32_t)magic[3] << 24;
  bool is_frame = word == ZSTD_MAGICNUMBER;
  bool is_skippable = (word & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
  return is_frame || is_skippable ? &zstd : &plain;
}

/* ---- the stream -----------------------------------------------------------------------------*/

static bool refill(struct snapshot_text *text, struct snapshot_fault *fault) {
  ssize_t length_bytes;
  do {
    length_bytes = read(text->descriptor, text->input, sizeof text->input);
  } while (length_bytes < 0 && errno == EINTR);
  if (length_bytes < 0) {
    int status = -errno;
    return snapshot_fail(fault, status, "cannot be read: %s", strerror(-status));
  }
  text->input_position = 0;
  text->input_end = (size_t)length_bytes;
  return true;
}

static bool check_file(struct snapshot_text *text, struct snapshot_fault *fault) {
  struct stat status;
  if (fstat(text->descriptor, &status) != 0) {
    int error = -errno;
    return snapshot_fail(fault, error, "cannot be examined: %s", strerror(-error));
  }
  if (S_ISDIR(status.st_mode)) {
    return snapshot_fail(fault, -EISDIR, "is a directory, not a file");
  }
  if (!S_ISREG(status.st_mode)) {
    return snapshot_fail(fault, -EINVAL, "is not a regular file");
  }
  if (status.st_size == 0) {
    return snapshot_fail(fault, -EBADMSG, "is empty");
  }
  text->file_bytes = (uint64_t)status.st_size;
  return true;
}

/* Without O_NONBLOCK, opening a named pipe would wait for its writer. */
static bool open_descriptor(struct snapshot_text *text, const char *path,
                            struct snapshot_fault *fault) {
  text->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (text->descriptor >= 0) {
    return true;
  }
  int status = -errno;
  if (status == -ENOENT) {
    return snapshot_fail(fault, status, "does not exist");
  }
  return snapshot_fail(fault, status, "cannot be opened: %s", strerror(-status));
}

struct snapshot_text *snapshot_text_open(const char *path, struct snapshot_fault *fault) {
  struct snapshot_text *text = calloc(1, sizeof *text);
  if (text == NULL) {
    snapshot_fail(fault, -ENOMEM, "cannot be read: no memory for a buffer");
    return NULL;
  }
  if (!open_descriptor(text, path, fault)) {
    free(text);
    return NULL;
  }
  bool is_open = check_file(text, fault) && refill(text, fault);
  if (is_open) {
    text->decoder = decoder_of(text->input, text->input_end);
    is_open = text->decoder->open(text, fault);
  }
  if (!is_open) {
    close(text->descriptor);
    free(text);
    return NULL;
  }
  return text;
}

/* Small files may expand as they like: their text is still small. */
static bool expands_too_much(const struct snapshot_text *text) {
  return text->text_bytes > EXPANSION_FLOOR_BYTES &&
         text->text_bytes / EXPANSION_LIMIT > text->file_bytes;
}

/* One call of the decoder, with new input if it needs any. *is_end: the file was used up. */
static bool decode_some(struct snapshot_text *text, struct span *output, bool *is_end,
                        struct snapshot_fault *fault) {
  if (text->input_position == text->input_end && !refill(text, fault)) {
    return false;
  }
  *is_end = text->input_end == 0;
  if (*is_end && text->may_end) {
    output->length_bytes = 0;
    return true;
  }
  return text->decoder->decode(text, output, fault);
}

bool snapshot_text_read(struct snapshot_text *text, void *buffer, size_t capacity_bytes,
                        size_t *length_bytes, struct snapshot_fault *fault) {
  struct span output;
  bool is_end = false;
  do {
    output = (struct span){buffer, capacity_bytes};
    if (!decode_some(text, &output, &is_end, fault)) {
      return false;
    }
  } while (output.length_bytes == 0 && !is_end);
  *length_bytes = output.length_bytes;
  text->text_bytes += output.length_bytes;
  if (output.length_bytes == 0 && !text->may_end) {
    return snapshot_fail(fault, -EBADMSG,
                         "ends in the middle of its %s data (after %" PRIu64 " bytes of text)",
                         text->decoder->name, text->text_bytes);
  }
  if (expands_too_much(text)) {
    return snapshot_fail(fault, -EFBIG,
                         "expands to more than %u times its size, as no snapshot does",
                         EXPANSION_LIMIT);
  }
  return true;
}

uint64_t snapshot_text_bound_bytes(const struct snapshot_text *text) {
  uint64_t bound_bytes;
  if (__builtin_mul_overflow(text->file_bytes, text->decoder->expansion_bound_ratio,
                             &bound_bytes)) {
    return UINT64_MAX;
  }
  return bound_bytes;
}

void snapshot_text_close(struct snapshot_text *text) {
  text->decoder->close(text);
  close(text->descriptor);
  free(text);
}
