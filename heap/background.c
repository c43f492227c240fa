/* Collector threads. See background.h for the protocols. */
#include "heap/background.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/spin_wait.h"
#include <errno.h>
#include <stdlib.h>

static void *thread_main(void *argument) {
  struct gc_worker *worker = argument;
  struct gc_heap *heap = worker->heap;
  struct gc_background *background = &heap->background;
  while (!gc_background_is_stopping(background)) {
    uint32_t seen = gc_atomic_load_seq_cst(&background->wake_number); /* [pairs: background-wake] */
    uint64_t again_ns = heap->hooks->beside(heap, worker);
    if (gc_background_is_stopping(background)) {
      break;
    }
    if (again_ns == GC_BESIDE_WHEN_WOKEN) {
      gc_platform_park(&background->wake_number, seen);
    } else if (again_ns > 0) {
      gc_platform_park_for(&background->wake_number, seen, again_ns);
    }
  }
  return NULL;
}

int gc_background_open(struct gc_background *background, struct gc_heap *heap, unsigned count) {
  *background = (struct gc_background){.stress_yield_us = heap->options.stress_yield_us,
                                       .stress_state = heap->options.seed};
  if (count == 0) {
    return 0;
  }
  background->all = aligned_alloc(64, (count + 1) * sizeof *background->all);
  if (background->all == NULL) {
    return -ENOMEM;
  }
  for (unsigned index = 0; index <= count; index++) {
    background->all[index] = (struct gc_worker){.heap = heap,
                                                .workers = &heap->workers,
                                                .index = heap->workers.count + index,
                                                .small = {.block = GC_NO_BLOCK},
                                                .big = {.block = GC_NO_BLOCK}};
  }
  for (unsigned index = 0; index < count; index++) {
    struct gc_worker *worker = &background->all[index];
    int error = gc_heap_ring_init(heap, &worker->ring, worker->index);
    if (error == 0) {
      error = -pthread_create(&worker->thread, NULL, thread_main, worker);
    }
    if (error != 0) {
      gc_event_ring_finish(&worker->ring);
      gc_background_stop(background);
      return error;
    }
    background->count = index + 1;
  }
  return 0;
}

void gc_background_stop(struct gc_background *background) {
  if (gc_background_is_stopping(background)) {
    return;
  }
  gc_atomic_store_seq_cst(&background->stopping, 1); /* [pairs: background-wake] */
  for (unsigned section = 0; section < GC_SECTIONS; section++) {
    gc_atomic_store_seq_cst(&background->rest[section], 1); /* [pairs: background-rest] */
  }
  gc_background_wake(background);
  for (unsigned index = 0; index < background->count; index++) {
    pthread_join(background->all[index].thread, NULL);
  }
}

void gc_background_close(struct gc_background *background) {
  for (unsigned index = 0; index < background->count; index++) {
    gc_event_ring_finish(&background->all[index].ring);
  }
  free(background->all);
  *background = (struct gc_background){0};
}

void gc_background_wake(struct gc_background *background) {
  gc_atomic_fetch_add_seq_cst(&background->wake_number, 1); /* [pairs: background-wake] */
  if (background->count > 0) {
    gc_platform_unpark_all(&background->wake_number);
  }
}

bool gc_background_is_stopping(struct gc_background *background) {
  return gc_atomic_load_seq_cst(&background->stopping) != 0; /* [pairs: background-wake] */
}

/* Under the stress option, up to that many microseconds, every second time none. */
static void stress_yield(struct gc_background *background) {
  if (background->stress_yield_us != 0) {
    uint64_t random =
        gc_atomic_fetch_add_relaxed(&background->stress_state, UINT64_C(0x9e3779b97f4a7c15));
    random = (random ^ (random >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    if (random >> 63 != 0) {
      gc_platform_sleep_us((random >> 32) % background->stress_yield_us);
    }
  }
}

bool gc_background_enter(struct gc_background *background, enum gc_section section) {
  stress_yield(background);
  gc_atomic_fetch_add_seq_cst(&background->working[section], 1); /* [pairs: background-rest] */
  if (gc_atomic_load_seq_cst(&background->rest[section]) == 0 && /* [pairs: background-rest] */
      !gc_background_is_stopping(background)) {
    return true;
  }
  gc_background_leave(background, section);
  return false;
}

void gc_background_leave(struct gc_background *background, enum gc_section section) {
  stress_yield(background);
  gc_atomic_fetch_sub_seq_cst(&background->working[section], 1); /* [pairs: background-rest] */
}

void gc_background_rest_stw(struct gc_background *background, enum gc_section section) {
  gc_atomic_store_seq_cst(&background->rest[section], 1); /* [pairs: background-rest] */
  for (unsigned turn = 1; gc_atomic_load_seq_cst(&background->working[section]) != 0;
       turn++) { /* [pairs: background-rest] */
    gc_spin_wait(turn);
  }
}

void gc_background_resume_stw(struct gc_background *background, enum gc_section section) {
  gc_atomic_store_seq_cst(&background->rest[section], 0); /* [pairs: background-rest] */
}

struct gc_worker *gc_background_begin_assist(struct gc_background *background) {
  if (background->count == 0 ||
      gc_atomic_exchange_acquire(&background->assisting, 1) != 0) { /* [pairs: background-assist] */
    return NULL;
  }
  return &background->all[background->count];
}

void gc_background_end_assist(struct gc_background *background) {
  gc_atomic_store_release(&background->assisting, 0); /* [pairs: background-assist] */
}

void gc_background_phase_end(struct gc_worker *worker, struct gc_phase_clock clock,
                             unsigned phase) {
  gc_event_write(&worker->ring, phase, .cycle = gc_atomic_load_relaxed(&worker->heap->cycle_count),
                 .phase = phase, .worker = worker->index, .begin_ns = clock.begin_ns,
                 .end_ns = gc_platform_now_ns(),
                 .cpu_ns = gc_platform_thread_cpu_ns() - clock.begin_cpu_ns);
}
