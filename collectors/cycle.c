/* The cycle's hooks: what a stop asks for, help at refills, collector threads. See cycle.h. */
#include "collectors/cycle.h"
#include "collectors/last_resort.h"
#include "collectors/room.h"
#include "collectors/sizing.h"
#include "heap/assert.h"
#include "heap/platform.h"
#include "heap/verify.h"
#include <errno.h>
#include <gc/safepoint.h>
#include <stdlib.h>
#include <string.h>

/* Room at which a cycle begins before any rate was measured: this share of old space. */
#define UNMEASURED_SHARE 4

/* A mutator sweeps so many blocks at a time, within the pause target, when memory is held that a cycle
 * has found dead, and the memory cap is near. */
#define BLOCKS_NEAR_CAP 16

uint64_t gc_beside_nothing(struct gc_cycle *cycle, struct gc_worker *worker) {
  (void)cycle;
  (void)worker;
  return GC_BESIDE_WHEN_WOKEN;
}

void gc_help_nothing(struct gc_cycle *cycle, struct gc_mutator *mutator) {
  (void)cycle;
  (void)mutator;
}

void gc_cycle_nothing(struct gc_cycle *cycle) {
  (void)cycle;
}

bool gc_cycle_stop(struct gc_cycle *cycle, struct gc_cycle_driver driver,
                   enum gc_pause_reason reason) {
  return driver.mutator != NULL ? gc_stop_begin(cycle->heap, driver.mutator, reason)
                                : gc_stop_begin_beside(cycle->heap, driver.worker, reason);
}

void gc_cycle_resume(struct gc_cycle *cycle, struct gc_cycle_driver driver,
                     enum gc_pause_kind kind) {
  if (driver.mutator != NULL) {
    gc_stop_end(cycle->heap, driver.mutator, kind);
  } else {
    gc_stop_end_beside(cycle->heap, driver.worker, kind);
  }
}

void gc_cycle_verify_stw(struct gc_cycle *cycle, enum gc_verify_moment moment) {
  if (cycle->heap->options.verify_level > 0) {
    cycle->composition.young->retire_stw(cycle); /* bitmaps say what is in mutators' buffers */
    gc_verify_stw_single(cycle->heap, moment);
  }
}

uint64_t gc_cycle_direct_bytes(const struct gc_heap *heap) {
  return gc_atomic_load_relaxed(&heap->direct_allocated_bytes) +
         gc_atomic_load_relaxed(&heap->large.allocated_bytes);
}

void gc_cycle_collect_young_stw(struct gc_cycle *cycle, enum gc_promotion promotion) {
  struct gc_heap *heap = cycle->heap;
  uint64_t begin_ns = gc_platform_now_ns();
  uint64_t promoted_before = heap->statistics.promoted_bytes;
  uint64_t allocated_before = heap->statistics.allocated_bytes;
  uint64_t direct_before = cycle->direct_seen_bytes;
  cycle->composition.young->collect_stw(cycle, promotion);
  gc_nursery_target_learn(&cycle->nursery_target, heap->survival.last_cpu_ns,
                          heap->survival.last_eden_bytes);
  heap->nursery.eden_wanted_bytes = cycle->nursery_target.eden_bytes;
  gc_room_cap_eden_stw(heap);
  gc_pretenuring_learn_stw(cycle);
  cycle->direct_seen_bytes = gc_cycle_direct_bytes(heap);
  uint64_t direct_bytes = cycle->direct_seen_bytes - direct_before;
  uint64_t promoted_bytes = heap->statistics.promoted_bytes - promoted_before;
  uint64_t allocated_bytes = heap->statistics.allocated_bytes - allocated_before;
  cycle->promoted_bytes += heap->marking.is_active ? promoted_bytes + direct_bytes : 0;
  gc_pacer_scavenged(&cycle->pacer, begin_ns, gc_platform_now_ns(), allocated_bytes + direct_bytes,
                     promoted_bytes + direct_bytes);
}

/* At most half of the room that the last cycle left: however fast the program promotes, cycles are
 * at most twice as many as with the world stopped, and steps or assists the more. */
size_t gc_cycle_promoted_meanwhile_bytes(const struct gc_cycle *cycle) {
  if (!cycle->composition.mark->is_beside) {
    return 0;
  }
  size_t expected_bytes =
      gc_pacer_promoted_while_marking(&cycle->pacer, gc_heap_old_used_bytes(cycle->heap));
  size_t most_bytes = gc_atomic_load_relaxed(&cycle->room_after_cycle_bytes) / 2;
  return expected_bytes < most_bytes ? expected_bytes : most_bytes;
}

/* Whether a scavenge is of no use to the request, or was none. */
static bool wants_old_room(const struct gc_heap *heap, const struct gc_request *request) {
  bool is_buffer = request->kind == GC_REQUEST_BUFFER;
  return request->kind == GC_REQUEST_LARGE ||
         (is_buffer && (request->attempt > 0 || !gc_heap_has_nursery(heap)));
}

static bool stress_wants_cycle(const struct gc_heap *heap, const struct gc_request *request) {
  uint64_t every = heap->options.stress_full_every;
  return request->kind != GC_REQUEST_FORCED_MINOR && every != 0 &&
         heap->collection_count % every == 0;
}

/* Leaves the eden its whole size, where sweeping can find the room for it. */
static void run_full(struct gc_cycle *cycle) {
  gc_cycle_run_full_stw(cycle, cycle->composition.compact);
  gc_cycle_sweep_stw(cycle, cycle->heap->nursery.eden_bytes);
  gc_cycle_see_sweep_end(cycle);
}

/* A scavenge while a cycle marks; the rest of the cycle too where room is spent. */
static enum gc_pause_kind collect_while_marking(struct gc_cycle *cycle,
                                                const struct gc_request *request) {
  struct gc_heap *heap = cycle->heap;
  if (request->kind == GC_REQUEST_DUE) {
    return GC_PAUSE_mark_step; /* another mutator was first */
  }
  if (!heap->options.interleave_minor && request->kind == GC_REQUEST_BUFFER &&
      gc_room_grow_eden_stw(heap)) {
    return GC_PAUSE_mark_step;
  }
  gc_cycle_collect_young_stw(cycle, GC_PROMOTE_AGED);
  gc_cycle_pace_stw(cycle);
  if (!gc_heap_has_nursery(heap) || !gc_room_is_spent(cycle)) {
    return gc_cycle_finish_dry_stw(cycle) ? GC_PAUSE_remark : GC_PAUSE_scavenge;
  }
  gc_cycle_rest_markers_stw(cycle);
  (void)gc_cycle_finish_marking_stw(cycle, GC_PAUSE_degenerated, 0);
  gc_cycle_sweep_stw(cycle, heap->nursery.eden_bytes);
  gc_cycle_see_sweep_end(cycle);
  heap->statistics.degenerated_count++;
  return GC_PAUSE_degenerated;
}

/* A cycle is due. */
static enum gc_pause_kind begin_cycle(struct gc_cycle *cycle, struct gc_request *request) {
  struct gc_heap *heap = cycle->heap;
  if (request->kind == GC_REQUEST_BUFFER && request->attempt == 0) {
    heap->stop.record.reason = GC_REASON_old_space_full;
  }
  gc_cycle_rest_markers_stw(cycle);
  if (!cycle->composition.mark->is_beside || heap->options.pause_target_ns == UINT64_MAX) {
    run_full(cycle);
    bool slides = gc_last_resort_slides(&heap->options, &cycle->composition);
    request->had_full = true;
    request->is_last = gc_cycle_is_swept(cycle) && !slides;
    if (request->is_last) {
      gc_cycle_close_useless_eden_stw(cycle);
    }
    return GC_PAUSE_full;
  }
  gc_cycle_sweep_stw(cycle, SIZE_MAX);
  if (!gc_atomic_load_relaxed(&cycle->is_prepared)) {
    cycle->composition.compact->select(cycle);
  }
  gc_cycle_begin_marking_stw(cycle);
  gc_room_cap_eden_stw(heap);
  return GC_PAUSE_cycle_begin;
}

/* While blocks await their sweep no cycle begins, and room is what the sweep has yet to find: where
 * the eden would be short, the pause finds it. */
static bool is_cycle_due(struct gc_cycle *cycle) {
  if (!gc_cycle_is_swept(cycle)) {
    gc_room_cap_eden_stw(cycle->heap);
    gc_cycle_sweep_stw(cycle, gc_room_wanted_eden_bytes(cycle->heap) / 2);
    gc_cycle_see_sweep_end(cycle);
  }
  return gc_cycle_is_swept(cycle) &&
         gc_room_is_cycle_due(cycle, gc_cycle_promoted_meanwhile_bytes(cycle));
}

/* A cycle will be due soon: collector threads choose what to move. */
static void prepare_soon(struct gc_cycle *cycle) {
  if (cycle->phase == GC_CYCLE_IDLE && gc_cycle_is_swept(cycle) &&
      cycle->composition.mark->is_beside &&
      gc_room_is_cycle_due(cycle, 2 * gc_cycle_promoted_meanwhile_bytes(cycle))) {
    gc_atomic_store_relaxed(&cycle->phase, GC_CYCLE_PREPARE);
  }
}

static enum gc_pause_kind collect(struct gc_cycle *cycle, struct gc_request *request) {
  if (request->kind == GC_REQUEST_FORCED_FULL) {
    return gc_cycle_collect_all_stw(cycle, request);
  }
  if (wants_old_room(cycle->heap, request)) {
    return gc_cycle_climb_stw(cycle, request);
  }
  if (cycle->phase == GC_CYCLE_MARK) {
    return collect_while_marking(cycle, request);
  }
  bool is_minor = request->kind == GC_REQUEST_FORCED_MINOR;
  if (!is_minor && (request->kind == GC_REQUEST_DUE || is_cycle_due(cycle) ||
                    stress_wants_cycle(cycle->heap, request))) {
    return begin_cycle(cycle, request);
  }
  gc_cycle_collect_young_stw(cycle, GC_PROMOTE_AGED);
  prepare_soon(cycle);
  return GC_PAUSE_scavenge;
}

/* Whether a cycle may be due before an allocation in the old generation finds no room. */
static bool begins_between_scavenges(const struct gc_cycle *cycle) {
  return cycle->composition.mark->is_beside || cycle->heap->options.memory_cap_bytes != 0;
}

void gc_cycle_update_help(struct gc_cycle *cycle) {
  const struct gc_composition *composition = &cycle->composition;
  bool marks = cycle->phase == GC_CYCLE_MARK && composition->mark->help != gc_help_nothing;
  bool sweeps = composition->sweep->help != gc_help_nothing && !gc_cycle_is_swept(cycle);
  gc_atomic_store_relaxed(&cycle->heap->help_wanted,
                          marks || sweeps || begins_between_scavenges(cycle));
}

void gc_cycle_rest_markers_stw(struct gc_cycle *cycle) {
  gc_background_rest_stw(&cycle->heap->background, GC_SECTION_MARK);
  cycle->markers_rest = true;
}

void gc_cycle_resume_threads_stw(struct gc_cycle *cycle) {
  struct gc_background *background = &cycle->heap->background;
  bool marks = cycle->phase == GC_CYCLE_MARK;
  if (marks && cycle->markers_rest) {
    gc_mark_share_reopen(&cycle->heap->marking.share, 0);
  }
  gc_background_resume_stw(background, GC_SECTION_SWEEP);
  gc_background_resume_stw(background, GC_SECTION_MARK);
  if ((marks && cycle->markers_rest) || cycle->phase == GC_CYCLE_PREPARE ||
      !gc_cycle_is_swept(cycle)) {
    gc_background_wake(background);
  }
  cycle->markers_rest = false;
}

/* What the collection has come to; where nothing was scavenged, the heap is as before the next. */
static enum gc_verify_moment moment_after(const struct gc_heap *heap, enum gc_pause_kind kind,
                                          uint64_t scavenges_before) {
  if (kind == GC_PAUSE_full) {
    return GC_VERIFY_AFTER_FULL;
  }
  return heap->statistics.scavenge_count != scavenges_before ? GC_VERIFY_AFTER_MINOR
                                                             : GC_VERIFY_BEFORE;
}

static bool is_futile(const struct gc_cycle *cycle) {
  uint64_t most = cycle->heap->options.ineffective_collections;
  return most != 0 && cycle->ineffective_cycles >= most;
}

/* The ladder has ended without room, or collections have been of no use: the program may raise the
 * limit, and then it goes on. */
static void ask_for_more(struct gc_cycle *cycle, struct gc_request *request) {
  struct gc_heap *heap = cycle->heap;
  bool is_wanted = request->kind == GC_REQUEST_BUFFER || request->kind == GC_REQUEST_LARGE;
  bool ended = request->is_last && !gc_cycle_has_room_stw(heap, request);
  bool gives_up = is_futile(cycle);
  if (!is_wanted || (!ended && !gives_up)) {
    return;
  }
  cycle->ineffective_cycles = 0;
  if (gc_limits_raise_stw(heap)) {
    gc_room_cap_eden_stw(heap);
    request->is_last = false;
  } else if (gives_up) {
    request->is_last = request->is_refused = true;
  }
}

static enum gc_pause_kind collect_stw(struct gc_heap *heap, struct gc_request *request) {
  struct gc_cycle *cycle = gc_cycle_of(heap);
  uint64_t scavenges_before = heap->statistics.scavenge_count;
  gc_background_rest_stw(&heap->background, GC_SECTION_SWEEP);
  if (heap->options.verify_level > 0) {
    gc_cycle_rest_markers_stw(cycle);
  }
  gc_cycle_verify_stw(cycle, GC_VERIFY_BEFORE);
  heap->collection_count++;
  gc_cycle_see_sweep_end(cycle);
  enum gc_pause_kind kind = collect(cycle, request);
  ask_for_more(cycle, request);
  gc_cycle_update_help(cycle);
  gc_heap_bound_committed(heap);
  gc_cycle_verify_stw(cycle, moment_after(heap, kind, scavenges_before));
  gc_cycle_resume_threads_stw(cycle);
  return kind;
}

/* Where scavenges do not see it: that a cycle is due shows where mutators allocate in the old
 * generation. */
static void begin_between_scavenges(struct gc_cycle *cycle, struct gc_mutator *mutator) {
  struct gc_heap *heap = cycle->heap;
  struct gc_request request = {.kind = GC_REQUEST_DUE};
  size_t meanwhile_bytes = cycle->pacer.promoted_per_ms != 0
                               ? gc_cycle_promoted_meanwhile_bytes(cycle)
                               : heap->budget.old_limit_bytes / UNMEASURED_SHARE;
  if (gc_cycle_is_swept(cycle) && gc_room_is_cycle_due(cycle, meanwhile_bytes) &&
      gc_stop_begin(heap, mutator, GC_REASON_old_space_full)) {
    enum gc_pause_kind kind = gc_cycle_hooks.collect_stw(heap, &request);
    gc_stop_end(heap, mutator, kind);
  }
}

static void help(struct gc_heap *heap, struct gc_mutator *mutator, size_t bytes) {
  struct gc_cycle *cycle = gc_cycle_of(heap);
  if (cycle->phase == GC_CYCLE_MARK) {
    gc_pacer_allocated(&cycle->pacer, bytes);
    cycle->composition.mark->help(cycle, mutator);
    return;
  }
  if (!gc_cycle_is_swept(cycle)) {
    cycle->composition.sweep->help(cycle, mutator);
    if (gc_heap_is_near_cap(heap, bytes)) {
      gc_cycle_sweep_slice(cycle, mutator, BLOCKS_NEAR_CAP);
    }
  }
  bool allocates_old = !gc_heap_has_nursery(heap) || bytes >= GC_LARGE_BYTES;
  if (allocates_old && begins_between_scavenges(cycle)) {
    if (!gc_heap_has_nursery(heap)) {
      gc_cycle_see_sweep_end(cycle); /* which scavenges see elsewhere */
    }
    begin_between_scavenges(cycle, mutator);
  }
}

static void prepare(struct gc_cycle *cycle) {
  struct gc_background *background = &cycle->heap->background;
  if (!gc_background_enter(background, GC_SECTION_SWEEP)) {
    return;
  }
  if (cycle->phase == GC_CYCLE_PREPARE && !gc_atomic_load_relaxed(&cycle->is_prepared)) {
    cycle->composition.compact->select(cycle);
    gc_atomic_store_relaxed(&cycle->is_prepared, true);
  }
  gc_background_leave(background, GC_SECTION_SWEEP);
}

/* Time that the program offers: nothing of it is a pause. Each slice ends by the deadline. */
static void idle(struct gc_heap *heap, struct gc_mutator *mutator, uint64_t deadline_ns) {
  struct gc_cycle *cycle = gc_cycle_of(heap);
  bool goes_on = true;
  while (goes_on && gc_platform_now_ns() < deadline_ns) {
    gc_poll(mutator);
    if (cycle->phase == GC_CYCLE_MARK) {
      goes_on = gc_cycle_assist(cycle, mutator, deadline_ns) &&
                !gc_mark_share_is_empty(&heap->marking.share);
    } else {
      goes_on = gc_cycle_sweep_until(cycle, mutator, deadline_ns);
    }
  }
}

static uint64_t beside(struct gc_heap *heap, struct gc_worker *worker) {
  struct gc_cycle *cycle = gc_cycle_of(heap);
  if (gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARS_BESIDE) {
    return gc_cycle_clear_beside(cycle, worker);
  }
  /* Relaxed: whoever changes the phase wakes the threads; sections look again. */
  switch (gc_atomic_load_relaxed(&cycle->phase)) {
  case GC_CYCLE_MARK:
    return cycle->composition.mark->beside(cycle, worker);
  case GC_CYCLE_PREPARE:
    if (worker == &heap->background.all[0]) {
      prepare(cycle);
    }
    return GC_BESIDE_WHEN_WOKEN;
  default:
    return cycle->composition.sweep->beside(cycle, worker);
  }
}

static int open_cycle(struct gc_heap *heap) {
  struct gc_collector collector;
  struct gc_cycle *cycle = calloc(1, sizeof *cycle);
  char error[256];
  if (cycle == NULL) {
    return -ENOMEM;
  }
  heap->collector_state = cycle;
  cycle->heap = heap;
  int status = gc_collector_parse(heap->options.collector, &collector, &cycle->composition, error,
                                  sizeof error);
  cycle->composition = status == 0 ? *collector.composition : cycle->composition;
  cycle->soft_limit_bytes = gc_sizing_first_limit_bytes(heap);
  gc_pacer_init(&cycle->pacer, heap->options.pause_target_ns);
  bool is_auto = strcmp(heap->options.nursery_sizing, "auto") == 0;
  gc_nursery_target_init(&cycle->nursery_target,
                         is_auto ? heap->options.pause_target_ns : UINT64_MAX, GC_EDEN_BYTES_MIN);
  heap->nursery.eden_wanted_bytes = cycle->nursery_target.eden_bytes;
  gc_room_cap_eden_stw(heap);
  cycle->eden_after_cycle_bytes = heap->nursery.eden_bytes;
  cycle->room_after_cycle_bytes = gc_room_for_promotion_bytes(heap);
  gc_pretenuring_allow_stw(cycle);
  gc_cycle_update_help(cycle);
  return status;
}

static void close_cycle(struct gc_heap *heap) {
  free(heap->collector_state);
  heap->collector_state = NULL;
}

const struct gc_collector_hooks gc_cycle_hooks = {.name = "cycle",
                                                  .collect_stw = collect_stw,
                                                  .beside = beside,
                                                  .help = help,
                                                  .idle = idle,
                                                  .open = open_cycle,
                                                  .close = close_cycle};
