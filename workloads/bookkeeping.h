/* What a workload does beside its work: reports progress, folds what it reads into the checksum,
 * says what is wrong, and polls in loops that do not allocate.
 */
#ifndef WORKLOADS_BOOKKEEPING_H
#define WORKLOADS_BOOKKEEPING_H

#include "workloads/workload.h"

#include <stdarg.h>
#include <stdio.h>

/* Operations between two reports of progress, and steps between two polls of a loop that does not
 * allocate; powers of two. */
enum { WORKLOAD_PROGRESS_STEPS = 4096, WORKLOAD_POLL_STEPS = 1024 };

static inline void workload_report(struct workload_run *run, uint64_t done, uint64_t total) {
  /* Relaxed: the reader draws a bar, which may be late. */
  gc_atomic_store_relaxed(&run->progress_percent, total == 0 ? 100 : done * 100 / total);
}

/* So much of the work is done. Between two operations: no reference is outside of handles. A
 * safepoint, where checkpoints are wanted. */
static inline void workload_progress(struct workload_run *run, uint64_t done, uint64_t total) {
  workload_report(run, done, total);
  if (GC_UNLIKELY(run->checkpoints.is_wanted)) {
    workload_checkpoint_look(run, done, total);
  }
}

/* The same once per operation; reports at every WORKLOAD_PROGRESS_STEPS-th. */
static inline void workload_progress_step(struct workload_run *run, uint64_t done, uint64_t total) {
  if (GC_UNLIKELY(done % WORKLOAD_PROGRESS_STEPS == 0)) {
    workload_report(run, done, total);
  }
  if (GC_UNLIKELY(run->checkpoints.is_wanted)) {
    workload_checkpoint_look(run, done, total);
  }
}

/* Once per step of a loop that neither allocates nor polls. A safepoint. */
static inline void workload_poll_step(struct workload_run *run, uint64_t step) {
  if (step % WORKLOAD_POLL_STEPS == 0) {
    gc_poll(run->mutator);
  }
}

/* Order matters: folding a then b differs from folding b then a. */
static inline uint64_t workload_fold(uint64_t checksum, uint64_t value) {
  checksum = (checksum ^ value) * UINT64_C(0x9fb21c651e98df25);
  return checksum ^ checksum >> 32;
}

/* The note of a run that is done. */
GC_PRINTF(2, 3)
static inline void workload_note(struct workload_run *run, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(run->note, sizeof run->note, format, arguments);
  va_end(arguments);
}

/* Answers WORKLOAD_WRONG, with what is wrong in the note. */
GC_PRINTF(2, 3)
static inline enum workload_status workload_wrong(struct workload_run *run, const char *format,
                                                  ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(run->note, sizeof run->note, format, arguments);
  va_end(arguments);
  return WORKLOAD_WRONG;
}

#endif
