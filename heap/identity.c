/* Identities of objects, in slabs. See identity.h. */
#include "heap/identity.h"
#include "heap/heap.h"

#define SLAB_BYTES ((size_t)64 * 1024)
#define SLAB_IDENTITIES                                                                            \
  ((SLAB_BYTES - sizeof(struct gc_identity_slab *)) / sizeof(struct gc_attendant))

struct gc_identity_slab {
  struct gc_identity_slab *next;
  struct gc_attendant identities[SLAB_IDENTITIES];
};

_Static_assert(sizeof(struct gc_identity_slab) <= SLAB_BYTES, "a slab fills its size");

static void add_slab(struct gc_identities *identities) {
  struct gc_identity_slab *slab = gc_arena_allocate(identities->arena, sizeof *slab);
  if (slab == NULL) {
    return;
  }
  slab->next = identities->slabs;
  identities->slabs = slab;
  gc_spin_lock_acquire(&identities->lock);
  for (size_t index = SLAB_IDENTITIES; index-- > 0;) {
    gc_attendant_push(&identities->unused, &slab->identities[index]);
  }
  gc_spin_lock_release(&identities->lock);
}

static struct gc_attendant *take_unused(struct gc_identities *identities) {
  gc_spin_lock_acquire(&identities->lock);
  struct gc_attendant *identity = identities->unused;
  if (identity != NULL) {
    identities->unused = identity->next;
  }
  gc_spin_lock_release(&identities->lock);
  return identity;
}

struct gc_attendant *gc_identity_create(struct gc_identities *identities, struct gc_ref owner) {
  if (identities->next_id == 0) {
    identities->next_id = GC_IDENTITY_FIRST;
  }
  if (gc_identities_are_spent(identities)) {
    return NULL;
  }
  struct gc_attendant *identity = take_unused(identities);
  if (identity == NULL) {
    add_slab(identities);
    identity = take_unused(identities);
  }
  if (identity != NULL) {
    *identity = (struct gc_attendant){
        .owner = owner.address, .kind = GC_ATTENDANT_IDENTITY, .id = identities->next_id};
    identities->next_id += 2;
  }
  return identity;
}

void gc_identities_free(struct gc_identities *identities, struct gc_attendant *list) {
  if (list == NULL) {
    return;
  }
  struct gc_attendant *last = list;
  while (last->next != NULL) {
    last = last->next;
  }
  gc_spin_lock_acquire(&identities->lock);
  last->next = identities->unused;
  identities->unused = list;
  gc_spin_lock_release(&identities->lock);
}

void gc_identities_close(struct gc_identities *identities) {
  while (identities->slabs != NULL) {
    struct gc_identity_slab *slab = identities->slabs;
    identities->slabs = slab->next;
    gc_arena_free(identities->arena, slab, sizeof *slab);
  }
  identities->unused = NULL;
}

static bool is_no_identity(void *context, struct gc_attendant *attendant) {
  (void)context;
  return attendant->kind != GC_ATTENDANT_IDENTITY;
}

void gc_identities_forget_stw(struct gc_heap *heap) {
  gc_attendants_each_stw(heap, is_no_identity, NULL);
  gc_identities_close(&heap->identities);
}
