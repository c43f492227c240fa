/* Export to a HdrHistogram interval log, version 1.3: for each second of a trial and each kind of
 * pause that began in it one line, tagged with the kind.
 *
 * A line is Tag=KIND,start in seconds since the trial began,length in seconds,longest pause in
 * ms,histogram of wall times in ns. The histogram is HdrHistogram's second encoding: big-endian
 * cookies and bounds, then counts as variable-length numbers of which negative ones are runs of
 * zeros, compressed by zlib, in base64. The moment at which a trial began is not known: the log's
 * StartTime is that of the run.
 */
#include "harness/export/export.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { interval_ns = 1000000000 };

/* --- the encoding of a histogram ---------------------------------------------------------------
 */

enum {
  cookie = 0x1c849303 | 0x10,
  compressed_cookie = 0x1c849304 | 0x10,
  header_bytes = 40,
  significant_figures = 3,
  number_bytes_max = 9
};

static void put_big_endian(uint8_t *at, uint64_t value, size_t bytes) {
  for (size_t index = 0; index < bytes; index++)
    at[index] = (uint8_t)(value >> (8 * (bytes - 1 - index)));
}

/* ZigZag, then 7 bits to a byte, the lowest first; a ninth byte has 8. */
static size_t put_variable(uint8_t *at, int64_t value) {
  uint64_t rest = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
  size_t bytes = 0;
  while (rest > 0x7f && bytes < number_bytes_max - 1) {
    at[bytes++] = (uint8_t)(rest | 0x80);
    rest >>= 7;
  }
  at[bytes++] = (uint8_t)rest;
  return bytes;
}

static size_t put_counts(uint8_t *at, const struct results_histogram *histogram) {
  size_t count = (size_t)(histogram->bucket_count + 1) * RESULTS_SUB_BUCKETS / 2, bytes = 0;
  while (count > 0 && histogram->counts[count - 1] == 0)
    count--;
  for (size_t index = 0; index < count;) {
    size_t zeros = 0;
    while (histogram->counts[index + zeros] == 0)
      zeros++;
    int64_t value = zeros ? -(int64_t)zeros : (int64_t)histogram->counts[index];
    bytes += put_variable(at + bytes, value);
    index += zeros ? zeros : 1;
  }
  return bytes;
}

/* Returns its length; 0: no memory. `*encoded` is owned by the caller. */
static size_t encode(const struct results_histogram *histogram, uint8_t **encoded) {
  size_t counts_max =
      (size_t)(histogram->bucket_count + 1) * RESULTS_SUB_BUCKETS / 2 * number_bytes_max;
  uint8_t *plain = calloc(1, header_bytes + counts_max);
  uLong bound = compressBound(header_bytes + counts_max);
  *encoded = malloc(bound + 8);
  uLongf length = 0;
  if (plain && *encoded) {
    double ratio = 1;
    uint64_t ratio_bits;
    memcpy(&ratio_bits, &ratio, sizeof ratio_bits);
    size_t counts_bytes = put_counts(plain + header_bytes, histogram);
    put_big_endian(plain, cookie, 4);
    put_big_endian(plain + 4, counts_bytes, 4);
    put_big_endian(plain + 12, significant_figures, 4);
    put_big_endian(plain + 16, 1, 8);
    put_big_endian(plain + 24, ((uint64_t)RESULTS_SUB_BUCKETS << (histogram->bucket_count - 1)) - 1,
                   8);
    put_big_endian(plain + 32, ratio_bits, 8);
    length = bound;
    if (compress(*encoded + 8, &length, plain, header_bytes + counts_bytes) != Z_OK)
      length = 0;
    put_big_endian(*encoded, compressed_cookie, 4);
    put_big_endian(*encoded + 4, length, 4);
  }
  free(plain);
  return length ? length + 8 : 0;
}

static void put_base64(FILE *stream, const uint8_t *bytes, size_t count) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t index = 0; index < count; index += 3) {
    size_t left = count - index;
    uint32_t group = (uint32_t)bytes[index] << 16 |
                     (left > 1 ? (uint32_t)bytes[index + 1] << 8 : 0) |
                     (left > 2 ? bytes[index + 2] : 0);
    putc(digits[group >> 18], stream);
    putc(digits[group >> 12 & 63], stream);
    putc(left > 1 ? digits[group >> 6 & 63] : '=', stream);
    putc(left > 2 ? digits[group & 63] : '=', stream);
  }
}

/* --- the log -----------------------------------------------------------------------------------
 */

/* Of the run, by its manifest; 0 when that does not say. */
static time_t run_start(const char *directory) {
  char path[PATH_MAX];
  struct tm utc = {0};
  int length = snprintf(path, sizeof path, "%s/manifest.json", directory);
  json_t *manifest =
      length > 0 && (size_t)length < sizeof path ? json_load_file(path, 0, NULL) : NULL;
  const char *text = json_string_value(json_object_get(manifest, "started"));
  bool is_known = text && sscanf(text, "%d-%d-%dT%d:%d:%dZ", &utc.tm_year, &utc.tm_mon,
                                 &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec) == 6;
  json_decref(manifest);
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return is_known ? timegm(&utc) : 0;
}

static int begin(struct export_state *state, const struct export_trial *first) {
  time_t start = run_start(first->directory);
  struct tm utc;
  char date[64];
  strftime(date, sizeof date, "%a %b %d %H:%M:%S UTC %Y", gmtime_r(&start, &utc));
  fprintf(
      state->stream,
      "#[Pauses of trial %" PRIu64 ", %s, in ns; times are since the trial began]\n"
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: %lld.000 (seconds since epoch), %s]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      first->trial->trial, first->slug, (long long)start, date);
  return 0;
}

/* Tags are the kinds of pauses; the control trial has gaps instead. */
enum { gap_tag = GC_PAUSE_KINDS, tag_count };

static const char *tag_name(size_t tag) {
  return tag == gap_tag ? "gap" : gc_pause_kind_names[tag];
}

/* What begins in one interval. */
struct interval {
  uint64_t number;
  struct results_histogram histograms[tag_count];
};

static int put_line(FILE *stream, const char *tag, uint64_t number,
                    const struct results_histogram *histogram) {
  uint8_t *encoded;
  size_t length = encode(histogram, &encoded);
  if (length) {
    fprintf(stream, "Tag=%s,%" PRIu64 ".000,1.000,%.3f,", tag, number,
            (double)histogram->maximum_value / 1e6);
    put_base64(stream, encoded, length);
    putc('\n', stream);
  }
  free(encoded);
  return length ? 0 : -ENOMEM;
}

/* Writes what the interval holds, and empties it. */
static int flush(FILE *stream, struct interval *interval) {
  int status = 0;
  for (size_t tag = 0; tag < tag_count; tag++) {
    struct results_histogram *histogram = &interval->histograms[tag];
    if (!status && histogram->total_count)
      status = put_line(stream, tag_name(tag), interval->number, histogram);
    results_histogram_finish(histogram);
    *histogram = (struct results_histogram){0};
  }
  return status;
}

static bool counts(const struct results_pause *pause) {
  return pause->is_timed && (pause->stop.stop_id != 0 || pause->wall_ns >= RESULTS_PAUSE_FLOOR_NS);
}

static int record(FILE *stream, struct interval *interval, uint64_t since_ns, size_t tag,
                  uint64_t wall_ns) {
  uint64_t number = since_ns / interval_ns;
  int status = number == interval->number ? 0 : flush(stream, interval);
  interval->number = number;
  return status ? status : results_histogram_record(&interval->histograms[tag], wall_ns, 1);
}

static int add(struct export_state *state, const struct export_trial *trial) {
  const struct results_list_gap *gaps = &trial->events->gap;
  struct interval interval = {.number = 0};
  int status = 0;
  for (size_t index = 0; !status && index < trial->pauses->count; index++) {
    const struct results_pause *pause = &trial->pauses->items[index];
    if (counts(pause))
      status = record(state->stream, &interval, pause->begin_ns - trial->begin_ns, pause->kind,
                      pause->wall_ns);
  }
  for (size_t index = 0; !status && index < gaps->count; index++)
    status = record(state->stream, &interval, gaps->items[index].begin_ns - trial->begin_ns,
                    gap_tag, gaps->items[index].end_ns - gaps->items[index].begin_ns);
  int flushed = flush(state->stream, &interval);
  return status ? status : flushed;
}

const struct exporter exporter_hlog = {
    .name = "hlog",
    .file_name = "pauses.hlog",
    .file = EXPORT_FILE_PER_TRIAL,
    .begin = begin,
    .add = add,
};
