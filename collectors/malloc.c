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
#include "heap/spin_lock.h"
#include <errno.h>
#include <stdlib.h>

/* Bytes of objects, headers included. Atomic, relaxed: written by the mutator whose they are, counts
 * to everybody else. */
struct account {
  uint64_t allocated_bytes;
  int64_t live_bytes; /* negative of a mutator that disposes of what others made */
  int64_t peak_bytes;
  struct account *next; /* under the state's lock */
};

struct state {
  struct gc_spin_lock lock;
  struct account *attached; /* of mutators; under lock */
  struct account detached;  /* of those that were, together; under lock */
};

static void change_live(struct account *account, int64_t change_bytes) {
  int64_t live_bytes = account->live_bytes + change_bytes;
  gc_atomic_store_relaxed(&account->live_bytes, live_bytes);
  if (live_bytes > account->peak_bytes) {
    gc_atomic_store_relaxed(&account->peak_bytes, live_bytes);
  }
}

static struct gc_ref allocate(struct gc_mutator *mutator, size_t bytes, size_t slot_count,
                              uint32_t type) {
  struct account *account = mutator->private_part->baseline;
  gc_atomic_store_relaxed(&account->allocated_bytes, account->allocated_bytes + bytes);
  change_live(account, (int64_t)bytes);
  return gc_outside_open(calloc(1, gc_outside_bytes(bytes)), bytes, slot_count, type);
}

static void dispose(struct gc_mutator *mutator, struct gc_ref object) {
  change_live(mutator->private_part->baseline, -(int64_t)gc_object_size_bytes(object));
  free(gc_outside_memory(object));
}

static int attach(struct gc_mutator *mutator) {
  struct state *state = mutator->heap->collector_state;
  struct account *account = calloc(1, sizeof *account);
  if (account == NULL) {
    return -ENOMEM;
  }
  mutator->private_part->baseline = account;
  gc_spin_lock_acquire(&state->lock);
  account->next = state->attached;
  state->attached = account;
  gc_spin_lock_release(&state->lock);
  return 0;
}

static void add(struct account *sum, const struct account *account) {
  sum->allocated_bytes += gc_atomic_load_relaxed(&account->allocated_bytes);
  sum->live_bytes += gc_atomic_load_relaxed(&account->live_bytes);
  sum->peak_bytes += gc_atomic_load_relaxed(&account->peak_bytes);
}

static void detach(struct gc_mutator *mutator) {
  struct state *state = mutator->heap->collector_state;
  struct account *account = mutator->private_part->baseline;
  gc_spin_lock_acquire(&state->lock);
  struct account **link = &state->attached;
  while (*link != account) {
    link = &(*link)->next;
  }
  *link = account->next;
  add(&state->detached, account);
  gc_spin_lock_release(&state->lock);
  free(account);
}

/* The sum of mutators' peaks is a bound of the peak. What one made and another has disposed of may
 * be seen disposed of only: then less than nothing is live. */
static void measure(struct gc_heap *heap, struct gc_statistics *statistics,
                    struct gc_memory_usage *usage) {
  struct state *state = heap->collector_state;
  gc_spin_lock_acquire(&state->lock);
  struct account sum = state->detached;
  for (const struct account *account = state->attached; account != NULL; account = account->next) {
    add(&sum, account);
  }
  gc_spin_lock_release(&state->lock);
  statistics->allocated_bytes = sum.allocated_bytes;
  usage->heap_used_bytes = sum.live_bytes > 0 ? (uint64_t)sum.live_bytes : 0;
  usage->heap_total_bytes = usage->heap_used_bytes;
  usage->peak_used_bytes = (uint64_t)sum.peak_bytes;
}

static int open_malloc(struct gc_heap *heap) {
  heap->collector_state = calloc(1, sizeof(struct state));
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
