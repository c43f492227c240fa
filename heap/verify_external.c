/* The verifier's part for backing stores, at level 2. See verify.h and heap/external.h.
 *
 * `buffers-listed`: every buffer has its store on the list of the place where it is, once, and the
 * two know each other. Owners that a cycle found dead stay listed until their block is swept; of
 * dead young ones nothing is asked but that they are still what they were. `external-agrees`: counts
 * are the sums over the lists.
 */
#include "heap/assert.h"
#include "heap/verify_private.h"
#include <stdlib.h>

/* All stores, in ascending order of their owners. */
struct listing {
  const struct gc_store **stores;
  size_t count, capacity;
  uint64_t bytes, young_bytes;
};

static void append(struct listing *listing, const struct gc_store *store) {
  if (listing->count == listing->capacity) {
    listing->capacity = 2 * listing->capacity + 64;
    listing->stores = realloc(listing->stores, listing->capacity * sizeof *listing->stores);
    GC_CHECK(listing->stores != NULL, "the verifier's list of backing stores needs memory");
  }
  listing->stores[listing->count++] = store;
  listing->bytes += store->bytes;
}

static int compare(const void *left, const void *right) {
  const struct gc_store *const *a = left, *const *b = right;
  return ((*a)->owner > (*b)->owner) - ((*a)->owner < (*b)->owner);
}

/* The buffer that the store says owns it is that store's. */
static void verify_owner(const struct gc_verifier *verifier, const struct gc_store *store) {
  struct gc_ref owner = {store->owner};
  const struct gc_buffer *buffer = gc_ref_address(owner);
  uint64_t header = gc_object_header(owner);
  if ((header & GC_HEADER_TAG) == 0 || gc_object_type(owner) != GC_TYPE_BUFFER ||
      buffer->store != store || buffer->data != store->data || buffer->bytes != store->bytes) {
    gc_verify_fail(verifier, "buffers-listed",
                   "a store of %zu bytes is listed for the object at %s, which is not its buffer",
                   store->bytes, gc_verify_place(verifier, store->owner));
  }
}

static void list_young(struct gc_verifier *verifier, struct listing *listing,
                       const struct gc_store *store) {
  for (; store != NULL; store = store->next) {
    if (!gc_heap_is_young(verifier->heap, (struct gc_ref){store->owner})) {
      gc_verify_fail(verifier, "buffers-listed",
                     "the store of the old buffer at %s is on the young list",
                     gc_verify_place(verifier, store->owner));
    }
    verify_owner(verifier, store);
    append(listing, store);
    listing->young_bytes += store->bytes;
  }
}

static void list_block(struct gc_verifier *verifier, struct listing *listing, size_t block) {
  const struct gc_space *space = &verifier->heap->space;
  for (const struct gc_store *store = verifier->heap->old.stores[block]; store != NULL;
       store = store->next) {
    struct gc_ref owner = {store->owner};
    if (!gc_heap_is_in_block(verifier->heap, owner) ||
        gc_space_block(space, owner.address) != block) {
      gc_verify_fail(verifier, "buffers-listed",
                     "the store of the buffer at %s is on block %zu's list",
                     gc_verify_place(verifier, store->owner), block);
    }
    if (gc_verify_is_object(verifier, owner)) {
      verify_owner(verifier, store);
    } else if (!gc_verify_test(verifier->block_dead, gc_space_granule(space, owner.address))) {
      gc_verify_fail(verifier, "buffers-listed",
                     "a store of %zu bytes is listed for %s, where no object begins", store->bytes,
                     gc_verify_place(verifier, store->owner));
    }
    append(listing, store);
  }
}

static struct listing list_all(struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  struct listing listing = {0};
  list_young(verifier, &listing, heap->external.young);
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    list_young(verifier, &listing, mutator->external.young);
  }
  for (size_t block = 0; block < verifier->block_limit; block++) {
    list_block(verifier, &listing, block);
  }
  if (listing.count > 1) {
    qsort(listing.stores, listing.count, sizeof *listing.stores, compare);
  }
  for (size_t index = 1; index < listing.count; index++) {
    if (listing.stores[index]->owner == listing.stores[index - 1]->owner) {
      gc_verify_fail(verifier, "buffers-listed", "the buffer at %s is listed twice",
                     gc_verify_place(verifier, listing.stores[index]->owner));
    }
  }
  return listing;
}

/* For visit_buffer: one verifier runs at a time, the world being stopped, and by one thread. */
static _Thread_local const struct listing *all_listed;

static void visit_buffer(struct gc_verifier *verifier, struct gc_ref object) {
  const struct gc_buffer *buffer = gc_ref_address(object);
  if (gc_object_type(object) != GC_TYPE_BUFFER || buffer->store == NULL) {
    return;
  }
  struct gc_store key = {.owner = object.address};
  const struct gc_store *wanted = &key;
  const struct gc_store **found = all_listed->count > 0
                                      ? bsearch(&wanted, all_listed->stores, all_listed->count,
                                                sizeof *all_listed->stores, compare)
                                      : NULL;
  if (found == NULL) {
    gc_verify_fail(verifier, "buffers-listed", "the store of the buffer at %s is on no list",
                   gc_verify_place(verifier, object.address));
  }
}

/* Those that the verifier has met. */
static void visit_young(struct gc_verifier *verifier) {
  for (size_t word = 0; word < verifier->young_words; word++) {
    for (uint64_t bits = verifier->young_starts[word]; bits != 0; bits &= bits - 1) {
      size_t granule = word * 64 + (size_t)__builtin_ctzll(bits);
      visit_buffer(verifier, (struct gc_ref){verifier->heap->space.nursery_start +
                                             (granule << GC_GRANULE_BYTES_LOG2)});
    }
  }
}

static void verify_count(const struct gc_verifier *verifier, const char *what, uint64_t counted,
                         uint64_t listed) {
  if (counted != listed) {
    gc_verify_fail(verifier, "external-agrees", "%s: %llu are counted, %llu listed", what,
                   (unsigned long long)counted, (unsigned long long)listed);
  }
}

void gc_verify_external(struct gc_verifier *verifier) {
  const struct gc_external *external = &verifier->heap->external;
  struct listing listing = list_all(verifier);
  if (external->elsewhere == NULL) {
    all_listed = &listing;
    gc_verify_each_old(verifier, visit_buffer);
    visit_young(verifier);
    verify_count(verifier, "bytes of buffers", gc_atomic_load_relaxed(&external->buffer_bytes),
                 listing.bytes);
    verify_count(verifier, "bytes of young buffers", gc_atomic_load_relaxed(&external->young_bytes),
                 listing.young_bytes);
    verify_count(verifier, "buffers", gc_atomic_load_relaxed(&external->buffer_count),
                 listing.count);
  }
  free(listing.stores);
}
