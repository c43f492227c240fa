/* The verifier's part for attendants, at level 2. See verify.h and heap/attendant.h.
 *
 * `attendants-listed`: each is on the list of the place where its owner is, and that is an object; in
 * blocks and large objects that await their sweep it may be dead, and so it may be in the nursery.
 * `buffers-listed`: every buffer has its store on a list, once, and the two know each other.
 * `external-agrees`: counts are the sums over the lists.
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

static uintptr_t owner_of(const struct gc_store *store) {
  return store->attendant.owner;
}

static int compare(const void *left, const void *right) {
  uintptr_t a = owner_of(*(const struct gc_store *const *)left);
  uintptr_t b = owner_of(*(const struct gc_store *const *)right);
  return (a > b) - (a < b);
}

/* Of an owner that was not swept. */
static void verify_owner(const struct gc_verifier *verifier, const struct gc_attendant *attendant) {
  struct gc_ref owner = {attendant->owner};
  const struct gc_buffer *buffer = gc_ref_address(owner);
  if ((gc_object_header(owner) & GC_HEADER_TAG) == 0) {
    gc_verify_fail(verifier, "attendants-listed", "an attendant is listed for %s, which has moved",
                   gc_verify_place(verifier, owner.address));
  }
  const struct gc_store *store = (const struct gc_store *)attendant;
  if (attendant->kind == GC_ATTENDANT_STORE &&
      (gc_object_type(owner) != GC_TYPE_BUFFER || buffer->store != store ||
       buffer->data != store->data || buffer->bytes != store->bytes)) {
    gc_verify_fail(verifier, "buffers-listed",
                   "a store of %zu bytes is listed for the object at %s, which is not its buffer",
                   store->bytes, gc_verify_place(verifier, owner.address));
  }
}

static void list_attendant(struct listing *listing, const struct gc_attendant *attendant) {
  if (attendant->kind == GC_ATTENDANT_STORE) {
    append(listing, (const struct gc_store *)attendant);
  }
}

static void list_young(struct gc_verifier *verifier, struct listing *listing,
                       const struct gc_attendant *attendant) {
  for (; attendant != NULL; attendant = attendant->next) {
    if (!gc_heap_is_young(verifier->heap, (struct gc_ref){attendant->owner})) {
      gc_verify_fail(verifier, "attendants-listed",
                     "an attendant of the old object at %s is on the young list",
                     gc_verify_place(verifier, attendant->owner));
    }
    verify_owner(verifier, attendant);
    list_attendant(listing, attendant);
    listing->young_bytes +=
        attendant->kind == GC_ATTENDANT_STORE ? ((const struct gc_store *)attendant)->bytes : 0;
  }
}

static void list_block(struct gc_verifier *verifier, struct listing *listing, size_t block) {
  const struct gc_space *space = &verifier->heap->space;
  for (const struct gc_attendant *attendant = verifier->heap->old.owned[block]; attendant != NULL;
       attendant = attendant->next) {
    struct gc_ref owner = {attendant->owner};
    if (!gc_heap_is_in_block(verifier->heap, owner) ||
        gc_space_block(space, owner.address) != block) {
      gc_verify_fail(verifier, "attendants-listed",
                     "an attendant of the object at %s is on block %zu's list",
                     gc_verify_place(verifier, owner.address), block);
    }
    if (gc_verify_is_object(verifier, owner)) {
      verify_owner(verifier, attendant);
    } else if (!gc_verify_test(verifier->block_dead, gc_space_granule(space, owner.address))) {
      gc_verify_fail(verifier, "attendants-listed",
                     "an attendant is listed for %s, where no object begins",
                     gc_verify_place(verifier, owner.address));
    }
    list_attendant(listing, attendant);
  }
}

static void verify_large(const struct gc_verifier *verifier) {
  for (const struct gc_large *object = verifier->heap->large.objects; object != NULL;
       object = object->next) {
    for (const struct gc_attendant *attendant = object->attendants; attendant != NULL;
         attendant = attendant->next) {
      if (attendant->owner != object->address) {
        gc_verify_fail(verifier, "attendants-listed",
                       "an attendant of %s is on the list of the large object at %s",
                       gc_verify_place(verifier, attendant->owner),
                       gc_verify_place(verifier, object->address));
      }
    }
  }
}

static struct listing list_all(struct gc_verifier *verifier) {
  const struct gc_heap *heap = verifier->heap;
  struct listing listing = {0};
  list_young(verifier, &listing, heap->attendants.young);
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    list_young(verifier, &listing, mutator->young_attendants);
  }
  for (size_t block = 0; block < verifier->block_limit; block++) {
    list_block(verifier, &listing, block);
  }
  verify_large(verifier);
  if (listing.count > 1) {
    qsort(listing.stores, listing.count, sizeof *listing.stores, compare);
  }
  for (size_t index = 1; index < listing.count; index++) {
    if (owner_of(listing.stores[index]) == owner_of(listing.stores[index - 1])) {
      gc_verify_fail(verifier, "buffers-listed", "the buffer at %s is listed twice",
                     gc_verify_place(verifier, owner_of(listing.stores[index])));
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
  struct gc_store key = {.attendant = {.owner = object.address}};
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

void gc_verify_attendants(struct gc_verifier *verifier) {
  const struct gc_external *external = &verifier->heap->external;
  struct listing listing = list_all(verifier);
  if (verifier->heap->attendants.elsewhere == NULL) {
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
