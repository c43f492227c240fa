/* The scavenger: jobs, and a scavenge from beginning to end. See scavenge.h for algorithm,
 * invariants and costs; copying, roots and the queue are in scavenge_copy.h, scavenge_scan.h and
 * scavenge_drain.h.
 */
#include "heap/scavenge.h"
#include "heap/discard.h"
#include "heap/live_bits.h"
#include "heap/platform.h"
#include "heap/scavenge_copy.h"
#include "heap/scavenge_drain.h"
#include "heap/scavenge_scan.h"
#include "heap/scavenge_weak.h"

/* Predicted work from which helpers are woken: twice a wake-up (LIMITS: 92 to 114 us). Where pauses
 * are bounded, the prediction is that all of the eden survives, whatever it did before. */
#define HELPERS_FROM_NS    UINT64_C(200000)
#define NS_PER_MIB_AT_MOST UINT64_C(1000000)

/* Ageing is switched off above this second survival, and tried again every so many scavenges. */
#define AGEING_OFF_FROM_PERCENT 80
#define AGEING_PROBE_SCAVENGES  16

static struct scan begin_scan(struct scavenge *scavenge, struct gc_worker *worker,
                              struct pending *pending, enum scavenge_threads threads) {
  struct gc_heap *heap = scavenge->heap;
  bool is_noting = heap->marking.promotion_colour != GC_WHITE || heap->moved.has_candidates != 0 ||
                   gc_nursery_survivor_used_bytes(&heap->nursery) > 0;
  const struct gc_space *space = &heap->space;
  struct scan scan = {.scavenge = scavenge,
                      .worker = worker,
                      .kind = {threads, is_noting ? SCAVENGE_NOTING : SCAVENGE_PLAIN},
                      .from_start = scavenge->from_start,
                      .from_bytes = scavenge->from_bytes,
                      .young_start = space->nursery_start,
                      .young_bytes = space->nursery_bytes,
                      .aged_start = scavenge->aged_start,
                      .aged_bytes = scavenge->aged_bytes,
                      .promoted_start = scavenge->aged_start,
                      .promoted_bytes = scavenge->aged_bytes,
                      .promotion_colour = heap->marking.promotion_colour,
                      .promotion_header_or = heap->promotion_header_or,
                      .has_candidates = heap->moved.has_candidates != 0,
                      .pending = pending};
  if (scavenge->survivor_limit == scavenge->survivor_area) {
    promote_everything(&scan);
  }
  room_load(&scan);
  return scan;
}

typedef void take_promoted_ranges(struct gc_old_space *old, struct gc_old_allocator *allocator);

/* What the worker promoted becomes part of the old space, now that no remembered range is left to
 * be scanned: by `take`, which writes live bits unless they were written where copies were scanned,
 * and by the remembering of objects that hold young references. */
static void end_scan(const struct scan *scan, take_promoted_ranges *take) {
  struct gc_worker *worker = scan->worker;
  struct gc_heap *heap = worker->heap;
  room_store(scan);
  take(&heap->old, &worker->small);
  take(&heap->old, &worker->big);
  for (struct gc_segment *segment = worker->promoted_remembered; segment != NULL;
       segment = segment->next) {
    for (size_t index = 0; index < segment->count; index++) {
      heap->remembered->remember_object(heap, worker, (struct gc_ref){segment->words[index]});
    }
  }
  gc_segment_release_list(&heap->segments, worker->promoted_remembered);
  worker->promoted_remembered = NULL;
  gc_worker_counts_add(&worker->counts, &scan->counts);
  gc_poison(scan->room.survivor_top, scan->room.survivor_limit - scan->room.survivor_top);
}

/* The loops are inlined here, where the scan is a local: its members are found without a register.
 */
static void work_single(struct gc_worker *worker, struct scavenge *scavenge) {
  struct pending pending[PREFETCH_DEPTH] = {0};
  struct scan scan = begin_scan(scavenge, worker, pending, SCAVENGE_SINGLE);
  uintptr_t area = scavenge->survivor_area, limit = scavenge->survivor_limit;
  gc_unpoison(area, limit - area);
  scan.room.survivor_top = scan.survivor_scan = area;
  scan.room.survivor_limit = limit;
  scan_roots(&scan, SCAVENGE_KIND(SCAVENGE_SINGLE, SCAVENGE_NOTING));
  scan_remembered(&scan, SCAVENGE_KIND(SCAVENGE_SINGLE, SCAVENGE_NOTING));
  if (scan.kind.notes == SCAVENGE_PLAIN) {
    drain_single(&scan, SCAVENGE_KIND(SCAVENGE_SINGLE, SCAVENGE_PLAIN));
  } else {
    drain_single(&scan, SCAVENGE_KIND(SCAVENGE_SINGLE, SCAVENGE_NOTING));
  }
  gc_atomic_store_relaxed(&scavenge->survivor_top, scan.room.survivor_top);
  end_scan(&scan, gc_old_allocator_count_published);
}

static void work_parallel(struct gc_worker *worker, struct scavenge *scavenge) {
  struct pending pending[PREFETCH_DEPTH] = {0};
  struct scan scan = begin_scan(scavenge, worker, pending, SCAVENGE_PARALLEL);
  struct gc_mark_share *share = &scavenge->heap->share;
  struct gc_large *large = NULL;
  size_t first = 0, end = 0;
  scan_roots(&scan, SCAVENGE_KIND(SCAVENGE_PARALLEL, SCAVENGE_NOTING));
  scan_remembered(&scan, SCAVENGE_KIND(SCAVENGE_PARALLEL, SCAVENGE_NOTING));
  do {
    if (scan.kind.notes == SCAVENGE_PLAIN) {
      drain_parallel(&scan, SCAVENGE_KIND(SCAVENGE_PARALLEL, SCAVENGE_PLAIN));
    } else {
      drain_parallel(&scan, SCAVENGE_KIND(SCAVENGE_PARALLEL, SCAVENGE_NOTING));
    }
  } while (gc_mark_share_take(share, &worker->stack, &large, &first, &end) == GC_MARK_SEGMENT);
  end_scan(&scan, gc_old_allocator_count_published);
}

/* When all workers are done. */
static void work_weak(struct gc_worker *worker, struct scavenge *scavenge) {
  struct pending pending[PREFETCH_DEPTH] = {0};
  struct scan scan = begin_scan(scavenge, worker, pending, SCAVENGE_PARALLEL);
  scan_weak(&scan);
  end_scan(&scan, gc_old_allocator_publish);
}

/* A worker's share of the phase. */
static void run_phase(struct gc_worker *worker, struct scavenge *scavenge,
                      void (*work)(struct gc_worker *worker, struct scavenge *scavenge)) {
  struct gc_phase_clock clock = gc_phase_begin();
  gc_mark_stack_init(&worker->stack, &worker->heap->segments, GC_SEGMENT_BEYOND_LIMIT);
  gc_mark_stack_init(&worker->grey_promoted, &worker->heap->segments, GC_SEGMENT_WITHIN_LIMIT);
  work(worker, scavenge);
  gc_mark_share_give_all(&worker->heap->marking.share, &worker->grey_promoted);
  gc_mark_stack_finish(&worker->stack);
  gc_phase_end(worker, clock, GC_PHASE_SCAVENGE);
}

static void scavenge_job(struct gc_worker *worker, void *context) {
  if (worker->index == 0 || gc_mark_share_join(&worker->heap->share)) {
    run_phase(worker, context, work_parallel);
  }
}

static bool ages(struct gc_heap *heap) {
  struct gc_survival *survival = &heap->survival;
  if (heap->options.stress_move || survival->second_survival_percent <= AGEING_OFF_FROM_PERCENT) {
    return true;
  }
  survival->scavenges_without_ageing++;
  return survival->scavenges_without_ageing % AGEING_PROBE_SCAVENGES == 0;
}

static struct scavenge prepare(struct gc_heap *heap, enum gc_promotion promotion) {
  struct gc_nursery *nursery = &heap->nursery;
  unsigned used = nursery->survivor_in_use;
  struct scavenge scavenge = {
      .heap = heap,
      .from_start = gc_nursery_from_start(nursery),
      .from_bytes = gc_nursery_from_bytes(nursery),
      .aged_start = nursery->survivor_start[used],
      .aged_bytes = nursery->survivor_top - nursery->survivor_start[used],
      .survivor_area = nursery->survivor_start[1 - used],
      .survivor_top = nursery->survivor_start[1 - used],
      .survivor_limit = nursery->survivor_start[1 - used] + nursery->survivor_bytes,
      .next_mutator = heap->mutators,
  };
  if (promotion == GC_PROMOTE_ALL || !ages(heap)) {
    scavenge.survivor_limit = scavenge.survivor_top;
  }
  return scavenge;
}

static void learn(struct gc_heap *heap, const struct gc_worker_counts *counts,
                  size_t aged_used_bytes, uint64_t work_ns) {
  struct gc_survival *survival = &heap->survival;
  if (aged_used_bytes >= GC_OS_PAGE_BYTES) {
    uint64_t percent = counts->second_survived_bytes * 100 / aged_used_bytes;
    survival->second_survival_percent = (survival->second_survival_percent + percent) / 2;
  }
  uint64_t decayed = survival->recent_promoted_bytes - survival->recent_promoted_bytes / 8;
  survival->recent_promoted_bytes =
      counts->promoted_bytes > decayed ? counts->promoted_bytes : decayed;
  survival->recent_work_ns = (survival->recent_work_ns * 3 + work_ns) / 4;
  survival->last_lasting_bytes =
      counts->survived_bytes + counts->promoted_bytes - counts->second_survived_bytes;
}

static bool wants_helpers(const struct gc_heap *heap) {
  const struct gc_survival *survival = &heap->survival;
  uint64_t predicted_ns = survival->recent_work_ns;
  if (heap->nursery.eden_wanted_bytes != SIZE_MAX) {
    uint64_t most_ns = survival->last_eden_bytes * NS_PER_MIB_AT_MOST >> 20;
    predicted_ns = most_ns > predicted_ns ? most_ns : predicted_ns;
  }
  return heap->workers.count > 1 && (heap->options.stress_move || predicted_ns >= HELPERS_FROM_NS);
}

void gc_scavenge_stw(struct gc_heap *heap, enum gc_promotion promotion) {
  uint64_t begin_ns = gc_platform_now_ns();
  struct gc_event_stop *record = &heap->stop.record;
  size_t aged_used_bytes = gc_nursery_survivor_used_bytes(&heap->nursery);
  heap->survival.last_eden_bytes =
      gc_atomic_load_relaxed(&heap->nursery.eden_top) - heap->nursery.eden_start;
  heap->statistics.allocated_bytes += heap->survival.last_eden_bytes;
  gc_direct_close_all_stw(heap); /* `stable-when-walked`: cards in them are scanned */
  gc_heap_retire_buffers_stw(heap);
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    heap->remembered->flush_mutator(heap, &mutator->mutator);
  }
  heap->remembered->begin_scavenge_stw(heap);
  struct scavenge scavenge = prepare(heap, promotion);
  if (wants_helpers(heap)) {
    gc_mark_share_reset(&heap->share);
    gc_workers_run(&heap->workers, scavenge_job, &scavenge, GC_WAKE_HELPERS);
  } else {
    run_phase(&heap->workers.all[0], &scavenge, work_single);
  }
  uint64_t critical_ns = gc_phase_join(heap);
  if (gc_weak_has_young_stw(heap)) {
    run_phase(&heap->workers.all[0], &scavenge, work_weak);
    critical_ns += gc_phase_join(heap);
  }
  critical_ns += gc_attendants_scavenged_stw(heap, scavenge.from_start, scavenge.from_bytes);
  heap->remembered->end_scavenge_stw(heap);
  gc_nursery_flip_stw(&heap->nursery, scavenge.survivor_top);
  gc_discard(scavenge.from_start, scavenge.from_bytes);

  uint64_t total_ns = record->cpu_total_ns;
  struct gc_worker_counts counts = gc_heap_collect_counts_stw(heap);
  uint64_t wall_ns = gc_platform_now_ns() - begin_ns;
  learn(heap, &counts, aged_used_bytes, total_ns);
  heap->survival.last_cpu_ns = critical_ns;
  record->scavenge_ns += wall_ns;
  record->scavenge_cpu_ns += critical_ns;
  heap->statistics.scavenge_count++;
  heap->statistics.scavenge_ns += wall_ns;
  heap->statistics.last_scavenge_ns = wall_ns;
  GC_ASSERT(promotion != GC_PROMOTE_ALL || heap->remembered->is_empty(heap),
            "remembered-complete: after a full promotion no slot is remembered");
}
