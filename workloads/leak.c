/* leak: the ways in which programs lose memory, each leaking and repaired.
 *
 * A server answers requests, of which so many are in flight; each opens something, and what differs
 * between the variants of a pair is what is still referred to afterwards. Both do as many operations
 * with the same seed, allocate the same objects and come to the same checksum, so that everything
 * which differs between their runs is the price of what was kept.
 */
#include "workloads/leak.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char pair_names[] = ""
#define LEAK(name, text, operation_bytes, once_bytes) "|" text
#include "workloads/leaks/leak_pairs.def"
    ;

static const struct workload_parameter parameters[LEAK_PARAMETERS] = {
    [LEAK_PAIR] = {"pair", WORKLOAD_CHOICE, pair_names + 1, "cache", NULL, 0, 0,
                   "what the program forgets to let go"},
    [LEAK_VARIANT] = {"variant", WORKLOAD_CHOICE, "leaky|fixed", "leaky", NULL, 0, 0,
                      "the leaking program, or the repaired one"},
    [LEAK_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "400000", "60000", 0,
                         UINT64_C(1) << 30, "requests while time is taken"},
    [LEAK_REQUESTS] = {"requests", WORKLOAD_INTEGER, "requests", "6000", "3000", 1, 1u << 24,
                       "in flight, of about 700 bytes: what is alive without the leak"},
    [LEAK_FILE] = {"file", WORKLOAD_FILE, "", "workloads/data/express-sessions.heapsnapshot.zst",
                   NULL, 0, 0, "that the pair stream reads, again when it ends"},
};

/* ---- the volume
 * ---------------------------------------------------------------------------------*/

uint64_t leak_volume_bytes(uint64_t operations, uint64_t requests, uint64_t operation_bytes,
                           uint64_t once_bytes) {
  struct volume volume = {0};
  volume_add(&volume, 1, requests, 0);
  volume_add(&volume, requests + operations, 1, LEAK_REQUEST_RAW_BYTES);
  volume.small_bytes += (requests + operations) * operation_bytes;
  volume.wasted_bytes += once_bytes + VOLUME_OS_PAGE_BYTES;
  return volume_bound_bytes(&volume);
}

/* Of arrays that grow by doubling, to a place for every operation at most. */
static uint64_t array_bytes(const struct workload_input *input) {
  uint64_t operations = input->integers[LEAK_OPERATIONS] + input->integers[LEAK_REQUESTS];
  return 4 * sizeof(struct gc_ref) * operations + 64 * VOLUME_OS_PAGE_BYTES;
}

static uint64_t allocation_bytes(const struct workload_input *input) {
  const struct {
    uint64_t operation_bytes, once_bytes;
  } volumes[] =
      {
#define LEAK(name, text, operation_bytes, once_bytes) {operation_bytes, once_bytes},
#include "workloads/leaks/leak_pairs.def"
      },
    *volume = &volumes[input->integers[LEAK_PAIR]];
  return leak_volume_bytes(input->integers[LEAK_OPERATIONS], input->integers[LEAK_REQUESTS],
                           volume->operation_bytes, volume->once_bytes + array_bytes(input));
}

/* ---- the file
 * -----------------------------------------------------------------------------------*/

void leak_file_close(struct leak_file *file) {
  if (file->descriptor >= 0) {
    close(file->descriptor);
    file->descriptor = -1;
  }
}

static bool open_again(struct leak_file *file, char *note, size_t note_size) {
  struct stat status;
  file->descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
  if (file->descriptor < 0 || fstat(file->descriptor, &status) != 0) {
    snprintf(note, note_size, "the file of the stream, %.120s, %s: %s", file->path,
             file->bytes > 0 ? "vanished in mid-stream" : "cannot be opened", strerror(errno));
    return false;
  }
  file->place = 0;
  if (file->bytes == 0) {
    file->bytes = (uint64_t)status.st_size;
  }
  return true;
}

size_t leak_file_read(struct leak_file *file, void *buffer, size_t bytes, char *note,
                      size_t note_size) {
  if (file->descriptor < 0 && !open_again(file, note, note_size)) {
    return 0;
  }
  uint64_t left = file->bytes - file->place;
  ssize_t got = read(file->descriptor, buffer, bytes < left ? bytes : (size_t)left);
  if (got <= 0) {
    snprintf(note, note_size,
             "the file of the stream, %.120s, ended after %" PRIu64 " of %" PRIu64 " bytes%s%s",
             file->path, file->place, file->bytes, got < 0 ? ": " : "",
             got < 0 ? strerror(errno) : "");
    return 0;
  }
  file->place += (uint64_t)got;
  if (file->place == file->bytes) {
    leak_file_close(file);
  }
  return (size_t)got;
}

/* Only of the pair that reads it. */
static int prepare(struct workload_input *input, char *error, size_t error_size) {
  struct stat status;
  const char *path = input->texts[LEAK_FILE];
  if (input->integers[LEAK_PAIR] != LEAK_NUMBER_stream) {
    return 0;
  }
  if (stat(path, &status) != 0) {
    int number = errno;
    snprintf(error, error_size, "cannot read the file %s: %s", path, strerror(number));
    return -number;
  }
  if (!S_ISREG(status.st_mode) || status.st_size == 0) {
    snprintf(error, error_size, "%s %s: there is nothing to stream", path,
             S_ISREG(status.st_mode) ? "is empty" : "is no file");
    return -EINVAL;
  }
  if (access(path, R_OK) != 0) {
    snprintf(error, error_size, "cannot read the file %s: %s", path, strerror(errno));
    return -EACCES;
  }
  return 0;
}

const struct workload workload_leak = {
    .name = "leak",
    .summary = "the ways in which programs lose memory, each leaking and repaired: same work, same "
               "allocation, and what differs is what stays",
    .operation = "request",
    .parameters = parameters,
    .parameter_count = LEAK_PARAMETERS,
    .is_on_request = true,
    .prepare = prepare,
    .allocation_bytes = allocation_bytes,
};
