/* Stopping and resuming the world, and the clocks of a stop's phases. See stop.h for the protocol.
 */
#include "heap/stop.h"
#include "heap/assert.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/stop_report.h"
#include <errno.h>

/* How long both sides of a stop spin before they park: an answer takes a few microseconds as a
 * rule, a wake-up 100 (LIMITS). */
#define STOP_SPIN_NS UINT64_C(50000)

/* How often those who wait for somebody else's stop, and are not stopped by it, look again. */
#define BESIDE_WAIT_US 50

/* Below this, CPU clocks are not read: the two reads cost 0.8 us (LIMITS). */
#define CPU_CLOCK_FROM_NS UINT64_C(20000)

/* A mutator's own work for the collector under this is no pause: METHODOLOGY's noise. */
#define PAUSE_RECORDED_FROM_NS UINT64_C(1000)

int gc_stop_open(struct gc_stop *stop) {
  *stop = (struct gc_stop){0};
  return -pthread_mutex_init(&stop->mutators_lock, NULL);
}

void gc_stop_close(struct gc_stop *stop) {
  pthread_mutex_destroy(&stop->mutators_lock);
}

/* Waits until the stopper has set this mutator's state to something else than `state`. */
static void wait_for_resume(struct gc_heap *heap, struct gc_mutator_private *private,
                            uint32_t state) {
  struct gc_stop *stop = &heap->stop;
  uint64_t spin_end_ns = gc_platform_now_ns() + STOP_SPIN_NS;
  while (gc_atomic_load_acquire(&private->state) == state) { /* [pairs: mutator-state] */
    if (gc_platform_now_ns() < spin_end_ns) {
      gc_platform_spin_pause();
      continue;
    }
    gc_atomic_fetch_add_seq_cst(&stop->parked, 1);                  /* [pairs: resume-park] */
    uint32_t number = gc_atomic_load_seq_cst(&stop->resume_number); /* [pairs: resume-park] */
    if (gc_atomic_load_acquire(&private->state) == state) {         /* [pairs: mutator-state] */
      gc_platform_park(&stop->resume_number, number);
    }
    gc_atomic_fetch_sub_seq_cst(&stop->parked, 1); /* [pairs: resume-park] */
  }
}

static void tell_stopper(struct gc_stop *stop) {
  gc_atomic_fetch_add_seq_cst(&stop->stopped_number, 1);    /* [pairs: stopped-park] */
  if (gc_atomic_load_seq_cst(&stop->stopper_parked) != 0) { /* [pairs: stopped-park] */
    gc_platform_unpark_all(&stop->stopped_number);
  }
}

static void record_pause(struct gc_heap *heap, struct gc_mutator_private *private,
                         uint64_t begin_ns) {
  gc_event_write(&private->ring, pause, .stop_id = heap->stop.record.stop_id,
                 .mutator = private->number, .kind = heap->stop.record.kind, .begin_ns = begin_ns,
                 .end_ns = gc_platform_now_ns());
  gc_stop_note_safepoint(private);
}

static void stress_sleep(struct gc_heap *heap, struct gc_mutator_private *private) {
  if (heap->options.stress_sleep_us != 0) {
    private->random_state = private->random_state * 6364136223846793005u + 1442695040888963407u;
    gc_platform_sleep_us((private->random_state >> 33) % heap->options.stress_sleep_us);
  }
}

/* The first pause began at begin_ns. */
static void answer(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t begin_ns) {
  struct gc_mutator_private *private = mutator->private_part;
  do {
    while (gc_atomic_load_seq_cst(&mutator->stop_requested) != 0) { /* [pairs: stop-request] */
      begin_ns = begin_ns != 0 ? begin_ns : gc_platform_now_ns();
      stress_sleep(heap, private);
      gc_atomic_store_seq_cst(&private->state, GC_MUTATOR_STOPPED); /* [pairs: mutator-state] */
      tell_stopper(&heap->stop);
      wait_for_resume(heap, private, GC_MUTATOR_STOPPED);
      record_pause(heap, private, begin_ns);
      begin_ns = 0;
    }
    /* A stop that retired no buffers leaves the rest of this one to its owner. */
    (void)gc_atomic_exchange_seq_cst(&mutator->allocation_limit,
                                     private->buffer_end);         /* [pairs: stop-request] */
  } while (gc_atomic_load_seq_cst(&mutator->stop_requested) != 0); /* [pairs: stop-request] */
}

void gc_stop_answer(struct gc_heap *heap, struct gc_mutator *mutator) {
  answer(heap, mutator, 0);
}

void gc_stop_wake_stopper(struct gc_heap *heap) {
  tell_stopper(&heap->stop);
}

void gc_stop_leave_blocked(struct gc_heap *heap, struct gc_mutator *mutator) {
  struct gc_mutator_private *private = mutator->private_part;
  uint64_t begin_ns = 0;
  for (;;) {
    uint32_t state = GC_MUTATOR_BLOCKED;
    if (gc_atomic_compare_exchange_seq_cst(&private->state, &state,
                                           GC_MUTATOR_RUNNING)) { /* [pairs: mutator-state] */
      break;
    }
    begin_ns = begin_ns != 0 ? begin_ns : gc_platform_now_ns();
    wait_for_resume(heap, private, GC_MUTATOR_BLOCKED_STOPPED);
  }
  if (begin_ns != 0) {
    record_pause(heap, private, begin_ns);
  }
}

static bool is_stopped(struct gc_mutator_private *private) {
  uint32_t state = gc_atomic_load_seq_cst(&private->state); /* [pairs: mutator-state] */
  if (state == GC_MUTATOR_BLOCKED) {
    return gc_atomic_compare_exchange_seq_cst(
        &private->state, &state, GC_MUTATOR_BLOCKED_STOPPED); /* [pairs: mutator-state] */
  }
  return state != GC_MUTATOR_RUNNING;
}

static void wait_until_stopped(struct gc_stop *stop, struct gc_mutator_private *private,
                               uint64_t spin_end_ns, struct gc_stop_wait *wait) {
  wait->waited_ns = 0;
  while (!is_stopped(private)) {
    if (gc_platform_now_ns() < spin_end_ns) {
      gc_platform_spin_pause();
      continue;
    }
    uint32_t number = gc_atomic_load_seq_cst(&stop->stopped_number); /* [pairs: stopped-park] */
    gc_atomic_store_seq_cst(&stop->stopper_parked, 1);               /* [pairs: stopped-park] */
    if (!is_stopped(private)) {
      gc_stop_wait_park(wait, private, number);
    }
    gc_atomic_store_seq_cst(&stop->stopper_parked, 0); /* [pairs: stopped-park] */
  }
}

static void request_stop(struct gc_mutator *mutator) {
  gc_atomic_store_seq_cst(&mutator->stop_requested, 1);            /* [pairs: stop-request] */
  (void)gc_atomic_exchange_seq_cst(&mutator->allocation_limit, 0); /* [pairs: stop-request] */
}

/* Who stops the world: a mutator, or a collector thread. */
struct stopper {
  const void *identity;
  struct gc_mutator *mutator; /* null: a collector thread */
  struct gc_event_ring *ring;
  uint64_t number;
};

static struct stopper stopper_of_mutator(struct gc_mutator *mutator) {
  return (struct stopper){mutator, mutator, &mutator->private_part->ring,
                          mutator->private_part->number};
}

static struct stopper stopper_of_worker(struct gc_worker *worker) {
  return (struct stopper){worker, NULL, &worker->ring, GC_REQUESTER_COLLECTOR};
}

/* A collector thread waits until the world runs. Such a stop may be a long one. */
static void wait_for_running_world(struct gc_heap *heap) {
  while (gc_atomic_load_acquire(&heap->stop.stopper) != NULL) { /* [pairs: stop-owner] */
    gc_platform_sleep_us(BESIDE_WAIT_US);
  }
}

/* Somebody else stops the world: waits until that is over. It is a pause since begin_ns. */
static void wait_for_other_stop(struct gc_heap *heap, struct gc_mutator *mutator,
                                uint64_t begin_ns) {
  while (gc_atomic_load_acquire(&heap->stop.stopper) != NULL) {  /* [pairs: stop-owner] */
    if (gc_atomic_load_seq_cst(&mutator->stop_requested) != 0) { /* [pairs: stop-request] */
      answer(heap, mutator, begin_ns);
      return;
    }
    if (gc_platform_now_ns() - begin_ns < STOP_SPIN_NS) {
      gc_platform_yield();
    } else { /* the stopper is kept from its processor: no use in taking another */
      gc_platform_sleep_us(BESIDE_WAIT_US);
    }
  }
}

static bool try_become_stopper(struct gc_stop *stop, const void *identity) {
  const void *nobody = NULL;
  return gc_atomic_compare_exchange_acq_rel(&stop->stopper, &nobody,
                                            identity); /* [pairs: stop-owner] */
}

/* The caller is the stopper: stops every mutator but itself. */
static void stop_all(struct gc_heap *heap, const struct stopper *stopper,
                     enum gc_pause_reason reason, uint64_t request_ns) {
  struct gc_stop *stop = &heap->stop;
  const struct gc_mutator *mutator = stopper->mutator;
  pthread_mutex_lock(&stop->mutators_lock);
  for (struct gc_mutator_private *other = heap->mutators; other != NULL; other = other->next) {
    if (&other->mutator != mutator) {
      request_stop(&other->mutator);
    }
  }
  struct gc_stop_wait wait = {.heap = heap, .reason = reason, .requester = stopper->number};
  for (struct gc_mutator_private *other = heap->mutators; other != NULL; other = other->next) {
    if (&other->mutator != mutator) {
      wait_until_stopped(stop, other, request_ns + STOP_SPIN_NS, &wait);
    }
  }
  stop->record = (struct gc_event_stop){
      .stop_id = heap->statistics.stop_count + 1,
      .reason = reason,
      .requester = stopper->number,
      .threads = 1,
      .request_ns = request_ns,
      .stopped_ns = gc_platform_now_ns(),
      .used_before_bytes = gc_heap_used_bytes(heap),
      .nursery_before_bytes = gc_nursery_used_bytes(&heap->nursery),
  };
  stop->external_before_bytes = gc_external_bytes(&heap->external);
  gc_external_note_peak_stw(&heap->external);
}

bool gc_stop_begin(struct gc_heap *heap, struct gc_mutator *mutator, enum gc_pause_reason reason) {
  uint64_t request_ns = gc_platform_now_ns();
  struct stopper stopper = stopper_of_mutator(mutator);
  if (!try_become_stopper(&heap->stop, stopper.identity)) {
    /* Relaxed: it is this mutator only if it was this thread that wrote it. */
    GC_CHECK(
        gc_atomic_load_relaxed(&heap->stop.stopper) != mutator,
        "who has stopped the world asks for no other stop: a callback that is called meanwhile "
        "neither allocates nor collects");
    wait_for_other_stop(heap, mutator, request_ns);
    return false;
  }
  stop_all(heap, &stopper, reason, request_ns);
  return true;
}

bool gc_stop_begin_beside(struct gc_heap *heap, struct gc_worker *worker,
                          enum gc_pause_reason reason) {
  uint64_t request_ns = gc_platform_now_ns();
  struct stopper stopper = stopper_of_worker(worker);
  if (!try_become_stopper(&heap->stop, stopper.identity)) {
    wait_for_running_world(heap);
    return false;
  }
  stop_all(heap, &stopper, reason, request_ns);
  return true;
}

static void resume(struct gc_mutator_private *private) {
  gc_atomic_store_relaxed(&private->mutator.stop_requested, 0); /* ordered by the state below */
  uint32_t state = gc_atomic_load_relaxed(&private->state);
  gc_atomic_store_seq_cst(&private->state, state == GC_MUTATOR_BLOCKED_STOPPED
                                               ? GC_MUTATOR_BLOCKED
                                               : GC_MUTATOR_RUNNING); /* [pairs: mutator-state] */
}

static void resume_all(struct gc_heap *heap, const struct gc_mutator *stopper) {
  struct gc_stop *stop = &heap->stop;
  for (struct gc_mutator_private *other = heap->mutators; other != NULL; other = other->next) {
    if (&other->mutator != stopper) {
      resume(other);
    }
  }
  gc_atomic_fetch_add_seq_cst(&stop->resume_number, 1); /* [pairs: resume-park] */
  if (gc_atomic_load_seq_cst(&stop->parked) != 0) {     /* [pairs: resume-park] */
    gc_platform_unpark_all(&stop->resume_number);
  }
}

/* Relaxed: sweepers beside the mutators may be counting. */
static void record_sample(struct gc_heap *heap, struct gc_event_ring *ring, uint64_t now_ns) {
  gc_event_write(
      ring, sample, .time_ns = now_ns, .nursery_bytes = gc_nursery_used_bytes(&heap->nursery),
      .old_bytes = gc_atomic_load_relaxed(&heap->old.live_bytes) +
                   gc_atomic_load_relaxed(&heap->old.allocated_bytes),
      .large_bytes = gc_atomic_load_relaxed(&heap->large.live_bytes),
      .committed_bytes = gc_heap_committed_bytes(heap), .limit_bytes = heap->budget.limit_bytes,
      .metadata_bytes = gc_heap_metadata_bytes(heap),
      .external_bytes = gc_external_bytes(&heap->external),
      .old_blocks_bytes = gc_old_space_blocks_bytes(&heap->old),
      .external_before_bytes = heap->stop.external_before_bytes);
}

static void end_stop(struct gc_heap *heap, const struct stopper *stopper, enum gc_pause_kind kind) {
  struct gc_event_stop *record = &heap->stop.record;
  struct gc_event_ring *ring = stopper->ring;
  record->kind = kind;
  record->cycle = heap->cycle_count;
  record->used_after_bytes = gc_heap_used_bytes(heap);
  record->work_end_ns = gc_platform_now_ns();
  if (record->work_end_ns - record->request_ns < CPU_CLOCK_FROM_NS) {
    record->cpu_ns = record->cpu_total_ns = record->scavenge_cpu_ns = 0;
  }
  struct gc_event_stop finished = *record;
  heap->statistics.stop_count++;
  heap->statistics.stop_ns += finished.work_end_ns - finished.request_ns;
  gc_external_note_peak_stw(&heap->external);
  if (finished.used_before_bytes > heap->peak_used_bytes) {
    gc_atomic_store_relaxed(&heap->peak_used_bytes, finished.used_before_bytes);
  }
  record_sample(heap, ring, finished.work_end_ns);
  resume_all(heap, stopper->mutator);
  pthread_mutex_unlock(&heap->stop.mutators_lock);
  gc_atomic_store_release(&heap->stop.stopper, NULL); /* [pairs: stop-owner] */

  finished.resumed_ns = gc_platform_now_ns();
  gc_event_ring_write(ring, GC_EVENT_stop, (const uint64_t *)&finished,
                      sizeof finished / sizeof(uint64_t));
  if (stopper->mutator != NULL) {
    gc_event_write(ring, pause, .stop_id = finished.stop_id, .mutator = stopper->number,
                   .kind = kind, .begin_ns = finished.request_ns, .end_ns = finished.resumed_ns);
  }
}

void gc_stop_end(struct gc_heap *heap, struct gc_mutator *mutator, enum gc_pause_kind kind) {
  struct stopper stopper = stopper_of_mutator(mutator);
  end_stop(heap, &stopper, kind);
}

void gc_stop_end_beside(struct gc_heap *heap, struct gc_worker *worker, enum gc_pause_kind kind) {
  struct stopper stopper = stopper_of_worker(worker);
  end_stop(heap, &stopper, kind);
}

struct gc_phase_clock gc_phase_begin(void) {
  return (struct gc_phase_clock){.begin_ns = gc_platform_now_ns(),
                                 .begin_cpu_ns = gc_platform_thread_cpu_ns()};
}

void gc_phase_end(struct gc_worker *worker, struct gc_phase_clock clock, unsigned phase) {
  const struct gc_heap *heap = worker->heap;
  uint64_t end_ns = gc_platform_now_ns(), wall_ns = end_ns - clock.begin_ns;
  bool is_long = wall_ns >= CPU_CLOCK_FROM_NS;
  uint64_t cpu_ns = is_long ? gc_platform_thread_cpu_ns() - clock.begin_cpu_ns : 0;
  worker->phase_cpu_ns = is_long ? cpu_ns : wall_ns;
  worker->worked = true;
  gc_event_write(&worker->ring, phase, .stop_id = heap->stop.record.stop_id,
                 .cycle = heap->cycle_count, .phase = phase, .worker = worker->index,
                 .begin_ns = clock.begin_ns, .end_ns = end_ns, .cpu_ns = cpu_ns);
}

void gc_phase_end_as_pause(struct gc_mutator *mutator, struct gc_phase_clock clock, unsigned phase,
                           enum gc_pause_kind kind) {
  struct gc_mutator_private *private = mutator->private_part;
  uint64_t end_ns = gc_platform_now_ns(), wall_ns = end_ns - clock.begin_ns;
  if (wall_ns < PAUSE_RECORDED_FROM_NS) {
    return;
  }
  if (wall_ns >= CPU_CLOCK_FROM_NS) {
    gc_event_write(&private->ring, phase,
                   .cycle = gc_atomic_load_relaxed(&mutator->heap->cycle_count), .phase = phase,
                   .worker = private->number, .begin_ns = clock.begin_ns, .end_ns = end_ns,
                   .cpu_ns = gc_platform_thread_cpu_ns() - clock.begin_cpu_ns);
  }
  gc_event_write(&private->ring, pause, .mutator = private->number, .kind = kind,
                 .begin_ns = clock.begin_ns, .end_ns = end_ns);
}

uint64_t gc_phase_join(struct gc_heap *heap) {
  uint64_t critical_ns = 0, total_ns = 0, threads = 0;
  for (unsigned index = 0; index < heap->workers.count; index++) {
    struct gc_worker *worker = &heap->workers.all[index];
    if (worker->worked) {
      critical_ns = worker->phase_cpu_ns > critical_ns ? worker->phase_cpu_ns : critical_ns;
      total_ns += worker->phase_cpu_ns;
      threads++;
      worker->worked = false;
    }
  }
  heap->stop.record.cpu_ns += critical_ns;
  heap->stop.record.cpu_total_ns += total_ns;
  if (threads > heap->stop.record.threads) {
    heap->stop.record.threads = threads;
  }
  return critical_ns;
}
