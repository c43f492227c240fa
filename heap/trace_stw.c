/* Around the mark loop with the world stopped: roots, drains by several workers, overflow. See
 * trace.h.
 */
#include "heap/assert.h"
#include "heap/bitmap.h"
#include "heap/platform.h"
#include "heap/regrey.h"
#include "heap/trace.h"
#include <string.h>

/* Bytes that wait to be marked from which helpers are woken: at 2 GB/s of marking, ten times a
 * wake-up (LIMITS). */
#define HELPERS_FROM_BYTES ((size_t)2 << 20)

static void begin_stack(struct gc_heap *heap, struct gc_worker *worker) {
  gc_mark_stack_init(&worker->stack, &heap->segments, GC_SEGMENT_WITHIN_LIMIT);
  gc_mark_stack_reserve(&worker->stack);
}

void gc_trace_begin_stw(struct gc_heap *heap) {
  gc_mark_share_reset(&heap->marking.share);
  gc_atomic_store_relaxed(&heap->overflowed, 0);
  gc_weak_begin_marking_stw(heap);
}

static void push_root(struct gc_worker *worker, struct gc_ref ref) {
  if (!gc_is_null(ref) && !gc_heap_is_young(worker->heap, ref) &&
      !gc_mark_stack_push(&worker->stack, ref.address)) {
    gc_trace_overflow(worker, ref.address);
  }
}

void gc_trace_push_roots_stw(struct gc_heap *heap) {
  struct gc_worker *worker = &heap->workers.all[0];
  begin_stack(heap, worker);
  for (struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    push_root(worker, root->ref);
  }
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    for (struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      push_root(worker, *handle);
    }
  }
  gc_mark_share_give_all(&heap->marking.share, &worker->stack);
}

void gc_trace_flush_mutators_stw(struct gc_heap *heap) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_marking_flush_mutator(heap, &mutator->mutator);
  }
}

/* Whether a rescan may pass over the object: pushing what is marked would crowd out what is not. */
static bool is_passed_over(const struct gc_heap *heap, struct gc_ref object) {
  return gc_is_null(object) || gc_heap_is_young(heap, object) ||
         (gc_heap_is_in_block(heap, object) &&
          gc_bitmap_test(heap->space.mark_bits, gc_space_granule(&heap->space, object.address)));
}

struct rescan {
  struct gc_worker *worker;
  uintptr_t block_address;
};

static void rescan_object(void *context, size_t first, size_t last) {
  (void)last;
  const struct rescan *rescan = context;
  struct gc_worker *worker = rescan->worker;
  struct gc_ref object = {rescan->block_address + (first << GC_GRANULE_BYTES_LOG2)};
  size_t slot_count = gc_header_slot_count(gc_object_header(object));
  const struct gc_ref *slots = gc_object_slot(object, 0).location;
  (void)gc_regrey_clear(object);
  for (size_t index = 0; index < slot_count; index++) {
    struct gc_ref referred = {gc_atomic_load_relaxed(&slots[index].address)};
    gc_trace_note_slot(worker, gc_object_slot(object, index), referred);
    if (!is_passed_over(worker->heap, referred) &&
        !gc_mark_stack_push(&worker->stack, referred.address)) {
      gc_trace_overflow(worker, referred.address);
    }
  }
  worker->counts.marked_slots += slot_count;
}

/* Scans by a copy of the mark bits: pushing may overflow again and set bits in this very block
 * (`stable-when-walked`). */
static void rescan_block(struct gc_worker *worker, size_t block) {
  uint64_t words[GC_BLOCK_WORDS];
  memcpy(words, gc_space_mark_words(&worker->heap->space, block), sizeof words);
  struct rescan rescan = {worker, gc_space_block_address(&worker->heap->space, block)};
  gc_bitmap_walk(words, GC_BLOCK_WORDS, rescan_object, &rescan);
}

/* Until the deadline, which is looked at after each block that was flagged; what is left stays
 * flagged. */
static void rescan_blocks(struct gc_worker *worker, uint64_t deadline_ns) {
  struct gc_heap *heap = worker->heap;
  for (size_t block = 0; block < heap->old.high_water; block++) {
    if (gc_atomic_exchange_relaxed(&heap->old.blocks[block].overflowed, 0) != 0) {
      rescan_block(worker, block);
      if (deadline_ns != 0 && gc_platform_now_ns() >= deadline_ns) {
        gc_atomic_store_relaxed(&heap->overflowed, 1);
        return;
      }
    }
  }
}

bool gc_trace_rescan_overflowed_stw(struct gc_heap *heap, uint64_t deadline_ns) {
  struct gc_worker *worker = &heap->workers.all[0];
  if (gc_atomic_exchange_relaxed(&heap->overflowed, 0) == 0) {
    return false;
  }
  gc_direct_close_all_stw(heap); /* `stable-when-walked`: marks of open buffers are ones */
  begin_stack(heap, worker);
  rescan_blocks(worker, deadline_ns);
  for (struct gc_large *large = heap->large.objects; large != NULL; large = large->next) {
    if (gc_atomic_exchange_relaxed(&large->overflowed, 0) != 0 && large->shape.slot_count > 0) {
      gc_mark_share_add_large(&heap->marking.share, large);
    }
  }
  gc_mark_share_give_all(&heap->marking.share, &worker->stack);
  return true;
}

struct drain {
  enum gc_trace_world world;
  struct gc_trace_limits limits;
  bool is_alone;
};

static void drain_job(struct gc_worker *worker, void *context) {
  struct drain *drain = context;
  struct gc_heap *heap = worker->heap;
  struct gc_trace_limits limits = drain->limits;
  if (worker->index > 0 && !gc_mark_share_join(&heap->marking.share)) {
    return;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  begin_stack(heap, worker);
  if (drain->world == GC_TRACE_BESIDE || gc_weak_is_watching(&heap->weak)) {
    (void)gc_trace_drain_beside(worker, &limits);
  } else if (drain->is_alone) {
    gc_trace_drain_single(worker);
  } else {
    gc_trace_drain_parallel(worker);
  }
  GC_ASSERT(gc_mark_stack_is_empty(&worker->stack), "a drain ends with an empty stack");
  gc_mark_stack_finish(&worker->stack);
  gc_phase_end(worker, clock, GC_PHASE_MARK);
}

/* After a drain that ended dry: what overflowed, and ephemerons. What is found is in the share. */
static enum gc_weak_resolution find_more(struct gc_heap *heap,
                                         const struct gc_trace_limits *limits) {
  struct gc_worker *worker = &heap->workers.all[0];
  if (gc_trace_rescan_overflowed_stw(heap, limits->deadline_ns)) {
    gc_weak_miss_marks_stw(heap);
    bool is_late = limits->deadline_ns != 0 && gc_platform_now_ns() >= limits->deadline_ns;
    return is_late ? GC_WEAK_TOLD : GC_WEAK_FOUND;
  }
  if (!gc_weak_has_unresolved_stw(heap)) {
    return GC_WEAK_RESOLVED;
  }
  struct gc_phase_clock clock = gc_phase_begin();
  begin_stack(heap, worker);
  uint64_t looks_before = heap->weak.work.looks;
  enum gc_weak_resolution resolution = gc_weak_resolve(worker, limits);
  heap->weak.work.looks_stw += heap->weak.work.looks - looks_before;
  gc_mark_share_give_all(&heap->marking.share, &worker->stack);
  gc_phase_end(worker, clock, GC_PHASE_MARK);
  gc_phase_join(heap);
  return resolution;
}

bool gc_trace_drain_stw(struct gc_heap *heap, enum gc_trace_world world, size_t expected_bytes,
                        uint64_t deadline_ns) {
  static const uint32_t never = 0;
  bool wakes = heap->workers.count > 1 &&
               (heap->options.stress_move || expected_bytes >= HELPERS_FROM_BYTES);
  struct drain drain = {
      .world = world,
      .limits = {.stop_flag = &never,
                 .deadline_ns = deadline_ns,
                 .objects_max = deadline_ns != 0 ? heap->options.stress_mark_budget : 0},
      .is_alone = !wakes};
  enum gc_weak_resolution resolution;
  do {
    gc_mark_share_reopen(&heap->marking.share, 1);
    gc_workers_run(&heap->workers, drain_job, &drain, wakes ? GC_WAKE_HELPERS : GC_WAKE_NOBODY);
    gc_phase_join(heap);
    if (!gc_mark_share_is_empty(&heap->marking.share)) {
      return false;
    }
    resolution = find_more(heap, &drain.limits);
  } while (resolution == GC_WEAK_FOUND);
  return resolution == GC_WEAK_RESOLVED;
}
