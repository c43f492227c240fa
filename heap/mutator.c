/* Mutators: attaching, detaching, blocking regions, polls, global roots. */
#include "heap/assert.h"
#include "heap/barrier_counters.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/recording.h"
#include "heap/stop_report.h"
#include <gc/handles.h>
#include <gc/safepoint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A handle stack and the guard page behind it. */
#define HANDLE_RESERVE_BYTES (GC_HANDLE_STACK_BYTES + GC_OS_PAGE_BYTES)

/* A fresh mutator in `private`, whose ring stays what it is. */
static void init(struct gc_heap *heap, struct gc_mutator_private *private, struct gc_ref *handles) {
  struct gc_event_ring ring = private->ring;
  memset(private, 0, sizeof *private);
  private->ring = ring;
  private->handle_base = handles;
  private->mutator = (struct gc_mutator){
      .nursery_base = heap->space.nursery_start,
      .nursery_bytes = heap->space.nursery_bytes,
      .card_base = heap->space.card_base,
      .handle_top = handles,
      .handle_watermark = handles,
      .shading = heap->marking.is_active,
      .has_candidates = heap->moved.has_candidates,
      .disposes = heap->hooks->baseline != NULL && heap->hooks->baseline->dispose != NULL,
      .heap = heap,
      .private_part = private,
  };
  gc_direct_init(&private->direct);
  private->taken_bytes = heap->buffer_bytes;
  private->state = GC_MUTATOR_RUNNING;
  private->number = heap->mutators_ever;
  private->random_state = heap->options.seed * 0x9e3779b97f4a7c15u + private->number + 1;
  private->attach_ns = gc_platform_now_ns();
  private->thread_id = gc_platform_thread_id();
  gc_stop_note_safepoint(private);
}

/* What a detached mutator left, or new memory with a ring of its own; null when there is none.
 * Rings of mutators follow those of workers. */
static struct gc_mutator_private *acquire_locked(struct gc_heap *heap) {
  struct gc_mutator_private *private = heap->detached;
  if (private != NULL) {
    heap->detached = private->next;
    return private;
  }
  private = aligned_alloc(64, (sizeof *private + 63) / 64 * 64);
  if (private != NULL &&
      gc_heap_ring_init(heap, &private->ring,
                        heap->workers.count + heap->background.count + heap->mutator_rings) != 0) {
    free(private);
    private = NULL;
  }
  heap->mutator_rings += private != NULL;
  return private;
}

static void detach(struct gc_mutator *mutator) {
  struct gc_heap *heap = mutator->heap;
  struct gc_mutator_private *private = mutator->private_part;
  /* Blocked, so that a stop under way does not wait for this thread while it waits for the lock
   * that the stop holds. */
  gc_blocking_begin(mutator);
  pthread_mutex_lock(&heap->stop.mutators_lock);
  struct gc_mutator_private **link = &heap->mutators;
  while (*link != private) {
    link = &(*link)->next;
  }
  *link = private->next;
  heap->remembered->flush_mutator(heap, mutator);
  gc_direct_finish(heap, private);
  gc_marking_flush_mutator(heap, mutator);
  gc_moved_slots_flush(heap, &private->moved_slots);
  gc_weak_flush_mutator(heap, private);
  gc_attendants_flush_mutator(heap, private);
  gc_event_write(&private->ring, mutator, .mutator = private->number,
                 .attach_ns = private->attach_ns, .detach_ns = gc_platform_now_ns());
  gc_barrier_counters_record(&private->ring, &mutator->barrier_counts,
                             gc_recording_counter_count(heap) - gc_barrier_counter_count());
  private->next = heap->detached;
  heap->detached = private;
  gc_platform_unreserve((uintptr_t) private->handle_base, HANDLE_RESERVE_BYTES);
  private->handle_base = NULL;
  pthread_mutex_unlock(&heap->stop.mutators_lock);
}

struct gc_mutator *gc_attach_compiled(struct gc_heap *heap, const char *barrier_name, char *error,
                                      size_t error_size) {
  uintptr_t handles = 0;
  if (strcmp(barrier_name, heap->barrier_name) != 0) {
    snprintf(error, error_size,
             "this code was compiled with the barrier %s, the heap was opened with %s",
             barrier_name, heap->barrier_name);
    return NULL;
  }
  if (gc_platform_reserve(HANDLE_RESERVE_BYTES, GC_OS_PAGE_BYTES, &handles) != 0) {
    snprintf(error, error_size, "no address space for another mutator's handles");
    return NULL;
  }
  gc_platform_forbid(handles + GC_HANDLE_STACK_BYTES, GC_OS_PAGE_BYTES);
  pthread_mutex_lock(&heap->stop.mutators_lock);
  struct gc_mutator_private *private = acquire_locked(heap);
  if (private != NULL) {
    init(heap, private, (struct gc_ref *)handles);
    heap->remembered->update_mutator(heap, &private->mutator);
    private->next = heap->mutators;
    heap->mutators = private;
    heap->mutators_ever++;
  }
  pthread_mutex_unlock(&heap->stop.mutators_lock);
  if (private == NULL) {
    gc_platform_unreserve(handles, HANDLE_RESERVE_BYTES);
    snprintf(error, error_size, "no memory for another mutator");
    return NULL;
  }
  const struct gc_baseline_hooks *baseline = heap->hooks->baseline;
  int status = baseline != NULL ? baseline->attach(&private->mutator) : 0;
  if (status != 0) {
    detach(&private->mutator);
    snprintf(error, error_size, "the collector %s takes no further mutator: %s", heap->hooks->name,
             strerror(-status));
    return NULL;
  }
  return &private->mutator;
}

void gc_detach(struct gc_mutator *mutator) {
  const struct gc_baseline_hooks *baseline = mutator->heap->hooks->baseline;
  if (baseline != NULL) {
    baseline->detach(mutator);
  }
  detach(mutator);
}

void gc_blocking_begin(struct gc_mutator *mutator) {
  struct gc_mutator_private *private = mutator->private_part;
  GC_ASSERT(private->state == GC_MUTATOR_RUNNING, "blocking regions do not nest");
  gc_atomic_store_seq_cst(&private->state, GC_MUTATOR_BLOCKED); /* [pairs: mutator-state] */
  if (gc_atomic_load_seq_cst(&mutator->stop_requested) != 0) {  /* [pairs: stop-request] */
    gc_stop_wake_stopper(mutator->heap);
  }
}

void gc_blocking_end(struct gc_mutator *mutator) {
  gc_stop_leave_blocked(mutator->heap, mutator);
  gc_stop_note_safepoint(mutator->private_part);
  gc_poll(mutator);
}

void gc_poll_slow(struct gc_mutator *mutator) {
  gc_stop_answer(mutator->heap, mutator);
}

struct gc_root *gc_root_create(struct gc_mutator *mutator, struct gc_ref ref) {
  struct gc_heap *heap = mutator->heap;
  struct gc_root *root = gc_arena_allocate(&heap->arena, sizeof *root);
  GC_CHECK(root != NULL, "the metadata arena must hold global roots");
  *root = (struct gc_root){.ref = ref, .heap = heap};
  gc_spin_lock_acquire(&heap->roots_lock);
  root->next = heap->roots;
  if (heap->roots != NULL) {
    heap->roots->previous = root;
  }
  /* A baseline's collector may stop this thread anywhere and walk the list. */
  gc_atomic_store_release(&heap->roots, root); /* [pairs: baseline-roots] */
  gc_spin_lock_release(&heap->roots_lock);
  return root;
}

void gc_root_destroy(struct gc_mutator *mutator, struct gc_root *root) {
  struct gc_heap *heap = mutator->heap;
  gc_spin_lock_acquire(&heap->roots_lock);
  if (root->next != NULL) {
    root->next->previous = root->previous;
  }
  if (root->previous != NULL) {
    root->previous->next = root->next;
  } else {
    heap->roots = root->next;
  }
  gc_spin_lock_release(&heap->roots_lock);
  gc_arena_free(&heap->arena, root, sizeof *root);
}

struct gc_ref gc_root_get(const struct gc_root *root) {
  /* Relaxed: what the reference leads to was published by whoever stored it, by means of its own.
   */
  return (struct gc_ref){gc_atomic_load_relaxed(&root->ref.address)};
}

void gc_root_set(struct gc_mutator *mutator, struct gc_root *root, struct gc_ref ref) {
  (void)mutator;
  gc_atomic_store_relaxed(&root->ref.address, ref.address);
}
