/* Backing stores: counted, created, released and freed; the thread that frees. See external.h. */
#include "heap/external.h"
#include "heap/assert.h"
#include "heap/platform.h"
#include <errno.h>
#include <gc/options.h>

/* A scavenge is due when young owners have so many edens of bytes: V8's factor. */
#define YOUNG_EDENS 2

/* A full collection is due when stores have grown by this share of the old generation: V8's. */
#define HARD_SHARE 2

/* --- opening and closing -----------------------------------------------------------------------*/

int gc_external_open(struct gc_external *external, struct gc_arena *metadata,
                     const struct gc_options *options, size_t old_limit_bytes, size_t eden_bytes) {
  uint64_t hard_bytes = old_limit_bytes / HARD_SHARE;
  uint64_t soft_bytes = options->external_soft_bytes;
  *external = (struct gc_external){
      .metadata = metadata,
      .limit_bytes = options->external_limit_bytes != 0 ? options->external_limit_bytes
                                                        : gc_platform_memory_usable_bytes(),
      .soft_room_bytes = soft_bytes < hard_bytes / 2 ? soft_bytes : hard_bytes / 2,
      .hard_room_bytes = hard_bytes,
      .young_room_bytes = YOUNG_EDENS * (uint64_t)eden_bytes,
  };
  int error = -pthread_mutex_init(&external->thread_lock, NULL);
  return error != 0 ? error : gc_arena_init(&external->arena);
}

static void free_store(struct gc_external *external, struct gc_store *store) {
  gc_arena_free(&external->arena, store->data, store->bytes);
  gc_arena_free(external->metadata, store, sizeof *store);
}

static struct gc_store *store_of(struct gc_attendant *attendant) {
  return (struct gc_store *)attendant;
}

static void free_list(struct gc_external *external, struct gc_attendant *list) {
  while (list != NULL) {
    struct gc_attendant *next = list->next;
    free_store(external, store_of(list));
    list = next;
  }
}

void gc_external_close(struct gc_external *external) {
  if (external->metadata == NULL) {
    return; /* it was never opened */
  }
  gc_external_stop_thread(external);
  free_list(external, external->backlog);
  free_list(external, external->released);
  GC_CHECK(gc_atomic_load_relaxed(&external->arena.used_bytes) == 0,
           "external-agrees: a heap that closes knows all its backing stores");
  gc_arena_finish(&external->arena);
  pthread_mutex_destroy(&external->thread_lock);
}

/* --- counting ----------------------------------------------------------------------------------*/

uint64_t gc_external_bytes(const struct gc_external *external) {
  /* Relaxed, here and below: counts, of which each is right by itself. */
  return gc_atomic_load_relaxed(&external->live_bytes) +
         gc_atomic_load_relaxed(&external->pending_bytes);
}

bool gc_external_try_take(struct gc_external *external, uint64_t bytes) {
  uint64_t live_bytes = gc_atomic_load_relaxed(&external->live_bytes);
  do {
    if (bytes > external->limit_bytes || live_bytes > external->limit_bytes - bytes) {
      return false;
    }
  } while (
      !gc_atomic_compare_exchange_relaxed(&external->live_bytes, &live_bytes, live_bytes + bytes));
  return true;
}

/* Relaxed: of two who lower it at the same time the later may win, which moves a trigger a little.
 */
static void lower(uint64_t *low_bytes, uint64_t live_bytes) {
  if (live_bytes < gc_atomic_load_relaxed(low_bytes)) {
    gc_atomic_store_relaxed(low_bytes, live_bytes);
  }
}

void gc_external_give(struct gc_external *external, uint64_t bytes) {
  uint64_t live_bytes = gc_atomic_fetch_sub_relaxed(&external->live_bytes, bytes) - bytes;
  lower(&external->soft_low_bytes, live_bytes);
  lower(&external->hard_low_bytes, live_bytes);
}

bool gc_external_declare_less(struct gc_external *external, uint64_t bytes) {
  uint64_t declared_bytes = gc_atomic_load_relaxed(&external->declared_bytes);
  do {
    if (bytes > declared_bytes) {
      return false;
    }
  } while (!gc_atomic_compare_exchange_relaxed(&external->declared_bytes, &declared_bytes,
                                               declared_bytes - bytes));
  gc_external_give(external, bytes);
  return true;
}

/* --- stores ------------------------------------------------------------------------------------*/

struct gc_store *gc_store_create(struct gc_external *external, size_t bytes) {
  struct gc_store *store = gc_arena_allocate(external->metadata, sizeof *store);
  void *data = store != NULL ? gc_arena_allocate_zeroed(&external->arena, bytes) : NULL;
  if (data == NULL) {
    gc_arena_free(external->metadata, store, sizeof *store);
    return NULL;
  }
  *store =
      (struct gc_store){.attendant = {.kind = GC_ATTENDANT_STORE}, .data = data, .bytes = bytes};
  return store;
}

void gc_external_count(struct gc_external *external, const struct gc_store *store, bool is_young) {
  gc_atomic_fetch_add_relaxed(&external->buffer_bytes, store->bytes);
  gc_atomic_fetch_add_relaxed(&external->buffer_count, 1);
  if (is_young) {
    gc_atomic_fetch_add_relaxed(&external->young_bytes, store->bytes);
  }
}

void gc_external_no_longer_young(struct gc_external *external, const struct gc_attendant *store) {
  gc_atomic_fetch_sub_relaxed(&external->young_bytes, ((const struct gc_store *)store)->bytes);
}

void gc_external_detached(struct gc_external *external, uint64_t bytes, bool is_young) {
  gc_atomic_fetch_sub_relaxed(&external->buffer_bytes, bytes);
  if (is_young) {
    gc_atomic_fetch_sub_relaxed(&external->young_bytes, bytes);
  }
  gc_external_give(external, bytes);
}

/* --- releasing ---------------------------------------------------------------------------------*/

static void wake_thread(struct gc_external *external) {
  if (gc_atomic_load_seq_cst(&external->parked) != 0 &&        /* [pairs: release-park] */
      gc_atomic_exchange_seq_cst(&external->parked, 0) != 0) { /* [pairs: release-park] */
    gc_platform_unpark_all(&external->parked);
  }
}

static void push_released(struct gc_external *external, struct gc_attendant *first,
                          struct gc_attendant *last) {
  struct gc_attendant *head = gc_atomic_load_relaxed(&external->released); /* stale: fails below */
  do {
    last->next = head;
  } while (!gc_atomic_compare_exchange_seq_cst(
      &external->released, &head, first)); /* [pairs: store-release] [pairs: release-park] */
}

void gc_external_release(struct gc_external *external, struct gc_attendant *stores) {
  if (stores == NULL) {
    return;
  }
  uint64_t bytes = 0, count = 0;
  struct gc_attendant *last = NULL;
  for (struct gc_attendant *store = stores; store != NULL; store = store->next) {
    bytes += store_of(store)->bytes;
    count++;
    last = store;
  }
  gc_atomic_fetch_add_relaxed(&external->pending_bytes, bytes);
  gc_atomic_fetch_sub_relaxed(&external->buffer_bytes, bytes);
  gc_atomic_fetch_sub_relaxed(&external->buffer_count, count);
  gc_atomic_fetch_add_relaxed(&external->released_bytes, bytes);
  gc_atomic_fetch_add_relaxed(&external->released_count, count);
  gc_external_give(external, bytes);
  push_released(external, stores, last);
  wake_thread(external);
}

static void release_uncounted(struct gc_external *external, struct gc_store *store) {
  gc_atomic_fetch_add_relaxed(&external->pending_bytes, store->bytes);
  push_released(external, &store->attendant, &store->attendant);
  wake_thread(external);
}

void gc_store_destroy(struct gc_external *external, struct gc_store *store) {
  gc_external_give(external, store->bytes);
  release_uncounted(external, store);
}

bool gc_external_free_later(struct gc_external *external, void *data, size_t bytes) {
  struct gc_store *store = gc_arena_allocate(external->metadata, sizeof *store);
  if (store != NULL) {
    *store =
        (struct gc_store){.attendant = {.kind = GC_ATTENDANT_STORE}, .data = data, .bytes = bytes};
    release_uncounted(external, store);
  }
  return store != NULL;
}

/* One released store, or null. */
static struct gc_store *pop_released(struct gc_external *external) {
  gc_spin_lock_acquire(&external->lock);
  struct gc_attendant *first = external->backlog;
  if (first == NULL) {
    first = gc_atomic_exchange_seq_cst(&external->released, NULL); /* [pairs: store-release] */
  }
  external->backlog = first != NULL ? first->next : NULL;
  gc_spin_lock_release(&external->lock);
  return first != NULL ? store_of(first) : NULL;
}

static void free_counted(struct gc_external *external, struct gc_store *store) {
  uint64_t bytes = store->bytes;
  free_store(external, store);
  gc_atomic_fetch_sub_relaxed(&external->pending_bytes, bytes);
}

void gc_external_free_released(struct gc_external *external, size_t count_max,
                               uint64_t keep_bytes) {
  struct gc_store *store = NULL;
  for (size_t count = 0;
       count < count_max && gc_atomic_load_relaxed(&external->pending_bytes) > keep_bytes &&
       (store = pop_released(external)) != NULL;
       count++) {
    free_counted(external, store);
  }
  wake_thread(external); /* for what is left in the backlog */
}

/* --- the thread --------------------------------------------------------------------------------*/

static bool is_stopping(struct gc_external *external) {
  return gc_atomic_load_seq_cst(&external->stopping) != 0; /* [pairs: release-park] */
}

/* Who leaves a backlog behind looks for a parked thread after the lock that is taken here. */
static bool has_released(struct gc_external *external) {
  gc_spin_lock_acquire(&external->lock);
  bool has_backlog = external->backlog != NULL;
  gc_spin_lock_release(&external->lock);
  return has_backlog ||
         gc_atomic_load_seq_cst(&external->released) != NULL; /* [pairs: release-park] */
}

static void *thread_main(void *argument) {
  struct gc_external *external = argument;
  while (!is_stopping(external)) {
    struct gc_store *store = pop_released(external);
    if (store != NULL) {
      free_counted(external, store);
      continue;
    }
    gc_atomic_store_seq_cst(&external->parked, 1); /* [pairs: release-park] */
    if (!has_released(external) && !is_stopping(external)) {
      gc_platform_park(&external->parked, 1);
    }
    gc_atomic_store_seq_cst(&external->parked, 0); /* [pairs: release-park] */
  }
  return NULL;
}

void gc_external_start_thread(struct gc_external *external) {
  /* Relaxed: who reads a stale 0 looks again under the lock. */
  if (gc_atomic_load_relaxed(&external->has_thread) != 0) {
    return;
  }
  pthread_mutex_lock(&external->thread_lock);
  if (external->has_thread == 0 && !is_stopping(external) &&
      pthread_create(&external->thread, NULL, thread_main, external) == 0) {
    gc_atomic_store_relaxed(&external->has_thread, 1);
  }
  pthread_mutex_unlock(&external->thread_lock);
}

void gc_external_stop_thread(struct gc_external *external) {
  pthread_mutex_lock(&external->thread_lock);
  bool runs = external->has_thread != 0;
  gc_atomic_store_seq_cst(&external->stopping, 1); /* [pairs: release-park] */
  wake_thread(external);
  gc_atomic_store_relaxed(&external->has_thread, 0);
  pthread_mutex_unlock(&external->thread_lock);
  if (runs) {
    pthread_join(external->thread, NULL);
  }
}

void gc_external_cycle_ended_stw(struct gc_external *external) {
  uint64_t live_bytes = gc_atomic_load_relaxed(&external->live_bytes);
  gc_atomic_store_relaxed(&external->soft_low_bytes, live_bytes);
  gc_atomic_store_relaxed(&external->hard_low_bytes, live_bytes);
}
