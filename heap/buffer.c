/* Buffers: what mutators call. See gc/buffer.h; lists and freeing are in external.h.
 *
 * Before a store is made, its bytes are taken from the limit of external memory. What is asked of
 * the collector before that: a scavenge, when young buffers own much; a cycle, when stores have
 * grown by `--external-soft` since the last one; a full collection, when they have grown by half of
 * the old generation (V8's three rules). While a cycle marks, a buffer's bytes owe marking as
 * allocation does. Where the limit is reached: a scavenge, and then a full collection, each of which
 * takes the bytes before the world runs again; then null is answered and the exhaustion recorded.
 */
#include "heap/assert.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include "heap/sweep.h"
#include <gc/allocate.h>
#include <gc/buffer.h>
#include <gc/safepoint.h>

/* Stores of that size are made in a blocking region, and freed there or on the thread that frees:
 * zeroing a mebibyte takes longer than a stop should wait. */
#define BLOCKING_FROM_BYTES ((size_t)1 << 20)

/* Released bytes from which mutators free too, and how many stores each time. */
#define PENDING_BYTES_MAX (UINT64_C(64) << 20)
#define FREED_PER_BUFFER  16

/* Marking owed for one buffer is at most that of so much allocation. */
#define OWED_BYTES_MAX ((size_t)1 << 20)

/* Collections that a request sees before it is refused: the second is a full one. */
#define COLLECTED_ALL 2

enum exhausted { EXHAUSTED_LIMIT = 1, EXHAUSTED_SYSTEM = 2 };

static void record_exhausted(struct gc_mutator *mutator, size_t bytes, enum exhausted what) {
  gc_event_write(&mutator->private_part->ring, out_of_memory,
                 .mutator = mutator->private_part->number, .time_ns = gc_platform_now_ns(),
                 .requested_bytes = bytes, .of = what);
}

/* --- what is due -------------------------------------------------------------------------------*/

/* Stops the world for a collection of that kind, and takes the bytes, if any, before it runs again.
 * False: they were not to be had, or somebody else stopped the world meanwhile. *collected counts
 * what was done. */
static bool collect(struct gc_mutator *mutator, enum gc_request_kind kind, size_t bytes,
                    unsigned *collected) {
  struct gc_heap *heap = mutator->heap;
  struct gc_request request = {.kind = kind};
  if (heap->hooks->baseline != NULL) { /* which says nothing of who died */
    *collected = COLLECTED_ALL;
    return false;
  }
  if (!gc_stop_begin(heap, mutator, GC_REASON_external_memory)) {
    return false;
  }
  enum gc_pause_kind pause = heap->hooks->collect_stw(heap, &request);
  bool taken = bytes > 0 && gc_external_try_take(&heap->external, bytes);
  *collected += 1;
  gc_stop_end(heap, mutator, pause);
  return taken;
}

/* Growth counts from what is left, so that a collector which frees nothing is not asked again for
 * every buffer. Where somebody else stopped the world instead, it was not asked at all. */
static void collect_for_growth(struct gc_mutator *mutator, enum gc_request_kind kind) {
  struct gc_external *external = &mutator->heap->external;
  unsigned collected = 0;
  (void)collect(mutator, kind, 0, &collected);
  if (collected > 0) {
    uint64_t live_bytes = gc_atomic_load_relaxed(&external->live_bytes);
    gc_atomic_store_relaxed(&external->soft_low_bytes, live_bytes);
    if (kind == GC_REQUEST_FORCED_FULL) {
      gc_atomic_store_relaxed(&external->hard_low_bytes, live_bytes);
    }
  }
}

static bool is_swept(struct gc_heap *heap) {
  return gc_sweep_may(heap) && gc_old_space_is_swept(&heap->old) &&
         gc_large_space_is_swept(&heap->large);
}

/* Dead owners may lie in blocks that await their sweep: then no cycle begins, and mutators help. */
static void sweep_some(struct gc_heap *heap, struct gc_mutator *mutator) {
  struct gc_phase_clock clock = gc_phase_begin();
  uint64_t swept_bytes = 0;
  if (gc_sweep_may(heap) && gc_sweep_one(heap, &swept_bytes)) {
    gc_sweep_record(heap, mutator, swept_bytes, clock);
  }
}

/* Growth over soft_low_bytes that makes a cycle due. Near `--memory-cap` a share of that is enough. */
static uint64_t soft_room_bytes(struct gc_heap *heap, size_t bytes) {
  uint64_t room_bytes = heap->external.soft_room_bytes;
  uint64_t share_bytes = heap->options.memory_cap_bytes / GC_CAP_GROWN_SHARE;
  return share_bytes < room_bytes && gc_heap_is_near_cap(heap, bytes) ? share_bytes : room_bytes;
}

static void collect_where_due(struct gc_mutator *mutator, size_t bytes) {
  struct gc_heap *heap = mutator->heap;
  struct gc_external *external = &heap->external;
  unsigned collected = 0;
  uint64_t live_bytes = gc_atomic_load_relaxed(&external->live_bytes);
  uint64_t soft_low_bytes = gc_atomic_load_relaxed(&external->soft_low_bytes);
  uint64_t hard_low_bytes = gc_atomic_load_relaxed(&external->hard_low_bytes);
  if (external->young_room_bytes > 0 &&
      gc_atomic_load_relaxed(&external->young_bytes) > external->young_room_bytes) {
    (void)collect(mutator, GC_REQUEST_FORCED_MINOR, 0, &collected);
  } else if (live_bytes > hard_low_bytes &&
             live_bytes - hard_low_bytes > external->hard_room_bytes) {
    collect_for_growth(mutator, GC_REQUEST_FORCED_FULL);
  } else if (heap->marking.is_active) {
    heap->hooks->help(heap, mutator, bytes < OWED_BYTES_MAX ? bytes : OWED_BYTES_MAX);
  } else if (live_bytes > soft_low_bytes &&
             live_bytes - soft_low_bytes > soft_room_bytes(heap, bytes)) {
    if (is_swept(heap)) {
      collect_for_growth(mutator, GC_REQUEST_DUE);
    } else {
      sweep_some(heap, mutator);
    }
  }
}

/* --- room --------------------------------------------------------------------------------------*/

/* A safepoint. */
static bool take_room(struct gc_mutator *mutator, size_t bytes) {
  struct gc_external *external = &mutator->heap->external;
  unsigned collected = 0;
  if (bytes > external->limit_bytes) { /* no collection makes room for it */
    return false;
  }
  collect_where_due(mutator, bytes);
  while (!gc_external_try_take(external, bytes)) {
    bool is_minor = collected == 0 && gc_atomic_load_relaxed(&external->young_bytes) > 0;
    if (collected >= COLLECTED_ALL) {
      return false;
    }
    collected += collected == 0 && !is_minor;
    if (collect(mutator, is_minor ? GC_REQUEST_FORCED_MINOR : GC_REQUEST_FORCED_FULL, bytes,
                &collected)) {
      break;
    }
  }
  return true;
}

/* What is held beyond the limit is what was released; it is freed before more is asked for. */
static uint64_t keep_bytes(const struct gc_external *external) {
  uint64_t live_bytes = gc_atomic_load_relaxed(&external->live_bytes);
  return live_bytes < external->limit_bytes ? external->limit_bytes - live_bytes : 0;
}

/* Nobody knows how large they are: in a blocking region. A safepoint. */
static void free_released(struct gc_mutator *mutator, size_t count_max, uint64_t kept_bytes) {
  struct gc_external *external = &mutator->heap->external;
  if (gc_atomic_load_relaxed(&external->pending_bytes) > kept_bytes) {
    gc_blocking_begin(mutator);
    gc_external_free_released(external, count_max, kept_bytes);
    gc_blocking_end(mutator);
  }
}

/* A safepoint. */
static struct gc_store *create_store(struct gc_mutator *mutator, size_t bytes) {
  struct gc_external *external = &mutator->heap->external;
  if (gc_heap_is_near_cap(mutator->heap, bytes)) {
    free_released(mutator, SIZE_MAX, 0);
  } else if (gc_external_bytes(external) > external->limit_bytes) {
    free_released(mutator, SIZE_MAX, keep_bytes(external));
  } else {
    free_released(mutator, FREED_PER_BUFFER, PENDING_BYTES_MAX);
  }
  if (bytes < BLOCKING_FROM_BYTES) {
    return gc_store_create(external, bytes);
  }
  gc_blocking_begin(mutator);
  struct gc_store *store = gc_store_create(external, bytes);
  gc_blocking_end(mutator);
  return store;
}

/* A safepoint. */
static struct gc_store *make_store(struct gc_mutator *mutator, size_t bytes) {
  struct gc_external *external = &mutator->heap->external;
  struct gc_store *store = NULL;
  unsigned collected = 0;
  if (bytes > GC_BUFFER_BYTES_MAX || !take_room(mutator, bytes)) {
    record_exhausted(mutator, bytes, EXHAUSTED_LIMIT);
    return NULL;
  }
  gc_external_start_thread(external);
  store = create_store(mutator, bytes);
  if (store == NULL) {
    (void)collect(mutator, GC_REQUEST_FORCED_FULL, 0, &collected);
    free_released(mutator, SIZE_MAX, 0);
    store = create_store(mutator, bytes);
  }
  if (store == NULL) {
    gc_external_give(external, bytes);
    record_exhausted(mutator, bytes, EXHAUSTED_SYSTEM);
  }
  return store;
}

/* --- what mutators call ------------------------------------------------------------------------*/

struct gc_ref gc_buffer_allocate(struct gc_mutator *mutator, size_t bytes) {
  struct gc_external *external = &mutator->heap->external;
  gc_poll(mutator);
  struct gc_store *store = bytes > 0 ? make_store(mutator, bytes) : NULL;
  if (store == NULL && bytes > 0) {
    return gc_null();
  }
  struct gc_ref buffer =
      gc_allocate(mutator, 0, sizeof(struct gc_buffer) - GC_HEADER_BYTES, GC_TYPE_BUFFER);
  if (gc_is_null(buffer)) {
    if (store != NULL) {
      gc_store_destroy(external, store);
    }
    return buffer;
  }
  if (store != NULL) {
    struct gc_buffer *object = gc_ref_address(buffer);
    object->data = store->data;
    object->bytes = bytes;
    object->store = store;
    store->attendant.owner = buffer.address;
    gc_external_count(external, store, gc_heap_is_young(mutator->heap, buffer));
    gc_attendants_enlist(mutator->heap, mutator->private_part, &store->attendant);
  }
  return buffer;
}

bool gc_buffer_detach(struct gc_mutator *mutator, struct gc_ref buffer) {
  struct gc_heap *heap = mutator->heap;
  struct gc_buffer *object = gc_ref_address(buffer);
  if (gc_buffer_is_slice(buffer) || object->store == NULL) {
    return false;
  }
  struct gc_store *store = object->store;
  void *data = gc_atomic_exchange_acq_rel(&store->data, NULL); /* [pairs: buffer-detach] */
  if (data == NULL) {
    return false;
  }
  size_t bytes = store->bytes;
  store->bytes = 0;
  object->data = NULL;
  object->bytes = 0;
  if (bytes < BLOCKING_FROM_BYTES || !gc_external_free_later(&heap->external, data, bytes)) {
    gc_arena_free(&heap->external.arena, data, bytes);
  }
  gc_external_detached(&heap->external, bytes, gc_heap_is_young(heap, buffer));
  return true;
}

bool gc_external_declare(struct gc_mutator *mutator, int64_t change_bytes) {
  struct gc_external *external = &mutator->heap->external;
  if (change_bytes >= 0) {
    uint64_t bytes = (uint64_t)change_bytes;
    gc_poll(mutator);
    if (!take_room(mutator, bytes)) {
      record_exhausted(mutator, bytes, EXHAUSTED_LIMIT);
      return false;
    }
    gc_atomic_fetch_add_relaxed(&external->declared_bytes, bytes);
    return true;
  }
  return gc_external_declare_less(external, 0 - (uint64_t)change_bytes);
}
