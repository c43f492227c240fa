/* One loading of a Scheme program: its memory, and the way out when something is wrong.
 *
 * All that is made while a program is read and compiled lies in one arena, which lives as long as
 * the program and is freed at once. What fails, fails through scheme_load_fail, which does not
 * return to its caller but to the begin of the loading, with one sentence that names file and line;
 * so no function between has an error path of its own.
 */
#ifndef WORKLOADS_SCHEME_LOAD_H
#define WORKLOADS_SCHEME_LOAD_H

#include <gc/attributes.h>

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

struct scheme_chunk;

struct scheme_load {
  const char *path; /* of the file that is read, for messages */
  struct scheme_chunk *chunks;
  char *error;
  size_t error_size;
  int status; /* a negative errno once it failed */
  jmp_buf failed;
};

/* Zeroed, and aligned for everything. */
void *scheme_load_allocate(struct scheme_load *load, size_t bytes);

/* Frees what was allocated; `chunks` may have been handed to a longer-lived owner. */
void scheme_chunks_free(struct scheme_chunk *chunks);

/* Ends the loading: `FILE:LINE: sentence`, -EINVAL. */
_Noreturn GC_PRINTF(3, 4) void scheme_load_fail(struct scheme_load *load, uint32_t line,
                                                const char *format, ...);

/* Ends the loading with another status and a whole sentence. */
_Noreturn GC_PRINTF(3, 4) void scheme_load_refuse(struct scheme_load *load, int status,
                                                  const char *format, ...);

/* Room for one more element behind `count` elements of an array that doubles; returns the array,
 * which may have moved. */
void *scheme_load_grow(struct scheme_load *load, void *items, uint32_t count, size_t item_bytes);

#endif
