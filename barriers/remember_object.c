/* Remembering half `object`, the slow half and the heap's side: lists of logged objects and of
 * logged pieces of large ones.
 *
 * Invariants: an old object whose log byte is quiet is on a list, and so is a piece of a large
 * object whose card is dirty: of a mutator, of a worker, or of the heap. Cards of blocks are clean
 * but for degradation.
 *
 * Algorithm: a scavenge takes an entry, makes the object unlogged, then has its slots visited;
 * where one still holds a young reference afterwards, remember_slot logs and lists the object
 * again. So an object is listed as long as it holds young references, and no longer.
 *
 * Degradation: when no segment can be had, the object stays unlogged and the slot's card is made
 * dirty, for a walk of the table in the next scavenge.
 *
 * Concurrency: mutators append to lists of their own. An entry that racing mutators listed twice
 * may be visited by two workers at once: each unlogs it before it visits all its slots, by an
 * exchange, so the later of them to unlog lists it again if it must be [log-again].
 */
#include "barriers/barrier_parts.h"
#include "barriers/remembered_parts.h"
#include "heap/assert.h"
#include <errno.h>
#include <gc/barriers/remember_card.h>
#include <gc/barriers/remember_object.h>
#include <stdlib.h>

/* In an entry: the address of a piece of a large object, not of an object. */
#define ENTRY_IS_PIECE ((uintptr_t)1)

/* Entries that a worker took, and what is left of the object that it was handing out when the batch
 * was full. */
struct worker_part {
  uintptr_t entries[GC_REMEMBERED_BATCH];
  size_t count;
  uintptr_t host; /* the object that is handed out */
  struct gc_range rest;
};

struct object_state {
  struct gc_remembered_list list;
  struct gc_card_walk walk;
  struct worker_part parts[]; /* by worker; each its own */
};

static struct object_state *state_of(struct gc_heap *heap) {
  return heap->remembered_state;
}

static int open_object(struct gc_heap *heap) {
  size_t parts_bytes = heap->workers.count * sizeof(struct worker_part);
  heap->remembered_state = calloc(1, sizeof(struct object_state) + parts_bytes);
  heap->promotion_header_or = (uint64_t)GC_LOG_UNLOGGED << 8 * GC_HEADER_LOG_BYTE;
  return heap->remembered_state != NULL ? 0 : -ENOMEM;
}

static void close_object(struct gc_heap *heap) {
  if (heap->remembered_state != NULL) {
    gc_remembered_list_finish(&state_of(heap)->list, heap);
    free(heap->remembered_state);
    heap->remembered_state = NULL;
  }
}

static uint8_t *card_of(struct gc_heap *heap, struct gc_slot slot) {
  return gc_space_card(&heap->space, (uintptr_t)slot.location);
}

static uintptr_t piece_entry(struct gc_slot slot) {
  return ((uintptr_t)slot.location & ~(GC_CARD_BYTES - 1)) | ENTRY_IS_PIECE;
}

static bool is_large(struct gc_ref object) {
  return gc_header_is_large(gc_object_header(object));
}

static void log_piece(struct gc_mutator *mutator, struct gc_slot slot, struct gc_ref new_ref) {
  uint8_t *card = card_of(mutator->heap, slot);
  /* Relaxed: a stale clean makes a duplicate. */
  if (!gc_is_young(mutator, new_ref) || gc_atomic_load_relaxed(card) == GC_CARD_DIRTY) {
    return;
  }
  gc_atomic_store_relaxed(card, GC_CARD_DIRTY); /* read by the next scavenge, after a stop */
  if (!gc_remembered_list_push(mutator, piece_entry(slot))) {
    gc_card_walk_want(&state_of(mutator->heap)->walk, card);
  }
}

/* False when there is no room on the list: the object is still unlogged. */
static bool log_object(struct gc_mutator *mutator, struct gc_ref src) {
  bool is_listed = gc_remembered_list_push(mutator, src.address);
  if (is_listed) {
    /* Relaxed: a mutator that does not see it yet lists the object a second time. */
    gc_atomic_store_relaxed(gc_object_log_byte(src), GC_LOG_QUIET);
  }
  return is_listed;
}

GC_NEVER_INLINE void gc_remember_object_slow(struct gc_mutator *mutator, struct gc_ref src,
                                             struct gc_slot slot, struct gc_ref new_ref) {
  gc_barrier_count(&mutator->barrier_counts, GC_COUNT_REMEMBER_SLOW);
  if (is_large(src)) {
    log_piece(mutator, slot, new_ref);
  } else if (!log_object(mutator, src)) {
    gc_card_walk_want(&state_of(mutator->heap)->walk, card_of(mutator->heap, slot));
  }
}

/* After a bulk change. */
void gc_remember_object_object(struct gc_mutator *mutator, struct gc_ref src) {
  /* Relaxed: as in the fast half. */
  if (gc_atomic_load_relaxed(gc_object_log_byte(src)) == GC_LOG_QUIET) {
    return;
  }
  size_t count = gc_object_slot_count(src);
  for (size_t index = 0; index < count; index++) {
    struct gc_slot slot = gc_object_slot(src, index);
    gc_remember_object(mutator, src, slot,
                       (struct gc_ref){gc_atomic_load_relaxed(&slot.location->address)});
  }
}

static void flush_mutator(struct gc_heap *heap, struct gc_mutator *mutator) {
  gc_remembered_list_flush(&state_of(heap)->list, mutator);
}

/* Every card on which the object has slots: other workers may rely on this one to have listed it. */
static void want_whole(struct gc_heap *heap, struct gc_ref object) {
  uintptr_t start = (uintptr_t)gc_object_slot(object, 0).location;
  uintptr_t end = start + gc_object_slot_count(object) * sizeof(struct gc_ref);
  start &= ~(GC_CARD_BYTES - 1);
  for (; start < end; start += GC_CARD_BYTES) {
    gc_card_walk_want(&state_of(heap)->walk, gc_space_card(&heap->space, start));
  }
}

static void relog_object(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object) {
  /* Only who turns the state lists the object. Release, after its slot was updated.
   * [pairs: log-again] */
  uint8_t *log_byte = gc_object_log_byte(object);
  if (gc_atomic_exchange_acq_rel(log_byte, GC_LOG_QUIET) == GC_LOG_UNLOGGED &&
      !gc_remembered_list_push_worker(worker, object.address)) {
    want_whole(heap, object);
    gc_atomic_store_relaxed(log_byte, GC_LOG_UNLOGGED);
  }
}

static void relog_piece(struct gc_heap *heap, struct gc_worker *worker, struct gc_slot slot) {
  uint8_t *card = card_of(heap, slot);
  /* Release, after the slot was updated [pairs: card-again]. */
  if (gc_atomic_exchange_acq_rel(card, GC_CARD_DIRTY) == GC_CARD_CLEAN &&
      !gc_remembered_list_push_worker(worker, piece_entry(slot))) {
    gc_card_walk_want(&state_of(heap)->walk, card);
  }
}

static void remember_slot(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object,
                          struct gc_slot slot) {
  if (is_large(object)) {
    relog_piece(heap, worker, slot);
  } else {
    relog_object(heap, worker, object);
  }
}

/* Of a promoted object, so never of a large one. */
static void remember_object(struct gc_heap *heap, struct gc_worker *worker, struct gc_ref object) {
  GC_ASSERT(!is_large(object), "large objects are not promoted");
  relog_object(heap, worker, object);
}

static void begin_scavenge_stw(struct gc_heap *heap) {
  gc_card_walk_begin_stw(&state_of(heap)->walk, heap);
}

static void end_scavenge_stw(struct gc_heap *heap) {
  gc_remembered_list_collect_workers(&state_of(heap)->list, heap);
}

/* Takes entries from the heap's list; false when it is empty. */
static bool take_entries(struct gc_heap *heap, struct worker_part *part) {
  part->count = gc_remembered_list_take(&state_of(heap)->list, heap, part->entries);
  for (size_t index = 0; index < part->count; index++) {
    __builtin_prefetch((const void *)(part->entries[index] & ~ENTRY_IS_PIECE), 1);
  }
  return part->count > 0;
}

/* Unlogs an object and makes its slots the rest to be handed out. */
static void unlog(struct worker_part *part, struct gc_ref object) {
  /* An exchange, so that it comes before the visits to the object's slots: a store could take effect
   * after them, and after another worker has listed the object again. Acquire: who lists it before
   * has left its slots as this thread will see them [pairs: log-again]. */
  (void)gc_atomic_exchange_acq_rel(gc_object_log_byte(object), GC_LOG_UNLOGGED);
  part->host = object.address;
  part->rest.start = (uintptr_t)gc_object_slot(object, 0).location;
  part->rest.end = part->rest.start + gc_object_slot_count(object) * sizeof(struct gc_ref);
}

/* The rest's part on its first card joins the batch. */
static void hand_out(struct worker_part *part, struct gc_remembered_batch *batch) {
  uintptr_t card_end = (part->rest.start & ~(GC_CARD_BYTES - 1)) + GC_CARD_BYTES;
  uintptr_t end = part->rest.end < card_end ? part->rest.end : card_end;
  batch->host[batch->count] = part->host;
  batch->start[batch->count] = part->rest.start;
  batch->end[batch->count++] = end;
  part->rest.start = end;
}

static bool take_work(struct gc_heap *heap, struct gc_worker *worker,
                      struct gc_remembered_batch *batch) {
  struct object_state *state = state_of(heap);
  struct worker_part *part = &state->parts[worker->index];
  batch->count = 0;
  while (batch->count < GC_REMEMBERED_BATCH) {
    if (part->rest.start < part->rest.end) {
      hand_out(part, batch);
      continue;
    }
    if (part->count == 0 && !take_entries(heap, part)) {
      break;
    }
    uintptr_t entry = part->entries[--part->count];
    if ((entry & ENTRY_IS_PIECE) == 0) {
      unlog(part, (struct gc_ref){entry});
    } else {
      gc_card_clean_into(&heap->space, gc_space_card(&heap->space, entry), batch);
    }
  }
  if (batch->count == 0) {
    gc_card_walk_take(&state->walk, worker, batch);
  }
  return batch->count > 0;
}

static bool is_empty(struct gc_heap *heap) {
  const struct object_state *state = state_of(heap);
  return state->walk.is_wanted == 0 && gc_remembered_list_is_empty(&state->list, heap);
}

static bool contains(struct gc_heap *heap, struct gc_ref object, struct gc_slot slot) {
  return *card_of(heap, slot) == GC_CARD_DIRTY ||
         (!is_large(object) && *gc_object_log_byte(object) == GC_LOG_QUIET);
}

const struct gc_remembered_ops gc_remember_object_ops = {
    .name = "object",
    .provides = GC_KEEPS_REMEMBERED,
    .open = open_object,
    .close = close_object,
    .update_mutator = gc_remembered_update_nothing,
    .flush_mutator = flush_mutator,
    .begin_scavenge_stw = begin_scavenge_stw,
    .take_work = take_work,
    .remember_object = remember_object,
    .remember_slot = remember_slot,
    .end_scavenge_stw = end_scavenge_stw,
    .is_empty = is_empty,
    .contains = contains,
};
