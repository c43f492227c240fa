/* The hot code of a workload that goes wrong as asked. */
#include "workloads/workload.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void work_for(struct workload_run *run, uint64_t milliseconds) {
  struct timespec turn = {.tv_nsec = 1000000};
  for (uint64_t i = 0; i < milliseconds; i++) {
    nanosleep(&turn, NULL);
    gc_poll(run->mutator);
    gc_atomic_store_relaxed(&run->progress_percent, i * 100 / milliseconds);
    run->operations++;
  }
}

static enum workload_status exhaust_heap(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  struct gc_handle chain = gc_handle_push(run->mutator, gc_null());
  for (;;) {
    struct gc_ref cell = gc_allocate(run->mutator, 1, 1000, 0);
    if (gc_is_null(cell)) {
      gc_handles_leave(run->mutator, frame);
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_init_ref(run->mutator, cell, gc_object_slot(cell, 0), gc_handle_get(chain));
    gc_handle_set(run->mutator, chain, cell);
  }
}

static void eat_memory(void) {
  for (;;) {
    char *piece = malloc(16 << 20);
    if (piece) {
      memset(piece, 1, 16 << 20);
    }
  }
}

/* Mutator i works i times as long again as the first, with a scavenge after each turn. */
static enum workload_status work_unequally(struct workload_run *run) {
  for (unsigned turn = 0; turn <= run->mutator_index; turn++) {
    work_for(run, workload_integer(run, 1));
    gc_collect(run->mutator, GC_COLLECTION_MINOR);
  }
  return WORKLOAD_DONE;
}

/* Mutator 1 computes without a safepoint, for ever; the others want scavenges. */
static enum workload_status never_poll(struct workload_run *run) {
  while (run->mutator_index == 1) {
    gc_atomic_store_relaxed(&run->progress_percent, workload_random(&run->seed) & 1);
  }
  work_for(run, 100); /* until mutator 1 computes */
  gc_collect(run->mutator, GC_COLLECTION_MINOR);
  return WORKLOAD_DONE;
}

static enum workload_status go_wrong(struct workload_run *run) {
  switch (workload_integer(run, 0)) {
  case 1:
    fputs("about to crash\n", stderr);
    raise(SIGSEGV);
    return WORKLOAD_DONE;
  case 2:
    for (;;) {
      pause();
    }
  case 3:
    snprintf(run->note, sizeof run->note, "two and two are five");
    return WORKLOAD_WRONG;
  case 4:
    return exhaust_heap(run);
  case 5:
    run->checksum = (uint64_t)getpid();
    return WORKLOAD_DONE;
  case 6:
    eat_memory();
    return WORKLOAD_DONE;
  case 7:
    fputs("leaving early\n", stderr);
    exit(9);
  case 9:
    return work_unequally(run);
  case 10:
    return never_poll(run);
  default:
    run->checksum = 42;
    return WORKLOAD_DONE;
  }
}

static enum workload_status run(struct workload_run *run) {
  workload_timed_begin(run);
  work_for(run, workload_integer(run, 1));
  enum workload_status status = go_wrong(run);
  workload_timed_end(run);
  return status;
}

WORKLOAD_OPS(broken, run);
