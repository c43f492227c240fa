/* leak: places of its parameters, the pairs by number, and the file that the pair `stream` reads.
 *
 * The pairs are listed in leaks/leak_pairs.def; leaks/pair_ops.h is what each of them implements.
 * no_leak has scenarios of the same form, listed in leaks/no_leak_scenarios.def.
 */
#ifndef WORKLOADS_LEAK_H
#define WORKLOADS_LEAK_H

#include "workloads/volume.h"
#include "workloads/workload.h"

enum leak_parameter {
  LEAK_PAIR,
  LEAK_VARIANT,
  LEAK_OPERATIONS,
  LEAK_REQUESTS,
  LEAK_FILE,
  LEAK_PARAMETERS
};

enum no_leak_parameter {
  NO_LEAK_SCENARIO,
  NO_LEAK_OPERATIONS,
  NO_LEAK_REQUESTS,
  NO_LEAK_PARAMETERS
};

enum leak_number {
#define LEAK(name, text, operation_bytes, once_bytes) LEAK_NUMBER_##name,
#include "workloads/leaks/leak_pairs.def"
};

enum leak_variant { LEAK_LEAKY, LEAK_FIXED };

/* Raw bytes of a request, which every operation makes; it has one reference slot. */
enum { LEAK_REQUEST_RAW_BYTES = 496 };

/* Bytes of an object, for the lists: what an operation of a pair allocates besides its request. */
#define LEAK_OBJECT(slots, raw_bytes) gc_object_bytes_for((slots), (raw_bytes))
enum { LEAK_BUFFER_BYTES = sizeof(struct gc_buffer) };

/* Upper bound of the bytes allocated by operations that allocate so many each, with the requests in
 * flight, besides `once_bytes`. */
uint64_t leak_volume_bytes(uint64_t operations, uint64_t requests, uint64_t operation_bytes,
                           uint64_t once_bytes);

/* A file that is read as a stream which begins anew where it ends. Opened again at each beginning,
 * so that a file which vanishes or becomes shorter meanwhile is noticed. */
struct leak_file {
  const char *path;
  int descriptor; /* -1: closed */
  uint64_t bytes; /* that it had when it was opened first; 0: it was not yet */
  uint64_t place;
};

/* 1 to `bytes` of the next bytes, to `buffer`; 0: what is wrong is in `note`, a sentence. Blocks: no
 * part of the heap may be touched by it but a backing store. */
size_t leak_file_read(struct leak_file *file, void *buffer, size_t bytes, char *note,
                      size_t note_size);
void leak_file_close(struct leak_file *file);

#endif
