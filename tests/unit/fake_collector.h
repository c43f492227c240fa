/* A collector that collects nothing: it spends CPU time of known length on every path on which a
 * mutator may be paused, and tells the recorder of it, or hides it where a test asks for that.
 *
 * Each path is entered as a real collector enters it and is recorded by the heap's own functions;
 * an injection is a spin on the clock of the thread's CPU time, so that neither other programs nor
 * the host change its length. What was injected is noted beside the recorder: the truth that
 * records are compared with.
 *
 * The barrier is a shading half of its own: its slow half is the path `barrier_slow`. So this
 * header takes the place of <gc/gc.h>.
 *
 * Concurrency: `wanted` of a mutator is its own; every injection has a place of its own; steps of
 * the collector thread are asked for and counted with atomics.
 */
#ifndef TESTS_UNIT_FAKE_COLLECTOR_H
#define TESTS_UNIT_FAKE_COLLECTOR_H

#include "barriers/barrier_parts.h"
#include "heap/assert.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/sweep.h"

enum fake_path {
  FAKE_NOTHING,
  FAKE_STOP,             /* a mutator stops the world, because the program forces a collection */
  FAKE_STEP,             /* a mutator stops it at a refill */
  FAKE_STEP_BESIDE,      /* a collector thread stops it */
  FAKE_ASSIST,           /* at a refill */
  FAKE_LAZY_SWEEP,       /* at a refill */
  FAKE_BARRIER_SLOW,     /* at a store */
  FAKE_ALLOCATION_STALL, /* at an allocation that finds no room */
  FAKE_PATHS
};

static const enum gc_pause_kind fake_kinds[FAKE_PATHS] = {
    [FAKE_STOP] = GC_PAUSE_full,
    [FAKE_STEP] = GC_PAUSE_mark_step,
    [FAKE_STEP_BESIDE] = GC_PAUSE_mark_step,
    [FAKE_ASSIST] = GC_PAUSE_assist,
    [FAKE_LAZY_SWEEP] = GC_PAUSE_lazy_sweep,
    [FAKE_BARRIER_SLOW] = GC_PAUSE_barrier_slow,
    [FAKE_ALLOCATION_STALL] = GC_PAUSE_allocation_stall,
};

static const char *const fake_path_names[FAKE_PATHS] = {
    [FAKE_STOP] = "stop",
    [FAKE_STEP] = "step",
    [FAKE_STEP_BESIDE] = "step beside",
    [FAKE_ASSIST] = "assist",
    [FAKE_LAZY_SWEEP] = "lazy sweep",
    [FAKE_BARRIER_SLOW] = "barrier slow",
    [FAKE_ALLOCATION_STALL] = "allocation stall",
};

enum { FAKE_MUTATORS_MAX = 4, FAKE_INJECTIONS_MAX = 1024 };

/* What was spent, as the thread that spent it measured it: a record has at least cpu_ns, and at
 * most around_cpu_ns, which is measured around the recorder's own clocks. Between the two lies what
 * the recorder costs, and what the system charged the thread with meanwhile. */
struct fake_injection {
  enum fake_path path;
  uint64_t thread; /* mutator's number, or GC_REQUESTER_COLLECTOR */
  uint64_t begin_ns, end_ns, cpu_ns, around_cpu_ns;
};

struct fake {
  uint64_t length_ns;                       /* of an injection, CPU time */
  enum fake_path hidden_path;               /* of which the recorder is not told */
  enum fake_path wanted[FAKE_MUTATORS_MAX]; /* by mutator: what its next call is to run into */
  uint32_t steps_wanted, steps_done;        /* atomic; of the collector thread */
  uint64_t beside_cpu_ns;                   /* the collector thread's, in the stops that it made */
  size_t injection_count;                   /* atomic */
  struct fake_injection injections[FAKE_INJECTIONS_MAX]; /* each place its injector's alone */
};

/* The one that the next heap is opened with: hooks are given no context before. */
static struct fake *fake_to_open;

static inline struct fake *fake_of(struct gc_heap *heap) {
  return heap->collector_state;
}

static inline enum fake_path *fake_wanted(struct gc_mutator *mutator) {
  return &fake_of(mutator->heap)->wanted[mutator->private_part->number];
}

static inline struct fake_injection *fake_spend(struct fake *fake, enum fake_path path,
                                                uint64_t thread) {
  struct fake_injection injection = {
      .path = path, .thread = thread, .begin_ns = gc_platform_now_ns()};
  uint64_t begin_cpu_ns = gc_platform_thread_cpu_ns();
  while (injection.cpu_ns < fake->length_ns) {
    injection.cpu_ns = gc_platform_thread_cpu_ns() - begin_cpu_ns;
  }
  injection.end_ns = gc_platform_now_ns();
  size_t place = gc_atomic_fetch_add_relaxed(&fake->injection_count, 1);
  GC_CHECK(place < FAKE_INJECTIONS_MAX, "the test has room for what it injects");
  fake->injections[place] = injection;
  return &fake->injections[place];
}

/* --- the paths ---------------------------------------------------------------------------------*/

/* Within a stop, as its leader. */
static inline void fake_spend_stw(struct gc_heap *heap, enum fake_path path, uint64_t thread) {
  struct fake *fake = fake_of(heap);
  uint64_t begin_cpu_ns = gc_platform_thread_cpu_ns();
  struct gc_phase_clock clock = gc_phase_begin();
  struct fake_injection *injection = fake_spend(fake, path, thread);
  if (fake->hidden_path != path) {
    gc_phase_end(&heap->workers.all[0], clock, GC_PHASE_MARK);
    gc_phase_join(heap);
  }
  injection->around_cpu_ns = gc_platform_thread_cpu_ns() - begin_cpu_ns;
}

/* The eden holds garbage alone. */
static inline void fake_empty_eden_stw(struct gc_heap *heap) {
  struct gc_nursery *nursery = &heap->nursery;
  gc_heap_retire_buffers_stw(heap);
  nursery->eden_limit = nursery->eden_start + nursery->eden_bytes;
  gc_nursery_flip_stw(nursery, nursery->survivor_start[1 - nursery->survivor_in_use]);
}

static inline enum gc_pause_kind fake_collect_stw(struct gc_heap *heap,
                                                  struct gc_request *request) {
  bool is_forced = request->kind == GC_REQUEST_FORCED_FULL;
  enum fake_path path = is_forced ? FAKE_STOP : FAKE_ALLOCATION_STALL;
  uint64_t requester = heap->stop.record.requester;
  if (fake_of(heap)->wanted[requester] == path) {
    fake_spend_stw(heap, path, requester);
    fake_of(heap)->wanted[requester] = FAKE_NOTHING;
  }
  fake_empty_eden_stw(heap);
  return fake_kinds[path];
}

static inline void fake_step(struct gc_mutator *mutator) {
  struct gc_heap *heap = mutator->heap;
  if (gc_stop_begin(heap, mutator, GC_REASON_mark_pace)) {
    fake_spend_stw(heap, FAKE_STEP, mutator->private_part->number);
    *fake_wanted(mutator) = FAKE_NOTHING;
    gc_stop_end(heap, mutator, GC_PAUSE_mark_step);
  }
}

/* On a mutator, while the world runs. */
static inline void fake_spend_running(struct gc_mutator *mutator, enum fake_path path) {
  struct fake *fake = fake_of(mutator->heap);
  uint64_t begin_cpu_ns = gc_platform_thread_cpu_ns();
  struct gc_phase_clock clock = gc_phase_begin();
  struct fake_injection *injection = fake_spend(fake, path, mutator->private_part->number);
  *fake_wanted(mutator) = FAKE_NOTHING;
  if (fake->hidden_path != path && path == FAKE_LAZY_SWEEP) {
    gc_sweep_record(mutator->heap, mutator, 0, clock);
  } else if (fake->hidden_path != path) {
    gc_phase_end_as_pause(mutator, clock, GC_PHASE_MARK, fake_kinds[path]);
  }
  injection->around_cpu_ns = gc_platform_thread_cpu_ns() - begin_cpu_ns;
}

/* Within 2 % of what was spent. Where the system charged the thread with more than that on the way
 * into the record or out of it, the record may say so. */
static inline bool fake_is_recorded_as(double recorded_ns, double cpu_ns, double around_cpu_ns) {
  double most_ns = cpu_ns * 1.02 > around_cpu_ns ? cpu_ns * 1.02 : around_cpu_ns;
  return recorded_ns >= cpu_ns * 0.98 && recorded_ns <= most_ns;
}

static inline void fake_help(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes) {
  (void)bytes;
  switch (*fake_wanted(mutator)) {
  case FAKE_STEP:
    fake_step(mutator);
    break;
  case FAKE_ASSIST:
  case FAKE_LAZY_SWEEP:
    fake_spend_running(mutator, *fake_wanted(mutator));
    break;
  case FAKE_ALLOCATION_STALL:
    /* Relaxed: another mutator that sees it stalls, too, and has nothing to spend. */
    gc_atomic_store_relaxed(&heap->nursery.eden_limit, heap->nursery.eden_start);
    break;
  default:
    break;
  }
}

static inline uint64_t fake_beside(struct gc_heap *heap, struct gc_worker *worker) {
  struct fake *fake = fake_of(heap);
  /* Relaxed: this thread alone counts what is done. */
  while (gc_atomic_load_acquire(&fake->steps_wanted) != /* [pairs: fake-steps] */
         gc_atomic_load_relaxed(&fake->steps_done)) {
    uint64_t begin_cpu_ns = gc_platform_thread_cpu_ns();
    if (gc_stop_begin_beside(heap, worker, GC_REASON_mark_pace)) {
      fake_spend_stw(heap, FAKE_STEP_BESIDE, GC_REQUESTER_COLLECTOR);
      gc_stop_end_beside(heap, worker, GC_PAUSE_mark_step);
      fake->beside_cpu_ns += gc_platform_thread_cpu_ns() - begin_cpu_ns;
      gc_atomic_fetch_add_seq_cst(&fake->steps_done, 1); /* [pairs: fake-steps] */
    }
  }
  return GC_BESIDE_WHEN_WOKEN;
}

/* --- the barrier -------------------------------------------------------------------------------*/

static GC_NEVER_INLINE void gc_shade_fake_slow(struct gc_mutator *mutator) {
  if (*fake_wanted(mutator) == FAKE_BARRIER_SLOW) {
    fake_spend_running(mutator, FAKE_BARRIER_SLOW);
  }
}

static inline void gc_shade_fake_before(struct gc_mutator *mutator, struct gc_ref src,
                                        struct gc_slot slot, struct gc_ref new_ref) {
  (void)src;
  (void)slot;
  (void)new_ref;
  if (GC_UNLIKELY(mutator->shading != 0)) {
    gc_shade_fake_slow(mutator);
  }
}

static inline void gc_shade_fake_after(struct gc_mutator *mutator, struct gc_ref src,
                                       struct gc_slot slot, struct gc_ref new_ref) {
  (void)mutator;
  (void)src;
  (void)slot;
  (void)new_ref;
}

static inline void gc_shade_fake_object_begin(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

static inline void gc_shade_fake_object_end(struct gc_mutator *mutator, struct gc_ref src) {
  (void)mutator;
  (void)src;
}

#define GC_BARRIER_NAME     "fake"
#define GC_BARRIER_REMEMBER none
#define GC_BARRIER_SHADE    fake
#include <gc/allocate.h>
#include <gc/barriers/remember_none.h>
// clang-format off
#include <gc/barriers/barrier.h>
// clang-format on

/* --- the heap ----------------------------------------------------------------------------------*/

extern const struct gc_remembered_ops gc_remember_none_ops;

static inline int fake_open(struct gc_heap *heap) {
  heap->collector_state = fake_to_open;
  heap->marking.is_active = true; /* mutators attach with shading on */
  gc_atomic_store_relaxed(&heap->help_wanted, 1);
  return 0;
}

static inline void fake_close(struct gc_heap *heap) {
  (void)heap;
}

static inline void fake_idle(struct gc_heap *heap, struct gc_mutator *mutator,
                             uint64_t deadline_ns) {
  (void)heap;
  (void)mutator;
  (void)deadline_ns;
}

static const struct gc_collector_hooks fake_hooks = {.name = "fake",
                                                     .collect_stw = fake_collect_stw,
                                                     .beside = fake_beside,
                                                     .help = fake_help,
                                                     .idle = fake_idle,
                                                     .open = fake_open,
                                                     .close = fake_close};

/* Touched as a whole before anything is measured. Null with a sentence. */
static inline struct gc_heap *fake_heap_open(struct fake *fake, char *error, size_t error_size) {
  struct gc_heap *heap = NULL;
  struct gc_options options = gc_options_default();
  options.gc_threads = 1;
  struct gc_heap_parts parts = {.hooks = &fake_hooks,
                                .remembered = &gc_remember_none_ops,
                                .barrier_name = GC_BARRIER_NAME,
                                .collector_threads = 1,
                                .nursery = {.eden_bytes = (size_t)16 << 20},
                                .limit_bytes = (size_t)64 << 20,
                                .old_limit_bytes = (size_t)32 << 20,
                                .block_limit_bytes = (size_t)2 << 20};
  fake_to_open = fake;
  return gc_heap_create(&options, &parts, &heap, error, error_size) == 0 ? heap : NULL;
}

#endif
