/* Helper threads of a pause. See worker.h for the protocol. */
#include "heap/worker.h"
#include "heap/assert.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/spin_wait.h"
#include <errno.h>
#include <stdlib.h>

/* job_state: open flag | low bits of the job's number | helpers joined */
#define JOB_OPEN        UINT32_C(0x80000000)
#define JOB_TAG_SHIFT   8
#define JOB_TAG_MASK    UINT32_C(0x7fffff00)
#define JOB_JOINED_MASK UINT32_C(0x000000ff)

_Static_assert(GC_WORKERS_MAX <= JOB_JOINED_MASK, "the helpers fit their count");

/* How long a helper looks for the next job before it parks: longer than what lies between two
 * phases of one pause, far shorter than what a mutator would miss of the core. Chosen by design. */
#define HELPER_SPIN_NS UINT64_C(20000)

void gc_worker_counts_add(struct gc_worker_counts *sum, const struct gc_worker_counts *counts) {
  const uint64_t *from = (const uint64_t *)counts;
  uint64_t *to = (uint64_t *)sum;
  for (size_t index = 0; index < sizeof *sum / sizeof(uint64_t); index++) {
    to[index] += from[index];
  }
}

static uint32_t job_tag(uint32_t job_number) {
  return (job_number << JOB_TAG_SHIFT) & JOB_TAG_MASK;
}

/* Joins the open job unless it is the one this helper joined last, whose number is `last`. */
static bool try_join(struct gc_workers *workers, uint32_t *last) {
  uint32_t state = gc_atomic_load_acquire(&workers->job_state); /* [pairs: worker-job] */
  while ((state & JOB_OPEN) != 0 && (state & JOB_TAG_MASK) != *last) {
    if (gc_atomic_compare_exchange_acq_rel(&workers->job_state, &state,
                                           state + 1)) { /* [pairs: worker-job] */
      *last = state & JOB_TAG_MASK;
      return true;
    }
  }
  return false;
}

static bool is_stopping(struct gc_workers *workers) {
  return gc_atomic_load_acquire(&workers->stopping) != 0; /* [pairs: worker-stop] */
}

/* Returns the number of a job later than `seen`, or `seen` when the heap closes. */
static uint32_t wait_for_job(struct gc_workers *workers, uint32_t seen) {
  uint64_t spin_end_ns = gc_platform_now_ns() + HELPER_SPIN_NS;
  for (;;) {
    uint32_t number = gc_atomic_load_acquire(&workers->job_number); /* [pairs: worker-job] */
    if (number != seen || is_stopping(workers)) {
      return number;
    }
    if (gc_platform_now_ns() < spin_end_ns) {
      gc_platform_spin_pause();
      continue;
    }
    gc_atomic_fetch_add_seq_cst(&workers->parked, 1);           /* [pairs: worker-park] */
    if (gc_atomic_load_seq_cst(&workers->job_number) == seen) { /* [pairs: worker-park] */
      gc_platform_park(&workers->job_number, seen);
    }
    gc_atomic_fetch_sub_seq_cst(&workers->parked, 1); /* [pairs: worker-park] */
  }
}

static void *helper_main(void *argument) {
  struct gc_worker *worker = argument;
  struct gc_workers *workers = worker->workers;
  uint32_t seen = 0, last = 0;
  while (!is_stopping(workers)) {
    seen = wait_for_job(workers, seen);
    if (!is_stopping(workers) && try_join(workers, &last)) {
      workers->job(worker, workers->context);
      gc_atomic_fetch_add_acq_rel(&workers->finished, 1); /* [pairs: worker-job] */
    }
  }
  return NULL;
}

int gc_workers_open(struct gc_workers *workers, struct gc_heap *heap, unsigned count) {
  *workers = (struct gc_workers){.count = 0};
  workers->all = aligned_alloc(64, count * sizeof *workers->all);
  if (workers->all == NULL) {
    return -ENOMEM;
  }
  for (unsigned index = 0; index < count; index++) {
    workers->all[index] = (struct gc_worker){.heap = heap,
                                             .workers = workers,
                                             .index = index,
                                             .small = {.block = GC_NO_BLOCK},
                                             .big = {.block = GC_NO_BLOCK}};
    int error = gc_heap_ring_init(heap, &workers->all[index].ring, index);
    if (error == 0 && index > 0) {
      error = -pthread_create(&workers->all[index].thread, NULL, helper_main, &workers->all[index]);
    }
    if (error != 0) {
      gc_event_ring_finish(&workers->all[index].ring);
      gc_workers_close(workers);
      return error;
    }
    workers->count = index + 1;
  }
  return 0;
}

void gc_workers_close(struct gc_workers *workers) {
  gc_atomic_store_release(&workers->stopping, 1);       /* [pairs: worker-stop] */
  gc_atomic_fetch_add_seq_cst(&workers->job_number, 1); /* [pairs: worker-park] */
  gc_platform_unpark_all(&workers->job_number);
  for (unsigned index = 0; index < workers->count; index++) {
    if (index > 0) {
      pthread_join(workers->all[index].thread, NULL);
    }
    gc_old_allocator_finish(&workers->all[index].small);
    gc_old_allocator_finish(&workers->all[index].big);
    gc_event_ring_finish(&workers->all[index].ring);
  }
  free(workers->all);
  *workers = (struct gc_workers){0};
}

static void wait_for_helpers(struct gc_workers *workers, uint32_t joined) {
  for (unsigned turn = 1; gc_atomic_load_acquire(&workers->finished) != joined;
       turn++) { /* [pairs: worker-job] */
    gc_spin_wait(turn);
  }
}

void gc_workers_run(struct gc_workers *workers, gc_worker_job *job, void *context,
                    enum gc_wake wake) {
  if (workers->count > 1 && wake == GC_WAKE_HELPERS) {
    workers->job = job;
    workers->context = context;
    gc_atomic_store_relaxed(&workers->finished,
                            0); /* nobody is joined: the last job was waited for */
    uint32_t number = gc_atomic_load_relaxed(&workers->job_number) + 1;
    gc_atomic_store_release(&workers->job_state,
                            JOB_OPEN | job_tag(number)); /* [pairs: worker-job] */
    gc_atomic_fetch_add_seq_cst(&workers->job_number,
                                1); /* [pairs: worker-job] [pairs: worker-park] */
    if (gc_atomic_load_seq_cst(&workers->parked) != 0) { /* [pairs: worker-park] */
      gc_platform_unpark_all(&workers->job_number);
    }
  }
  job(&workers->all[0], context);
  if (workers->count > 1 && wake == GC_WAKE_HELPERS) {
    uint32_t state = gc_atomic_exchange_acq_rel(&workers->job_state, 0); /* [pairs: worker-job] */
    wait_for_helpers(workers, state & JOB_JOINED_MASK);
  }
}
