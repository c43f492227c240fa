/* Capturing images of the object graph. See gc/image.h.
 *
 * Algorithm: trace and number what is reachable (image_reach.h); make the arrays, whose sizes are
 * known then but for weak edges, of which there are at most as many as cells; walk the attendants
 * once, for ids and finalizers; then go through the objects by address and write nodes and edges in
 * one pass. What an ephemeron's key leads to by way of it is kept aside, sorted by key, and merged.
 *
 * Concurrency: one thread, world stopped, sweepers and clearing at rest, markers perhaps not.
 */
#include "heap/heap.h"
#include "heap/image_reach.h"
#include <errno.h>
#include <gc/buffer.h>
#include <gc/image.h>
#include <gc/weak.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum group { GROUP_ALL, GROUP_GLOBAL_ROOTS, GROUP_FINALIZERS, GROUP_HANDLES };

/* Ids of what is no object: below GC_IDENTITY_FIRST. Mutators are numbered for as long as the heap
 * lives, and far fewer are attached at a time. */
enum { ID_DECLARED = 2, MUTATOR_IDS = 1 << 19 };

static uint32_t group_id(enum group group) {
  return 2 * (uint32_t)group + 3; /* 1 is for a root above, in files */
}

static uint32_t handles_id(const struct gc_mutator_private *mutator) {
  return group_id(GROUP_HANDLES) + 2 * (mutator->number % (MUTATOR_IDS - GROUP_HANDLES));
}

_Static_assert(2 * MUTATOR_IDS < GC_IDENTITY_FIRST, "groups have ids of their own");

/* Names that are no type's, and where types' begin: the reserved ones, then those with an id. */
enum name {
  NAME_ALL,
  NAME_GLOBAL_ROOTS,
  NAME_FINALIZERS,
  NAME_STORE,
  NAME_DECLARED,
  NAME_UNTYPED,
  NAME_RESERVED,
  NAME_TYPES = NAME_RESERVED + 6,
};

static const char *const fixed_names[NAME_TYPES] = {
    [NAME_ALL] = "(GC roots)",
    [NAME_GLOBAL_ROOTS] = "(global roots)",
    [NAME_FINALIZERS] = "(finalizers)",
    [NAME_STORE] = "backing store",
    [NAME_DECLARED] = "(declared external memory)",
    [NAME_UNTYPED] = "(object)",
    [NAME_RESERVED] = "(weak cell)",
    [NAME_RESERVED + 1] = "(ephemeron)",
    [NAME_RESERVED + 2] = "(buffer)",
    [NAME_RESERVED + 3] = "(buffer slice)",
    [NAME_RESERVED + 4] = "(weak map)",
    [NAME_RESERVED + 5] = "(weak map table)",
};

_Static_assert(GC_TYPE_WEAK_CELL - GC_TYPE_WEAK_MAP_TABLE == NAME_TYPES - NAME_RESERVED - 1,
               "reserved types are in a row, from the uppermost down");

/* An ephemeron that keeps something: all nodes. */
struct entry {
  uint32_t key, value, ephemeron;
};

struct capture {
  struct gc_heap *heap;
  struct gc_image *image;
  enum gc_image_ids ids;
  struct gc_image_reach reach;
  uint32_t first_object, end_objects; /* nodes */
  uint32_t mutator_count;
  uint32_t next_store;
  uint64_t declared_bytes;
  struct entry *entries; /* by key */
  size_t entry_count, entries_written;
  struct gc_image_list finalized; /* nodes */
};

static uint32_t node_of(const struct capture *capture, struct gc_ref object) {
  return capture->first_object + gc_image_rank(&capture->reach, object);
}

/* --- names -------------------------------------------------------------------------------------*/

static uint32_t name_of_type(uint32_t type) {
  if (type == 0) {
    return NAME_UNTYPED;
  }
  return type >= GC_TYPE_WEAK_MAP_TABLE ? NAME_RESERVED + (GC_TYPE_WEAK_CELL - type)
                                        : NAME_TYPES + type - 1;
}

static bool add_name(struct gc_image *image, const char *name) {
  image->names[image->name_count] = strdup(name);
  return image->names[image->name_count++] != NULL;
}

/* Those of mutators come last, so that a type has the same index in every image. */
static int make_names(struct capture *capture) {
  struct gc_heap *heap = capture->heap;
  gc_spin_lock_acquire(
      &heap->roots_lock); /* types may be defined by threads that are no mutators */
  size_t count = NAME_TYPES + heap->type_count + capture->mutator_count;
  capture->image->names = malloc(count * sizeof *capture->image->names);
  bool is_made = capture->image->names != NULL;
  for (unsigned name = 0; is_made && name < NAME_TYPES; name++) {
    is_made = add_name(capture->image, fixed_names[name]);
  }
  for (size_t type = 0; is_made && type < heap->type_count; type++) {
    is_made = add_name(capture->image, heap->type_names[type]);
  }
  gc_spin_lock_release(&heap->roots_lock);
  for (const struct gc_mutator_private *mutator = heap->mutators; is_made && mutator != NULL;
       mutator = mutator->next) {
    char name[64];
    snprintf(name, sizeof name, "(handles of mutator %u)", mutator->number);
    is_made = add_name(capture->image, name);
  }
  return is_made ? 0 : -ENOMEM;
}

/* --- arrays ------------------------------------------------------------------------------------*/

static size_t root_count(const struct gc_heap *heap) {
  size_t count = 0;
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    count += (size_t)(mutator->mutator.handle_top - mutator->handle_base);
  }
  for (const struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    count++;
  }
  return count;
}

static int make_arrays(struct capture *capture) {
  struct gc_image *image = capture->image;
  const struct gc_image_reach *reach = &capture->reach;
  uint64_t groups = GROUP_HANDLES + capture->mutator_count;
  uint64_t nodes = groups + reach->object_count + reach->store_count + 1;
  uint64_t edges = groups + root_count(capture->heap) + reach->slot_count + reach->store_count +
                   reach->weak_cell_count + 3 * reach->ephemerons.count + capture->finalized.count +
                   1;
  if (nodes >= UINT32_MAX || edges >= UINT32_MAX) {
    return -EFBIG;
  }
  image->ids = calloc(nodes, sizeof *image->ids);
  image->node_names = malloc(nodes * sizeof *image->node_names);
  image->node_bytes = malloc(nodes * sizeof *image->node_bytes);
  image->node_kinds = malloc(nodes * sizeof *image->node_kinds);
  image->first_edges = malloc((nodes + 1) * sizeof *image->first_edges);
  image->edge_targets = malloc(edges * sizeof *image->edge_targets);
  image->edge_names = malloc(edges * sizeof *image->edge_names);
  image->edge_kinds = malloc(edges * sizeof *image->edge_kinds);
  capture->first_object = (uint32_t)groups;
  capture->end_objects = capture->next_store = (uint32_t)(groups + reach->object_count);
  return image->ids != NULL && image->node_names != NULL && image->node_bytes != NULL &&
                 image->node_kinds != NULL && image->first_edges != NULL &&
                 image->edge_targets != NULL && image->edge_names != NULL &&
                 image->edge_kinds != NULL
             ? 0
             : -ENOMEM;
}

/* --- attendants: ids, finalizers ---------------------------------------------------------------*/

static bool note_finalizer(void *context, struct gc_attendant *attendant) {
  struct capture *capture = context;
  struct gc_ref owner = {attendant->owner};
  if (attendant->kind == GC_ATTENDANT_FINALIZER && !gc_finalizer_is_cancelled(attendant) &&
      gc_image_is_reached(&capture->reach, owner)) {
    gc_image_list_append(&capture->reach, &capture->finalized,
                         gc_image_rank(&capture->reach, owner));
  }
  return true;
}

static bool note_id(void *context, struct gc_attendant *attendant) {
  struct capture *capture = context;
  struct gc_ref owner = {attendant->owner};
  if (attendant->kind == GC_ATTENDANT_IDENTITY && gc_image_is_reached(&capture->reach, owner)) {
    capture->image->ids[node_of(capture, owner)] = attendant->id;
  }
  return true;
}

static int compare_words(const void *left, const void *right) {
  const uintptr_t *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static int find_finalized(struct capture *capture) {
  gc_attendants_each_stw(capture->heap, note_finalizer, capture);
  if (capture->finalized.count > 1) {
    qsort(capture->finalized.items, capture->finalized.count, sizeof *capture->finalized.items,
          compare_words);
  }
  return capture->reach.is_out_of_memory ? -ENOMEM : 0;
}

static uint32_t passing_id(const struct capture *capture, uint32_t node) {
  return GC_IDENTITY_FIRST + 2 * (node - capture->first_object);
}

static int give_id(struct capture *capture, struct gc_ref object, uint32_t node) {
  if (capture->ids == GC_IMAGE_PASSING_IDS) {
    capture->image->ids[node] = passing_id(capture, node);
    return 0;
  }
  struct gc_identities *identities = &capture->heap->identities;
  struct gc_attendant *identity = gc_identity_create(identities, object);
  if (identity == NULL) {
    return gc_identities_are_spent(identities) ? -EFBIG : -ENOMEM;
  }
  gc_attendants_enlist_stw(capture->heap, identity);
  capture->image->ids[node] = identity->id;
  return 0;
}

/* --- nodes and edges ---------------------------------------------------------------------------*/

static void add_node(struct gc_image *image, enum gc_image_node_kind kind, uint32_t name,
                     uint64_t bytes) {
  uint32_t node = image->node_count++;
  image->node_kinds[node] = (uint8_t)kind;
  image->node_names[node] = name;
  image->node_bytes[node] = bytes;
  image->first_edges[node] = image->edge_count;
}

/* Of the node that was added last. */
static void add_edge(struct gc_image *image, enum gc_image_edge_kind kind, uint32_t name,
                     uint32_t target) {
  uint32_t edge = image->edge_count++;
  image->edge_kinds[edge] = (uint8_t)kind;
  image->edge_names[edge] = name;
  image->edge_targets[edge] = target;
}

/* Null leads nowhere, and what is held weakly may be unreachable. */
static void add_edge_to(struct capture *capture, enum gc_image_edge_kind kind, uint32_t name,
                        struct gc_ref target) {
  if (gc_image_is_reached(&capture->reach, target)) {
    add_edge(capture->image, kind, name, node_of(capture, target));
  }
}

static void add_group(struct capture *capture, uint32_t id, uint32_t name) {
  capture->image->ids[capture->image->node_count] = id;
  add_node(capture->image, GC_IMAGE_GROUP, name, 0);
}

static void add_all(struct capture *capture) {
  add_group(capture, group_id(GROUP_ALL), NAME_ALL);
  for (uint32_t group = GROUP_ALL + 1; group < capture->first_object; group++) {
    add_edge(capture->image, GC_IMAGE_ROOT, group, group);
  }
  if (capture->declared_bytes > 0) {
    add_edge(capture->image, GC_IMAGE_ROOT, capture->first_object,
             capture->end_objects + (uint32_t)capture->reach.store_count);
  }
}

static void add_groups(struct capture *capture) {
  struct gc_image *image = capture->image;
  uint32_t place = 0;
  add_all(capture);
  add_group(capture, group_id(GROUP_GLOBAL_ROOTS), NAME_GLOBAL_ROOTS);
  for (const struct gc_root *root = capture->heap->roots; root != NULL; root = root->next) {
    add_edge_to(capture, GC_IMAGE_ROOT, place++, root->ref);
  }
  add_group(capture, group_id(GROUP_FINALIZERS), NAME_FINALIZERS);
  for (size_t index = 0; index < capture->finalized.count; index++) {
    add_edge(image, GC_IMAGE_FINALIZER, (uint32_t)index,
             capture->first_object + (uint32_t)capture->finalized.items[index]);
  }
  uint32_t name = image->name_count - capture->mutator_count;
  for (const struct gc_mutator_private *mutator = capture->heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    add_group(capture, handles_id(mutator), name++);
    for (const struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      add_edge_to(capture, GC_IMAGE_ROOT, (uint32_t)(handle - mutator->handle_base), *handle);
    }
  }
}

/* A buffer's, whose node lies behind all objects'. */
static void add_store(struct capture *capture, struct gc_ref buffer, uint32_t node) {
  struct gc_image *image = capture->image;
  uint32_t store = capture->next_store++;
  image->ids[store] = image->ids[node] + 1;
  image->node_kinds[store] = GC_IMAGE_STORE;
  image->node_names[store] = NAME_STORE;
  image->node_bytes[store] = gc_buffer_bytes(buffer);
  add_edge(image, GC_IMAGE_STORAGE, 0, store);
}

static void add_special_edges(struct capture *capture, struct gc_ref object, uint32_t node) {
  const struct gc_heap *heap = capture->heap;
  uint32_t type = gc_object_type(object);
  if (type == GC_TYPE_WEAK_CELL) {
    add_edge_to(capture, GC_IMAGE_WEAK, 0, gc_image_weak_word(heap, object.address));
  } else if (gc_image_has_store(object)) {
    add_store(capture, object, node);
  } else if (type == GC_TYPE_EPHEMERON) {
    struct gc_ref key = gc_image_weak_word(heap, object.address);
    if (gc_image_is_reached(&capture->reach, key)) {
      add_edge_to(capture, GC_IMAGE_KEY, 0, key);
      add_edge_to(capture, GC_IMAGE_VALUE, 0, gc_image_weak_value(heap, object.address));
    }
  }
  while (capture->entries_written < capture->entry_count &&
         capture->entries[capture->entries_written].key == node) {
    struct entry entry = capture->entries[capture->entries_written++];
    add_edge(capture->image, GC_IMAGE_KEY_VALUE, entry.ephemeron, entry.value);
  }
}

static int add_object(struct capture *capture, struct gc_ref object) {
  struct gc_image *image = capture->image;
  uint32_t node = image->node_count;
  size_t slot_count = gc_object_slot_count(object);
  int status = image->ids[node] == 0 ? give_id(capture, object, node) : 0;
  add_node(image, GC_IMAGE_OBJECT, name_of_type(gc_object_type(object)),
           gc_object_size_bytes(object));
  for (size_t index = 0; index < slot_count; index++) {
    add_edge_to(capture, GC_IMAGE_SLOT, (uint32_t)index, *gc_object_slot(object, index).location);
  }
  add_special_edges(capture, object, node);
  return status;
}

static int add_objects(struct capture *capture) {
  const struct gc_image_reach *reach = &capture->reach;
  int status = 0;
  for (size_t word = 0; word < reach->word_count && status == 0; word++) {
    for (uint64_t bits = reach->bits[word]; bits != 0 && status == 0; bits &= bits - 1) {
      size_t place = word * 64 + (size_t)__builtin_ctzll(bits);
      status = add_object(capture, gc_image_object_at(reach, place));
    }
  }
  return status;
}

/* Stores have no edges. */
static void add_rest(struct capture *capture) {
  struct gc_image *image = capture->image;
  for (; image->node_count < capture->next_store; image->node_count++) {
    image->first_edges[image->node_count] = image->edge_count;
  }
  if (capture->declared_bytes > 0) {
    image->ids[image->node_count] = ID_DECLARED;
    add_node(image, GC_IMAGE_STORE, NAME_DECLARED, capture->declared_bytes);
  }
  image->first_edges[image->node_count] = image->edge_count;
}

/* --- all of it ---------------------------------------------------------------------------------*/

static int compare_entries(const void *left, const void *right) {
  const struct entry *a = left, *b = right;
  return a->key != b->key ? (a->key > b->key) - (a->key < b->key)
                          : (a->ephemeron > b->ephemeron) - (a->ephemeron < b->ephemeron);
}

static int find_entries(struct capture *capture) {
  const struct gc_image_reach *reach = &capture->reach;
  capture->entries = malloc((reach->ephemerons.count + 1) * sizeof *capture->entries);
  if (capture->entries == NULL) {
    return -ENOMEM;
  }
  for (size_t index = 0; index < reach->ephemerons.count; index++) {
    struct gc_ref ephemeron = {reach->ephemerons.items[index]};
    struct gc_ref key = gc_image_weak_word(capture->heap, ephemeron.address);
    struct gc_ref value = gc_image_weak_value(capture->heap, ephemeron.address);
    if (gc_image_is_reached(reach, key) && gc_image_is_reached(reach, value)) {
      capture->entries[capture->entry_count++] = (struct entry){
          node_of(capture, key), node_of(capture, value), node_of(capture, ephemeron)};
    }
  }
  qsort(capture->entries, capture->entry_count, sizeof *capture->entries, compare_entries);
  return 0;
}

static int prepare(struct capture *capture) {
  int status = gc_image_reach_open(&capture->reach, capture->heap);
  if (status == 0) {
    status = find_finalized(capture);
  }
  if (status == 0) {
    status = make_names(capture);
  }
  if (status == 0) {
    status = make_arrays(capture);
  }
  return status != 0 ? status : find_entries(capture);
}

static int fill(struct capture *capture) {
  struct gc_image *image = capture->image;
  if (capture->ids == GC_IMAGE_STABLE_IDS) {
    gc_attendants_each_stw(capture->heap, note_id, capture);
  }
  add_groups(capture);
  int status = add_objects(capture);
  add_rest(capture);
  image->last_id = capture->ids == GC_IMAGE_STABLE_IDS
                       ? gc_identities_last(&capture->heap->identities)
                       : passing_id(capture, capture->end_objects - 1);
  return status;
}

static int capture_stw(struct gc_heap *heap, enum gc_image_ids ids, struct gc_image *image) {
  struct capture capture = {.heap = heap,
                            .image = image,
                            .ids = ids,
                            .declared_bytes =
                                gc_atomic_load_relaxed(&heap->external.declared_bytes)};
  *image = (struct gc_image){0};
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    capture.mutator_count++;
  }
  int status = prepare(&capture);
  if (status == 0) {
    status = fill(&capture);
  }
  gc_image_reach_close(&capture.reach);
  free(capture.entries);
  free(capture.finalized.items);
  if (status != 0) {
    gc_image_free(image);
  }
  return status;
}

static void begin(struct gc_mutator *mutator) {
  while (!gc_stop_begin(mutator->heap, mutator, GC_REASON_image)) {
    /* Somebody else stopped the world meanwhile. */
  }
  gc_background_rest_stw(&mutator->heap->background, GC_SECTION_SWEEP);
}

static void end(struct gc_mutator *mutator) {
  struct gc_background *background = &mutator->heap->background;
  gc_background_resume_stw(background, GC_SECTION_SWEEP);
  gc_stop_end(mutator->heap, mutator, GC_PAUSE_image);
  gc_background_wake(background);
}

int gc_image_capture(struct gc_mutator *mutator, enum gc_image_ids ids, struct gc_image *image) {
  if (mutator->heap->hooks->baseline != NULL) {
    *image = (struct gc_image){0};
    return -ENOTSUP;
  }
  begin(mutator);
  int status = capture_stw(mutator->heap, ids, image);
  end(mutator);
  return status;
}

/* Sweepers are at rest while a collection looks for room, which is when the program is asked. */
int gc_image_capture_near_limit(struct gc_heap *heap, enum gc_image_ids ids,
                                struct gc_image *image) {
  return capture_stw(heap, ids, image);
}

void gc_image_free(struct gc_image *image) {
  free(image->ids);
  free(image->node_names);
  free(image->node_bytes);
  free(image->node_kinds);
  free(image->first_edges);
  free(image->edge_targets);
  free(image->edge_names);
  free(image->edge_kinds);
  for (uint32_t name = 0; name < image->name_count; name++) {
    free(image->names[name]);
  }
  free(image->names);
  *image = (struct gc_image){0};
}

void gc_image_forget_ids(struct gc_mutator *mutator) {
  begin(mutator);
  gc_identities_forget_stw(mutator->heap);
  end(mutator);
}
