/* Finalizers. See finalizer.h. */
#include "heap/finalizer.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include <gc/safepoint.h>

/* As many as are sorted without a blocking region: some microseconds. */
#define SORTED_AT_ONCE 64

/* How often those who wait for somebody else's sorting look again. */
#define OTHER_WAIT_US 50

static struct gc_finalizer *finalizer_of(struct gc_attendant *attendant) {
  return (struct gc_finalizer *)attendant;
}

struct gc_finalizer *
gc_finalizer_register(struct gc_mutator *mutator, struct gc_handle object,
                      void (*callback)(struct gc_mutator *mutator, void *token), void *token) {
  struct gc_heap *heap = mutator->heap;
  struct gc_ref owner = gc_handle_get(object);
  struct gc_finalizer *finalizer =
      gc_is_null(owner) ? NULL : gc_arena_allocate(heap->finalizers.arena, sizeof *finalizer);
  if (finalizer != NULL) {
    *finalizer = (struct gc_finalizer){
        .attendant = {.owner = owner.address, .kind = GC_ATTENDANT_FINALIZER},
        .callback = callback,
        .token = token,
        .number = gc_atomic_fetch_add_relaxed(&heap->finalizers.registered_count, 1)};
    gc_attendants_enlist(heap, mutator->private_part, &finalizer->attendant);
  }
  return finalizer;
}

/* Whoever sweeps beside the mutators may free it at once. */
void gc_finalizer_cancel(struct gc_mutator *mutator, struct gc_finalizer *finalizer) {
  (void)mutator;
  gc_atomic_store_release(&finalizer->callback, NULL); /* [pairs: finalizer-cancel] */
}

bool gc_finalizer_is_cancelled(const struct gc_attendant *attendant) {
  const struct gc_finalizer *finalizer = (const struct gc_finalizer *)attendant;
  return attendant->kind == GC_ATTENDANT_FINALIZER &&
         gc_atomic_load_acquire(&finalizer->callback) == NULL; /* [pairs: finalizer-cancel] */
}

void gc_finalizers_free(struct gc_finalizers *finalizers, struct gc_attendant *list) {
  while (list != NULL) {
    struct gc_attendant *next = list->next;
    gc_arena_free(finalizers->arena, finalizer_of(list), sizeof(struct gc_finalizer));
    list = next;
  }
}

void gc_finalizers_make_due(struct gc_finalizers *finalizers, struct gc_attendant *list) {
  if (list == NULL) {
    return;
  }
  struct gc_attendant *last = list;
  size_t count = 1;
  for (; last->next != NULL; last = last->next) {
    count++;
  }
  gc_atomic_fetch_add_relaxed(&finalizers->due_count, count);
  struct gc_attendant *head = gc_atomic_load_relaxed(&finalizers->due); /* stale: fails below */
  do {
    last->next = head;
  } while (!gc_atomic_compare_exchange_acq_rel(&finalizers->due, &head,
                                               list)); /* [pairs: finalizer-due] */
}

size_t gc_finalizers_due(struct gc_mutator *mutator) {
  return gc_atomic_load_relaxed(&mutator->heap->finalizers.due_count);
}

/* --- sorting -----------------------------------------------------------------------------------*/

static bool comes_first(struct gc_attendant *left, struct gc_attendant *right) {
  return finalizer_of(left)->number < finalizer_of(right)->number;
}

static struct gc_attendant *merge(struct gc_attendant *left, struct gc_attendant *right) {
  struct gc_attendant *merged = NULL, **end = &merged;
  while (left != NULL && right != NULL) {
    struct gc_attendant **least = comes_first(left, right) ? &left : &right;
    *end = *least;
    end = &(*least)->next;
    *least = *end;
  }
  *end = left != NULL ? left : right;
  return merged;
}

/* Bottom up: runs[i] is null, or a sorted list of 2^i. */
static struct gc_attendant *sort(struct gc_attendant *list) {
  struct gc_attendant *runs[64] = {0};
  while (list != NULL) {
    struct gc_attendant *run = list;
    list = list->next;
    run->next = NULL;
    size_t size = 0;
    for (; runs[size] != NULL; size++) {
      run = merge(runs[size], run);
      runs[size] = NULL;
    }
    runs[size] = run;
  }
  struct gc_attendant *sorted = NULL;
  for (size_t size = 0; size < sizeof runs / sizeof *runs; size++) {
    sorted = merge(runs[size], sorted);
  }
  return sorted;
}

/* --- running -----------------------------------------------------------------------------------*/

/* False: somebody else makes ready. */
static bool take_off(struct gc_finalizers *finalizers, struct gc_attendant **ready) {
  gc_spin_lock_acquire(&finalizers->lock);
  bool took = gc_atomic_load_relaxed(&finalizers->making_ready) == 0; /* relaxed: under lock */
  if (took) {
    gc_atomic_store_relaxed(&finalizers->making_ready, 1);
    *ready = finalizers->ready;
    finalizers->ready = NULL;
  }
  gc_spin_lock_release(&finalizers->lock);
  return took;
}

static void put_back(struct gc_finalizers *finalizers, struct gc_attendant *ready) {
  gc_spin_lock_acquire(&finalizers->lock);
  finalizers->ready = ready;
  gc_atomic_store_relaxed(&finalizers->making_ready, 0);
  gc_spin_lock_release(&finalizers->lock);
}

/* Until what somebody else makes ready is. A safepoint. */
static void wait_for_other(struct gc_mutator *mutator, struct gc_finalizers *finalizers) {
  gc_blocking_begin(mutator);
  /* Relaxed: the list itself is looked at under the lock. */
  while (gc_atomic_load_relaxed(&finalizers->making_ready) != 0) {
    gc_platform_sleep_us(OTHER_WAIT_US);
  }
  gc_blocking_end(mutator);
}

/* What has become due joins what is ready. A safepoint. */
static void make_ready(struct gc_mutator *mutator, struct gc_finalizers *finalizers) {
  struct gc_attendant *ready = NULL;
  /* Who finds nothing because it was taken waits for it in take_ready. */
  while (gc_atomic_load_acquire(&finalizers->due) != NULL) { /* [pairs: finalizer-due] */
    if (!take_off(finalizers, &ready)) {
      wait_for_other(mutator, finalizers);
      continue;
    }
    bool is_long = gc_atomic_load_relaxed(&finalizers->due_count) > SORTED_AT_ONCE;
    if (is_long) {
      gc_blocking_begin(mutator);
    }
    struct gc_attendant *list =
        sort(gc_atomic_exchange_acq_rel(&finalizers->due, NULL)); /* [pairs: finalizer-due] */
    put_back(finalizers, merge(ready, list));
    if (is_long) {
      gc_blocking_end(mutator);
    }
    return;
  }
}

/* Null: none is ready, nor being made so. A safepoint. */
static struct gc_finalizer *take_ready(struct gc_mutator *mutator,
                                       struct gc_finalizers *finalizers) {
  for (;;) {
    gc_spin_lock_acquire(&finalizers->lock);
    struct gc_attendant *first = finalizers->ready;
    bool is_being_made = gc_atomic_load_relaxed(&finalizers->making_ready) != 0;
    if (first != NULL) {
      finalizers->ready = first->next;
    }
    gc_spin_lock_release(&finalizers->lock);
    if (first != NULL || !is_being_made) {
      return first != NULL ? finalizer_of(first) : NULL;
    }
    wait_for_other(mutator, finalizers);
  }
}

size_t gc_finalizers_run(struct gc_mutator *mutator, size_t count_max) {
  struct gc_finalizers *finalizers = &mutator->heap->finalizers;
  size_t count = 0;
  gc_poll(mutator);
  make_ready(mutator, finalizers);
  while (count < count_max) {
    gc_poll(mutator); /* whatever the callbacks do, others do not wait for all of them */
    struct gc_finalizer *finalizer = take_ready(mutator, finalizers);
    if (finalizer == NULL) {
      break;
    }
    struct gc_finalizer taken = *finalizer;
    gc_arena_free(finalizers->arena, finalizer, sizeof *finalizer);
    gc_atomic_fetch_sub_relaxed(&finalizers->due_count, 1);
    taken.callback(mutator, taken.token);
    count++;
  }
  return count;
}

void gc_finalizers_close(struct gc_finalizers *finalizers) {
  gc_finalizers_free(finalizers, finalizers->due);
  gc_finalizers_free(finalizers, finalizers->ready);
  *finalizers = (struct gc_finalizers){0};
}
