/* The slot set. See slot_set_parts.h. */
#include "barriers/slot_set_parts.h"
#include "heap/assert.h"
#include "heap/platform.h"
#include <stdlib.h>

/* Buckets that are allocated together. */
#define CHUNK_BUCKETS 56

struct gc_slot_chunk {
  struct gc_slot_chunk *next;
  struct gc_slot_bucket buckets[CHUNK_BUCKETS];
};

static size_t table_bytes(const struct gc_slot_set *set) {
  size_t bytes = (set->bytes >> GC_BUCKET_BYTES_LOG2) * sizeof set->table[0];
  return (bytes + GC_OS_PAGE_BYTES - 1) & ~(GC_OS_PAGE_BYTES - 1);
}

struct gc_slot_set *gc_slot_set_create(struct gc_heap *heap) {
  const struct gc_space *space = &heap->space;
  uintptr_t table = 0;
  struct gc_slot_set *set =
      calloc(1, sizeof *set + heap->workers.count * sizeof(struct gc_slot_worker));
  if (set == NULL) {
    return NULL;
  }
  set->heap = heap;
  set->start = space->block_start;
  set->bytes = space->start + space->bytes - space->block_start;
  if (gc_platform_reserve(table_bytes(set), GC_OS_PAGE_BYTES, &table) != 0) {
    free(set);
    return NULL;
  }
  set->table = (struct gc_slot_bucket **)table;
  return set;
}

void gc_slot_set_destroy(struct gc_slot_set *set) {
  while (set->chunks != NULL) {
    struct gc_slot_chunk *chunk = set->chunks;
    set->chunks = chunk->next;
    gc_arena_free(&set->heap->arena, chunk, sizeof *chunk);
  }
  gc_platform_unreserve((uintptr_t)set->table, table_bytes(set));
  free(set);
}

static struct gc_slot_bucket **entry_of(const struct gc_slot_set *set, struct gc_slot slot) {
  return &set->table[((uintptr_t)slot.location - set->start) >> GC_BUCKET_BYTES_LOG2];
}

static size_t word_of(struct gc_slot slot) {
  return (uintptr_t)slot.location / GC_CARD_BYTES % GC_BUCKET_WORDS;
}

static uint64_t bit_of(struct gc_slot slot) {
  return UINT64_C(1) << (uintptr_t)slot.location / sizeof(struct gc_ref) % 64;
}

static void push(struct gc_slot_bucket **list, struct gc_slot_bucket *bucket) {
  bucket->next = *list;
  *list = bucket;
}

static struct gc_slot_bucket *pop(struct gc_slot_bucket **list) {
  struct gc_slot_bucket *bucket = *list;
  if (bucket != NULL) {
    *list = bucket->next;
  }
  return bucket;
}

/* More spare buckets; false when the arena has no memory. */
static bool add_chunk(struct gc_slot_set *set) {
  struct gc_slot_chunk *chunk = gc_arena_allocate(&set->heap->arena, sizeof *chunk);
  if (chunk == NULL) {
    return false;
  }
  *chunk = (struct gc_slot_chunk){0};
  gc_spin_lock_acquire(&set->lock);
  chunk->next = set->chunks;
  set->chunks = chunk;
  for (size_t index = 0; index < CHUNK_BUCKETS; index++) {
    push(&set->spare, &chunk->buckets[index]);
  }
  gc_spin_lock_release(&set->lock);
  return true;
}

static struct gc_slot_bucket *acquire_bucket(struct gc_slot_set *set) {
  struct gc_slot_bucket *bucket = NULL;
  do {
    gc_spin_lock_acquire(&set->lock);
    bucket = pop(&set->spare);
    gc_spin_lock_release(&set->lock);
  } while (bucket == NULL && add_chunk(set));
  return bucket;
}

/* The bucket that the entry leads to when this returns: a new one, or that of a thread that was
 * faster. Null when there is no memory. */
static GC_NEVER_INLINE struct gc_slot_bucket *
make_bucket(struct gc_slot_set *set, struct gc_slot slot, struct gc_slot_bucket **made) {
  struct gc_slot_bucket *bucket = acquire_bucket(set), *found = NULL;
  if (bucket == NULL) {
    return NULL;
  }
  bucket->start = (uintptr_t)slot.location >> GC_BUCKET_BYTES_LOG2 << GC_BUCKET_BYTES_LOG2;
  if (gc_atomic_compare_exchange_acq_rel(entry_of(set, slot), &found,
                                         bucket)) { /* [pairs: slot-bucket] */
    push(made, bucket);
    return bucket;
  }
  gc_spin_lock_acquire(&set->lock);
  push(&set->spare, bucket);
  gc_spin_lock_release(&set->lock);
  return found;
}

/* The slot's bucket, made if there is none; null when there is no memory for it. */
static struct gc_slot_bucket *bucket_for(struct gc_slot_set *set, struct gc_slot slot,
                                         struct gc_slot_bucket **made) {
  GC_ASSERT((uintptr_t)slot.location - set->start < set->bytes, "only old slots are remembered");
  struct gc_slot_bucket *bucket =
      gc_atomic_load_acquire(entry_of(set, slot)); /* [pairs: slot-bucket] */
  return GC_LIKELY(bucket != NULL) ? bucket : make_bucket(set, slot, made);
}

bool gc_slot_set_insert_mutator(struct gc_slot_set *set, struct gc_mutator *mutator,
                                struct gc_slot slot) {
  struct gc_slot_bucket *made = gc_slot_set_made_by(mutator);
  struct gc_slot_bucket *bucket = bucket_for(set, slot, &made);
  mutator->remembered_top = (uintptr_t *)(void *)made;
  if (bucket == NULL) {
    return false;
  }
  /* Relaxed: bits are taken in scavenges, after a stop. */
  uint64_t *word = &bucket->words[word_of(slot)], bit = bit_of(slot);
  if ((gc_atomic_load_relaxed(word) & bit) == 0) {
    (void)gc_atomic_fetch_or_relaxed(word, bit);
  }
  return true;
}

bool gc_slot_set_insert_worker(struct gc_slot_set *set, struct gc_worker *worker,
                               struct gc_slot slot) {
  struct gc_slot_bucket *bucket = bucket_for(set, slot, &set->workers[worker->index].made);
  if (bucket == NULL) {
    return false;
  }
  /* Always, and release: another worker may be about to take the bit, of a slot that is on a dirty
   * card as well, and then sees the slot as it was left [pairs: slot-again]. */
  (void)gc_atomic_fetch_or_acq_rel(&bucket->words[word_of(slot)], bit_of(slot));
  return true;
}

bool gc_slot_set_contains(const struct gc_slot_set *set, struct gc_slot slot) {
  const struct gc_slot_bucket *bucket = *entry_of(set, slot);
  return bucket != NULL && (bucket->words[word_of(slot)] & bit_of(slot)) != 0;
}

bool gc_slot_set_is_empty(const struct gc_slot_set *set) {
  for (const struct gc_mutator_private *mutator = set->heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    if (gc_slot_set_made_by(&mutator->mutator) != NULL) {
      return false;
    }
  }
  return set->listed == NULL;
}

/* Puts the whole of *from before *to. */
static void splice(struct gc_slot_bucket **to, struct gc_slot_bucket **from) {
  struct gc_slot_bucket **link = from;
  while (*link != NULL) {
    link = &(*link)->next;
  }
  *link = *to;
  *to = *from;
  *from = NULL;
}

void gc_slot_set_flush(struct gc_slot_set *set, struct gc_mutator *mutator) {
  struct gc_slot_bucket *made = gc_slot_set_made_by(mutator);
  gc_spin_lock_acquire(&set->lock);
  splice(&set->listed, &made);
  gc_spin_lock_release(&set->lock);
  mutator->remembered_top = NULL;
}

/* The first run of neighbours among the bits left joins the batch. */
static void hand_out(struct gc_slot_worker *worker, struct gc_remembered_batch *batch) {
  unsigned first = (unsigned)__builtin_ctzll(worker->bits);
  uint64_t ends = ~(worker->bits >> first); /* its lowest one is where the run ends */
  unsigned count = ends != 0 ? (unsigned)__builtin_ctzll(ends) : 64;
  uintptr_t start = worker->taken->start + (worker->next_word - 1) * GC_CARD_BYTES +
                    first * sizeof(struct gc_ref);
  worker->bits &= first + count < 64 ? UINT64_MAX << (first + count) : 0;
  batch->host[batch->count] = GC_HOST_NOT_ASKED;
  batch->start[batch->count] = start;
  batch->end[batch->count++] = start + count * sizeof(struct gc_ref);
}

/* Goes on to the next bucket; false when there is none. */
static bool take_bucket(struct gc_slot_set *set, struct gc_slot_worker *worker) {
  if (worker->taken != NULL) {
    push(&worker->emptied, worker->taken);
  }
  gc_spin_lock_acquire(&set->lock);
  worker->taken = pop(&set->listed);
  gc_spin_lock_release(&set->lock);
  worker->next_word = 0;
  return worker->taken != NULL;
}

/* Takes the next word of bits. Taken before its slots are visited: who visits one inserts it again
 * where a young reference stays. */
static void take_word(struct gc_slot_worker *worker) {
  uint64_t *word = &worker->taken->words[worker->next_word++];
  /* The load is relaxed: slots inserted meanwhile are the next scavenge's. Where one is taken again
   * all the same, it is seen as who inserted it left it [pairs: slot-again]. */
  worker->bits = gc_atomic_load_relaxed(word) != 0 ? gc_atomic_exchange_acq_rel(word, 0) : 0;
}

void gc_slot_set_take(struct gc_slot_set *set, struct gc_worker *worker,
                      struct gc_remembered_batch *batch) {
  struct gc_slot_worker *own = &set->workers[worker->index];
  while (batch->count < GC_REMEMBERED_BATCH) {
    if (own->bits != 0) {
      hand_out(own, batch);
    } else if (own->taken != NULL && own->next_word < GC_BUCKET_WORDS) {
      take_word(own);
    } else if (!take_bucket(set, own)) {
      return;
    }
  }
}

static bool holds_bits(const struct gc_slot_bucket *bucket) {
  uint64_t bits = 0;
  for (size_t word = 0; word < GC_BUCKET_WORDS; word++) {
    bits |= bucket->words[word];
  }
  return bits != 0;
}

void gc_slot_set_end_stw(struct gc_slot_set *set) {
  for (unsigned index = 0; index < set->heap->workers.count; index++) {
    struct gc_slot_worker *worker = &set->workers[index];
    struct gc_slot_bucket *bucket;
    splice(&set->listed, &worker->made);
    while ((bucket = pop(&worker->emptied)) != NULL) {
      if (holds_bits(bucket)) {
        push(&set->listed, bucket);
      } else {
        *entry_of(set, (struct gc_slot){(struct gc_ref *)bucket->start}) = NULL;
        push(&set->spare, bucket);
      }
    }
  }
}
