/* The threads of a pause: the stopping mutator as worker 0, and helpers that live as long as the
 * heap.
 *
 * gc_workers_run runs a job on the calling thread, and with GC_WAKE_HELPERS also opens it to
 * helpers: those still spinning from the job before join within a microsecond, parked ones are
 * woken, which costs 92 to 114 us (LIMITS). The leader does not wait for them to join; a helper
 * that wakes after the job closed goes back to sleep. With GC_WAKE_NOBODY the leader works alone.
 *
 * Concurrency [worker-job]: job_state holds an open flag, the low bits of the job's number and the
 * count of joined helpers in one word. A helper joins by compare-and-exchange while the flag is
 * set and the number is not that of the job it joined last; the leader closes by clearing the
 * word, so the set of participants is agreed on. `finished` counts helpers that left the job; the
 * leader returns when it equals the joined ones. A helper parks on job_number after raising
 * `parked` [worker-park].
 */
#ifndef HEAP_WORKER_H
#define HEAP_WORKER_H

#include "heap/event.h"
#include "heap/mark_stack.h"
#include "heap/moved_slots.h"
#include "heap/old_space.h"
#include <gc/attributes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define GC_WORKERS_MAX 64

struct gc_heap;
struct gc_worker;
struct gc_workers;

/* What a worker copied or marked since its counts were last collected. */
struct gc_worker_counts {
  uint64_t survived_bytes, survived_objects;
  uint64_t promoted_bytes, promoted_objects;
  uint64_t second_survived_bytes; /* of the promoted: what had survived once before */
  uint64_t marked_bytes, marked_objects, marked_slots;
  uint64_t marked_ns; /* wall time of marking beside the mutators, waiting for work included */
  uint64_t swept_bytes;
};

void gc_worker_counts_add(struct gc_worker_counts *sum, const struct gc_worker_counts *counts);

struct GC_ALIGNED(64) gc_worker {
  struct gc_heap *heap;
  struct gc_workers *workers;
  unsigned index; /* 0: the stopping mutator */
  struct gc_mark_stack stack;
  struct gc_mark_stack grey_promoted; /* promotions for markers to scan; in a scavenge */
  struct gc_old_allocator
      small; /* promotion of small objects: holes of partly free blocks, then free blocks */
  struct gc_old_allocator big;            /* promotion of big ones: wholly free blocks */
  struct gc_segment *promoted_remembered; /* promoted objects that hold a young reference */
  struct gc_segment *remembered;          /* what remember_slot collected; the remembering half's */
  struct gc_moved_slot_list moved_slots;  /* recorded while candidates exist */
  struct gc_worker_counts counts;
  struct gc_event_ring ring;
  uint64_t marked_so_far_bytes; /* atomic, relaxed: counts.marked_bytes, beside the mutators */
  uint64_t phase_cpu_ns;        /* of the phase that just ended */
  bool worked;                  /* in the phase that just ended */
  pthread_t thread;
};

typedef void gc_worker_job(struct gc_worker *worker, void *context);

enum gc_wake { GC_WAKE_NOBODY, GC_WAKE_HELPERS };

struct gc_workers {
  struct gc_worker *all; /* count of them */
  unsigned count;        /* the leader included; 1: no helpers */
  gc_worker_job *job;
  void *context;
  uint32_t job_number; /* atomic; futex of parked helpers [pairs: worker-job] */
  uint32_t job_state;  /* atomic; see worker.c [pairs: worker-job] */
  uint32_t finished;   /* atomic; helpers done with the job [pairs: worker-job] */
  uint32_t parked;     /* atomic; helpers asleep or about to be [pairs: worker-park] */
  uint32_t stopping;   /* atomic; set once, by close [pairs: worker-stop] */
};

/* Starts count - 1 helpers. Returns 0 or a negative errno. */
int gc_workers_open(struct gc_workers *workers, struct gc_heap *heap, unsigned count);
void gc_workers_close(struct gc_workers *workers);

/* Runs job on the calling thread as worker 0 and on whichever helpers join; returns when all have
 * left it. One caller at a time. */
void gc_workers_run(struct gc_workers *workers, gc_worker_job *job, void *context,
                    enum gc_wake wake);

#endif
