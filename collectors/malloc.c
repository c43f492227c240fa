/* Baseline `malloc`: every object comes from the C library's allocator, which is jemalloc where the
 * project is linked with it, and is freed when the program disposes of it (gc/dispose.h).
 *
 * It is what the program would cost without a collector. What a program does not dispose of stays
 * until the process ends, closed heap or not: nobody knows where it is.
 *
 * Costs: a call through two tables, and the zeroing that the contract of allocation asks for.
 */
#include "collectors/baseline.h"
#include "collectors/outside_object.h"
#include <errno.h>
#include <stdlib.h>

/* Bytes of objects, headers included. */
struct account {
  uint64_t allocated_bytes;
  int64_t live_bytes; /* negative of a mutator that disposes of what others made */
  int64_t peak_bytes;
};

static struct gc_ref allocate(struct gc_mutator *mutator, size_t bytes, size_t slot_count,
                              uint32_t type) {
  struct account *account = mutator->private_part->baseline;
  account->allocated_bytes += bytes;
  account->live_bytes += (int64_t)bytes;
  account->peak_bytes =
      account->live_bytes > account->peak_bytes ? account->live_bytes : account->peak_bytes;
  return gc_outside_open(calloc(1, gc_outside_bytes(bytes)), bytes, slot_count, type);
}

static void dispose(struct gc_mutator *mutator, struct gc_ref object) {
  struct account *account = mutator->private_part->baseline;
  account->live_bytes -= (int64_t)gc_object_size_bytes(object);
  free(gc_outside_memory(object));
}

static int attach(struct gc_mutator *mutator) {
  mutator->private_part->baseline = calloc(1, sizeof(struct account));
  return mutator->private_part->baseline == NULL ? -ENOMEM : 0;
}

/* Those that are detached, together. The sum of their peaks is a bound of the peak. */
static void detach(struct gc_mutator *mutator) {
  struct account *account = mutator->private_part->baseline, *sum = mutator->heap->collector_state;
  if (account != NULL) {
    gc_atomic_fetch_add_relaxed(&sum->allocated_bytes, account->allocated_bytes);
    gc_atomic_fetch_add_relaxed(&sum->live_bytes, account->live_bytes);
    gc_atomic_fetch_add_relaxed(&sum->peak_bytes, account->peak_bytes);
  }
  free(account);
}

static void measure(struct gc_heap *heap, struct gc_statistics *statistics,
                    struct gc_memory_usage *usage) {
  const struct account *sum = heap->collector_state;
  /* Relaxed: statistics. */
  statistics->allocated_bytes = gc_atomic_load_relaxed(&sum->allocated_bytes);
  usage->heap_used_bytes = (uint64_t)gc_atomic_load_relaxed(&sum->live_bytes);
  usage->heap_total_bytes = usage->heap_used_bytes;
  usage->peak_used_bytes = (uint64_t)gc_atomic_load_relaxed(&sum->peak_bytes);
}

static int open_malloc(struct gc_heap *heap) {
  heap->collector_state = calloc(1, sizeof(struct account));
  return heap->collector_state == NULL ? -ENOMEM : 0;
}

static void close_malloc(struct gc_heap *heap) {
  free(heap->collector_state);
}

static const struct gc_baseline_hooks baseline = {.allocate = allocate,
                                                  .dispose = dispose,
                                                  .attach = attach,
                                                  .detach = detach,
                                                  .measure = measure};

static const struct gc_collector_hooks hooks = {.name = "malloc",
                                                .collect_stw = gc_baseline_collect_nothing,
                                                .idle = gc_baseline_idle_nothing,
                                                .open = open_malloc,
                                                .close = close_malloc,
                                                .baseline = &baseline};

const struct gc_collector gc_collector_malloc = {
    .name = "malloc",
    .summary = "the C library's allocator; objects are freed when the program disposes of them",
    .hooks = &hooks,
    .plan = gc_baseline_plan,
};
