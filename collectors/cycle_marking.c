/* The cycle's marking: its begin, its steps, and its end. See cycle.h for the table of phases. */
#include "collectors/room.h"
#include "collectors/sizing.h"
#include "heap/assert.h"
#include "heap/floating_garbage.h"
#include "heap/platform.h"
#include "heap/trace.h"
#include "heap/verify.h"

/* Grey entries that a handshake may find for the remark to follow at once. */
#define REMARK_FROM_ENTRIES 2048

/* The one place that answers the colour of what is promoted while a cycle marks. */
static enum gc_colour promotion_colour(const struct gc_heap *heap) {
  return (heap->barrier_keeps & GC_KEEPS_SNAPSHOT) != 0 ? GC_BLACK : GC_GREY;
}

static bool roots_stay_grey(const struct gc_heap *heap) {
  return promotion_colour(heap) == GC_GREY;
}

static void retire_promotion_buffers(struct gc_heap *heap) {
  for (unsigned index = 0; index < heap->workers.count; index++) {
    gc_old_allocator_retire(&heap->workers.all[index].small);
    gc_old_allocator_retire(&heap->workers.all[index].big);
  }
}

static void set_shading(struct gc_heap *heap, bool is_active) {
  heap->marking.is_active = is_active;
  heap->marking.promotion_colour = is_active ? promotion_colour(heap) : GC_WHITE;
  heap->large.allocates_black = is_active;
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    mutator->mutator.shading = is_active;
    heap->remembered->update_mutator(heap, &mutator->mutator);
  }
}

/* What the pause's workers have marked. */
static uint64_t collect_marked_stw(struct gc_cycle *cycle) {
  struct gc_worker_counts sum = gc_heap_collect_counts_stw(cycle->heap);
  cycle->marked_bytes += sum.marked_bytes;
  cycle->marked_objects += sum.marked_objects;
  return sum.marked_bytes;
}

static size_t left_to_mark_bytes(const struct gc_cycle *cycle) {
  return cycle->live_bytes_at_begin > cycle->marked_bytes
             ? cycle->live_bytes_at_begin - cycle->marked_bytes
             : 0;
}

static void begin_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  gc_atomic_fetch_add_relaxed(&heap->cycle_count, 1);
  cycle->handshakes = cycle->remarks_aborted = 0;
  cycle->marked_bytes = cycle->marked_objects = cycle->promoted_bytes = cycle->mark_ns = 0;
  cycle->begin_ns = gc_platform_now_ns();
  gc_atomic_store_relaxed(&cycle->is_prepared, false); /* also of a cycle that stops the world */
  gc_cycle_collect_young_stw(cycle, GC_PROMOTE_ALL);
  retire_promotion_buffers(heap);
  cycle->live_bytes_at_begin = gc_heap_old_used_bytes(heap);
  cycle->composition.compact->begin_stw(cycle);
  gc_trace_begin_stw(heap);
  gc_trace_push_roots_stw(heap);
  cycle->mark_begin_ns = gc_platform_now_ns();
}

void gc_cycle_begin_marking_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  GC_ASSERT(gc_cycle_is_swept(cycle), "swept-before-mark");
  begin_stw(cycle);
  set_shading(heap, true);
  gc_pretenuring_allow_stw(cycle);
  gc_pacer_begin_cycle(&cycle->pacer, cycle->live_bytes_at_begin);
  gc_cycle_pace_stw(cycle);
  gc_atomic_store_relaxed(&cycle->last_step_ns, cycle->begin_ns);
  gc_atomic_store_relaxed(&cycle->phase, GC_CYCLE_MARK);
  gc_cycle_verify_stw(cycle, GC_VERIFY_BEGUN);
}

/* V8's rule: the cycle was of no use where the old generation is as good as full and mutators had
 * little of the time since the last one. */
#define INEFFECTIVE_FROM_PERCENT    95
#define INEFFECTIVE_MUTATOR_PERCENT 40

static void judge_effect_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  uint64_t now_ns = gc_platform_now_ns(), passed_ns = now_ns - cycle->judged_ns;
  uint64_t stop_ns = heap->statistics.stop_ns + now_ns - heap->stop.record.request_ns;
  bool is_full =
      gc_heap_old_used_bytes(heap) >= heap->budget.old_limit_bytes / 100 * INEFFECTIVE_FROM_PERCENT;
  bool is_slow =
      (stop_ns - cycle->judged_stop_ns) > passed_ns / 100 * (100 - INEFFECTIVE_MUTATOR_PERCENT);
  cycle->ineffective_cycles = is_full && is_slow ? cycle->ineffective_cycles + 1 : 0;
  cycle->judged_ns = now_ns;
  cycle->judged_stop_ns = stop_ns;
}

/* Marking has terminated. */
static void conclude_stw(struct gc_cycle *cycle, enum gc_pause_kind kind,
                         const struct gc_compact_policy *compact) {
  struct gc_heap *heap = cycle->heap;
  struct gc_statistics *statistics = &heap->statistics;
  /* Allocated black since a scavenge last counted it. */
  cycle->promoted_bytes += gc_cycle_direct_bytes(heap) - cycle->direct_seen_bytes;
  gc_event_write(&heap->workers.all[0].ring, cycle, .cycle = heap->cycle_count,
                 .begin_ns = cycle->begin_ns, .mark_begin_ns = cycle->mark_begin_ns,
                 .mark_end_ns = gc_platform_now_ns(), .kind = kind,
                 .goal_bytes = cycle->live_bytes_at_begin, .marked_bytes = cycle->marked_bytes,
                 .promoted_bytes = cycle->promoted_bytes, .handshakes = cycle->handshakes,
                 .remarks_aborted = cycle->remarks_aborted);
  set_shading(heap, false);
  gc_atomic_store_relaxed(&cycle->phase, GC_CYCLE_IDLE);
  gc_atomic_store_relaxed(&cycle->is_fresh, true);
  statistics->last_marked_objects = cycle->marked_objects;
  statistics->last_live_bytes = cycle->marked_bytes + cycle->promoted_bytes;
  statistics->last_mark_ns = cycle->mark_ns;
  statistics->mark_ns += cycle->mark_ns;
  gc_cycle_verify_stw(cycle, kind == GC_PAUSE_full ? GC_VERIFY_MARKED : GC_VERIFY_REMARKED);
  gc_floating_garbage_record_stw_single(heap);
  gc_weak_begin_clear_stw(heap);
  compact->move_stw(cycle);
  bool clears_beside = gc_cycle_clears_beside(cycle);
  if (!clears_beside) {
    gc_cycle_clear_stw(cycle);
  }
  cycle->composition.sweep->begin_stw(cycle);
  if (clears_beside) {
    gc_weak_clear_beside_stw(heap);
  }
  cycle->soft_limit_bytes = gc_sizing_soft_limit_bytes(cycle, statistics->last_live_bytes);
  statistics->full_count++;
  gc_external_cycle_ended_stw(&heap->external);
  judge_effect_stw(cycle);
  gc_room_cap_eden_stw(heap);
  gc_pretenuring_allow_stw(cycle);
  gc_cycle_verify_stw(cycle, GC_VERIFY_CONCLUDED);
}

void gc_cycle_run_full_stw(struct gc_cycle *cycle, const struct gc_compact_policy *compact) {
  struct gc_heap *heap = cycle->heap;
  gc_cycle_sweep_stw(cycle, SIZE_MAX);
  compact->select(cycle);
  begin_stw(cycle);
  uint64_t begin_ns = gc_platform_now_ns();
  (void)gc_trace_drain_stw(heap, GC_TRACE_STOPPED, cycle->live_bytes_at_begin, 0);
  cycle->mark_ns = gc_platform_now_ns() - begin_ns;
  gc_pacer_marked(&cycle->pacer, cycle->mark_ns, collect_marked_stw(cycle));
  conclude_stw(cycle, GC_PAUSE_full, compact);
}

bool gc_cycle_finish_marking_stw(struct gc_cycle *cycle, enum gc_pause_kind kind,
                                 uint64_t deadline_ns) {
  struct gc_heap *heap = cycle->heap;
  uint64_t begin_ns = gc_platform_now_ns();
  struct gc_worker_counts beside = gc_heap_collect_background_counts_stw(heap);
  cycle->marked_bytes += beside.marked_bytes;
  cycle->marked_objects += beside.marked_objects;
  gc_pacer_marked(&cycle->pacer, beside.marked_ns, beside.marked_bytes);
  gc_trace_flush_mutators_stw(heap);
  if (roots_stay_grey(heap) || cycle->composition.compact->moves_old) {
    gc_cycle_collect_young_stw(cycle, GC_PROMOTE_ALL);
  }
  cycle->composition.young->retire_stw(cycle);
  retire_promotion_buffers(heap);
  if (roots_stay_grey(heap)) {
    gc_trace_push_roots_stw(heap);
  }
  bool terminated =
      gc_trace_drain_stw(heap, GC_TRACE_BESIDE, left_to_mark_bytes(cycle), deadline_ns);
  (void)collect_marked_stw(cycle);
  cycle->mark_ns += gc_platform_now_ns() - begin_ns;
  if (terminated) {
    conclude_stw(cycle, kind, cycle->composition.compact);
  }
  return terminated;
}

enum gc_trace_end gc_cycle_drain_beside(struct gc_worker *worker, struct gc_trace_limits limits) {
  struct gc_heap *heap = worker->heap;
  uint64_t begin_ns = gc_platform_now_ns();
  if (!gc_mark_share_join(&heap->marking.share)) {
    return GC_TRACE_DRY;
  }
  gc_mark_stack_init(&worker->stack, &heap->segments, GC_SEGMENT_WITHIN_LIMIT);
  gc_mark_stack_reserve(&worker->stack);
  limits.objects_max = heap->options.stress_mark_budget;
  enum gc_trace_end end = gc_trace_drain_beside(worker, &limits);
  gc_mark_stack_finish(&worker->stack);
  worker->counts.marked_ns += gc_platform_now_ns() - begin_ns;
  return end;
}

bool gc_cycle_assist(struct gc_cycle *cycle, struct gc_mutator *mutator, uint64_t deadline_ns) {
  struct gc_background *background = &cycle->heap->background;
  struct gc_worker *worker = gc_background_begin_assist(background);
  if (worker == NULL) {
    return false;
  }
  (void)gc_cycle_drain_beside(
      worker,
      (struct gc_trace_limits){.stop_flag = &mutator->stop_requested, .deadline_ns = deadline_ns});
  gc_background_end_assist(background);
  return true;
}

void gc_cycle_pace_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  struct gc_pacer *pacer = &cycle->pacer;
  size_t room_bytes = gc_room_while_marking_bytes(heap);
  gc_pacer_set_room(pacer, room_bytes);
  gc_event_write(&heap->workers.all[0].ring, pacer, .cycle = heap->cycle_count,
                 .time_ns = gc_platform_now_ns(), .goal_bytes = pacer->goal_bytes,
                 .marked_bytes = gc_atomic_load_relaxed(&pacer->marked_bytes),
                 .debt_bytes = gc_atomic_load_relaxed(&pacer->debt_bytes),
                 .step_bytes = gc_pacer_step_bytes(pacer), .step_ns = pacer->step_ns,
                 .owed_per_mib = gc_atomic_load_relaxed(&pacer->owed_per_mib),
                 .room_bytes = room_bytes, .marked_per_ms = pacer->marked_per_ms,
                 .promoted_per_ms = pacer->promoted_per_ms);
}

/* True when nothing is grey any more. Markers are at rest. */
static bool step_stw(struct gc_cycle *cycle, uint64_t begin_ns, uint64_t duration_ns) {
  struct gc_heap *heap = cycle->heap;
  struct gc_pacer *pacer = &cycle->pacer;
  gc_trace_flush_mutators_stw(heap);
  bool is_dry = gc_trace_drain_stw(heap, GC_TRACE_BESIDE, 0, begin_ns + duration_ns);
  uint64_t end_ns = gc_platform_now_ns();
  gc_pacer_stepped(pacer, end_ns - begin_ns, collect_marked_stw(cycle));
  gc_cycle_pace_stw(cycle);
  gc_atomic_store_relaxed(&cycle->last_step_ns, end_ns);
  cycle->mark_ns += end_ns - begin_ns;
  gc_cycle_verify_stw(cycle, GC_VERIFY_STEPPED);
  return is_dry;
}

void gc_cycle_mark_step(struct gc_cycle *cycle, struct gc_cycle_driver driver,
                        uint64_t duration_ns) {
  bool is_dry = false;
  uint64_t begin_ns = gc_platform_now_ns();
  if (!gc_cycle_stop(cycle, driver, GC_REASON_mark_pace)) {
    return;
  }
  if (cycle->phase == GC_CYCLE_MARK) {
    gc_cycle_rest_markers_stw(cycle);
    is_dry = step_stw(cycle, begin_ns, duration_ns);
    gc_cycle_resume_threads_stw(cycle);
  }
  gc_cycle_resume(cycle, driver, GC_PAUSE_mark_step);
  if (is_dry) {
    gc_cycle_try_finish_marking(cycle, driver);
  }
}

/* What barriers have queued, and under the strong invariant the roots. True when what was found is
 * little enough for the remark: values of ephemerons, which may lead to any number of objects, are
 * not. */
static bool shake_hands_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  gc_trace_flush_mutators_stw(heap);
  if (roots_stay_grey(heap)) {
    gc_trace_push_roots_stw(heap);
  }
  cycle->handshakes++;
  bool found_values = gc_weak_takes_found(heap);
  return cycle->handshakes >= GC_HANDSHAKES_MAX ||
         (!found_values && gc_mark_share_entry_count(&heap->marking.share, REMARK_FROM_ENTRIES) <
                               REMARK_FROM_ENTRIES);
}

/* A remark within its budget; the last one has none. */
static void remark_stw(struct gc_cycle *cycle) {
  bool is_last = cycle->remarks_aborted >= GC_REMARKS_ABORTED_MAX;
  uint64_t deadline_ns = is_last ? 0 : gc_platform_now_ns() + cycle->pacer.remark_ns;
  if (!gc_cycle_finish_marking_stw(cycle, GC_PAUSE_remark, deadline_ns)) {
    cycle->remarks_aborted++;
    cycle->heap->statistics.remarks_aborted++;
    cycle->handshakes = 0;
  }
}

bool gc_cycle_finish_dry_stw(struct gc_cycle *cycle) {
  if (!gc_mark_share_is_terminated(&cycle->heap->marking.share)) {
    return false;
  }
  gc_cycle_rest_markers_stw(cycle);
  if (!shake_hands_stw(cycle)) {
    return false;
  }
  remark_stw(cycle);
  return true;
}

void gc_cycle_try_finish_marking(struct gc_cycle *cycle, struct gc_cycle_driver driver) {
  struct gc_background *background = &cycle->heap->background;
  if (!gc_cycle_stop(cycle, driver, GC_REASON_marking_dry)) {
    gc_background_wake(background);
    return;
  }
  enum gc_pause_kind kind = GC_PAUSE_mark_step;
  gc_background_rest_stw(background, GC_SECTION_SWEEP);
  gc_cycle_rest_markers_stw(cycle);
  if (cycle->phase == GC_CYCLE_MARK && shake_hands_stw(cycle)) {
    remark_stw(cycle);
    kind = GC_PAUSE_remark;
  }
  if (cycle->phase == GC_CYCLE_MARK) {
    gc_cycle_verify_stw(cycle, GC_VERIFY_STEPPED);
  }
  gc_cycle_update_help(cycle);
  gc_cycle_resume_threads_stw(cycle);
  gc_cycle_resume(cycle, driver, kind);
}
