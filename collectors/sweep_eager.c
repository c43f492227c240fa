/* Sweeping policy `eager`: every block and large object in the pause that marked.
 *
 * Concurrency: blocks are swept by all workers, several at a time; lists and large objects by one.
 *
 * Costs: two bitmaps of 4 KiB per block in use, about 2 us; a large object's descriptor.
 */
#include "collectors/cycle.h"
#include "heap/platform.h"

/* Blocks that a worker takes at a time. */
#define BLOCKS_PER_TAKE 16

/* Blocks from which helpers are woken: ten times a wake-up at 2 us a block. */
#define HELPERS_FROM_BLOCKS 512

struct sweep {
  size_t next_block; /* atomic, relaxed: only divides the blocks */
  size_t block_count;
};

static void sweep_job(struct gc_worker *worker, void *context) {
  struct sweep *sweep = context;
  struct gc_old_space *old = &worker->heap->old;
  struct gc_phase_clock clock = gc_phase_begin();
  for (;;) {
    size_t block = gc_atomic_fetch_add_relaxed(&sweep->next_block, BLOCKS_PER_TAKE);
    size_t end =
        block + BLOCKS_PER_TAKE < sweep->block_count ? block + BLOCKS_PER_TAKE : sweep->block_count;
    if (block >= end) {
      break;
    }
    for (; block < end; block++) {
      if (old->blocks[block].state != GC_BLOCK_FREE) {
        worker->counts.swept_bytes += gc_old_space_sweep_block(old, block);
      }
    }
  }
  gc_phase_end(worker, clock, GC_PHASE_SWEEP);
}

static void begin_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  uint64_t begin_ns = gc_platform_now_ns();
  struct sweep sweep = {.block_count = heap->old.high_water};
  gc_workers_run(&heap->workers, sweep_job, &sweep,
                 heap->old.blocks_in_use >= HELPERS_FROM_BLOCKS ? GC_WAKE_HELPERS : GC_WAKE_NOBODY);
  heap->workers.all[0].counts.swept_bytes += gc_large_space_sweep_stw_single(&heap->large);
  gc_old_space_rebuild_lists_stw_single(&heap->old);
  gc_phase_join(heap);
  gc_heap_collect_counts_stw(heap);
  heap->statistics.last_sweep_ns = gc_platform_now_ns() - begin_ns;
  heap->statistics.sweep_ns += heap->statistics.last_sweep_ns;
}

const struct gc_sweep_policy gc_sweep_policy_eager = {
    .name = "eager",
    .in_pause = true,
    .begin_stw = begin_stw,
    .beside = gc_beside_nothing,
    .help = gc_help_nothing,
};
