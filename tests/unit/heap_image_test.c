/* Images of the object graph: what is in them, and ids that follow objects wherever collections put
 * them.
 *
 * Presets: release debug asan tsan
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include "heap/identity.h"
#include <gc/buffer.h>
#include <gc/finalizer.h>
#include <gc/image.h>
#include <gc/limits.h>
#include <gc/weak_map.h>
#include <stdio.h>
#include <stdlib.h>

#define NO_NODE UINT32_MAX

/* Every way in which objects move, and in which marking and sweeping lie beside mutators. */
static const char *const collectors[] = {"stw",          "stw_lazy",    "stw_compact",
                                         "mark_compact", "incremental", "concurrent",
                                         "v8",           "mark_sweep",  "concurrent_mark_sweep"};
#define COLLECTORS (sizeof collectors / sizeof *collectors)

/* An object of a type of its own, by which images name it. */
static struct gc_ref make_named(struct world *world, const char *name, size_t slot_count,
                                size_t raw_bytes) {
  uint32_t type = gc_type_define(world->heap, name);
  struct gc_ref object = gc_allocate(world->mutator, slot_count, raw_bytes, type);
  assert_false(gc_is_null(object));
  return object;
}

static struct gc_image capture(struct world *world, enum gc_image_ids ids) {
  struct gc_image image;
  assert_int_equal(gc_image_capture(world->mutator, ids, &image), 0);
  assert_int_equal(image.first_edges[0], 0);
  assert_int_equal(image.first_edges[image.node_count], image.edge_count);
  for (uint32_t edge = 0; edge < image.edge_count; edge++) {
    assert_true(image.edge_targets[edge] < image.node_count);
  }
  for (uint32_t node = 0; node < image.node_count; node++) {
    assert_true(image.node_names[node] < image.name_count);
  }
  return image;
}

/* The node of that name; there is no other. */
static uint32_t find(const struct gc_image *image, const char *name) {
  uint32_t found = NO_NODE;
  for (uint32_t node = 0; node < image->node_count; node++) {
    if (strcmp(gc_image_name(image, node), name) == 0) {
      assert_int_equal(found, NO_NODE);
      found = node;
    }
  }
  return found;
}

static size_t count(const struct gc_image *image, const char *name) {
  size_t found = 0;
  for (uint32_t node = 0; node < image->node_count; node++) {
    found += strcmp(gc_image_name(image, node), name) == 0;
  }
  return found;
}

/* The node's edge of that kind and name, or NO_NODE. */
static uint32_t target_of(const struct gc_image *image, uint32_t node, enum gc_image_edge_kind kind,
                          uint32_t name) {
  for (uint32_t edge = image->first_edges[node]; edge < image->first_edges[node + 1]; edge++) {
    if (image->edge_kinds[edge] == kind && image->edge_names[edge] == name) {
      return image->edge_targets[edge];
    }
  }
  return NO_NODE;
}

static uint32_t edges_of(const struct gc_image *image, uint32_t node) {
  return image->first_edges[node + 1] - image->first_edges[node];
}

/* --- what is in an image -----------------------------------------------------------------------*/

static void nodes_and_edges(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_handle parent = hold(&world, make_named(&world, "parent", 4, 24));
  struct gc_handle large = hold(&world, make_named(&world, "large", 5000, 0));
  struct gc_ref child = make_named(&world, "child", 1, 0);
  gc_init_field(world.mutator, child, 0, child);
  gc_write_field(world.mutator, gc_handle_get(parent), 1, child);
  gc_write_field(world.mutator, gc_handle_get(parent), 3, gc_handle_get(large));
  gc_write_field(world.mutator, gc_handle_get(large), 4999, gc_handle_get(parent));
  struct gc_root *root = gc_root_create(world.mutator, gc_handle_get(large));
  (void)make_named(&world, "garbage", 1, 0);

  struct gc_image image = capture(&world, GC_IMAGE_PASSING_IDS);
  uint32_t handles = find(&image, "(handles of mutator 0)"), roots = find(&image, "(global roots)");
  uint32_t node = find(&image, "parent"), other = find(&image, "large");
  uint32_t last = find(&image, "child");
  assert_int_equal(image.node_count, 4 + 3);
  assert_int_equal(find(&image, "garbage"), NO_NODE);
  assert_int_equal(target_of(&image, 0, GC_IMAGE_ROOT, handles), handles);
  assert_int_equal(target_of(&image, handles, GC_IMAGE_ROOT, 0), node);
  assert_int_equal(target_of(&image, handles, GC_IMAGE_ROOT, 1), other);
  assert_int_equal(edges_of(&image, handles), 2);
  assert_int_equal(target_of(&image, roots, GC_IMAGE_ROOT, 0), other);
  assert_int_equal(target_of(&image, node, GC_IMAGE_SLOT, 1), last);
  assert_int_equal(target_of(&image, node, GC_IMAGE_SLOT, 3), other);
  assert_int_equal(edges_of(&image, node), 2);
  assert_int_equal(target_of(&image, other, GC_IMAGE_SLOT, 4999), node);
  assert_int_equal(target_of(&image, last, GC_IMAGE_SLOT, 0), last);
  assert_int_equal(image.node_bytes[node], 8 + 32 + 24);
  assert_int_equal(image.node_bytes[other], 8 + 40000);
  assert_int_equal(image.node_bytes[last], 16);
  assert_int_equal(image.node_kinds[node], GC_IMAGE_OBJECT);
  assert_int_equal(image.node_kinds[handles], GC_IMAGE_GROUP);
  assert_int_equal(image.node_bytes[handles], 0);
  gc_image_free(&image);
  gc_root_destroy(world.mutator, root);
  close_world(&world);
}

static void do_nothing(struct gc_mutator *mutator, void *token) {
  (void)mutator;
  (void)token;
}

static void stores_and_finalizers(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_handle buffer = hold(&world, gc_buffer_allocate(world.mutator, 100000));
  struct gc_handle empty = hold(&world, gc_buffer_allocate(world.mutator, 0));
  struct gc_handle object = hold(&world, make_named(&world, "attended", 0, 8));
  struct gc_finalizer *first = gc_finalizer_register(world.mutator, object, do_nothing, NULL);
  struct gc_finalizer *second = gc_finalizer_register(world.mutator, buffer, do_nothing, NULL);
  assert_true(first != NULL && second != NULL);
  gc_finalizer_cancel(world.mutator, second);
  assert_true(gc_external_declare(world.mutator, 12345));
  assert_false(gc_is_null(gc_handle_get(empty)));

  struct gc_image image = capture(&world, GC_IMAGE_STABLE_IDS);
  uint32_t store = find(&image, "backing store"),
           declared = find(&image, "(declared external memory)");
  uint32_t finalizers = find(&image, "(finalizers)");
  assert_int_equal(count(&image, "(buffer)"), 2);
  assert_int_equal(image.node_bytes[store], 100000);
  assert_int_equal(image.node_kinds[store], GC_IMAGE_STORE);
  assert_int_equal(edges_of(&image, store), 0);
  assert_int_equal(image.node_bytes[declared], 12345);
  assert_int_equal(image.ids[store] % 2, 0);
  uint32_t owner = target_of(&image, find(&image, "(handles of mutator 0)"), GC_IMAGE_ROOT, 0);
  assert_int_equal(target_of(&image, owner, GC_IMAGE_STORAGE, 0), store);
  assert_int_equal(image.ids[store], image.ids[owner] + 1);
  assert_int_equal(edges_of(&image, finalizers), 1);
  assert_int_equal(target_of(&image, finalizers, GC_IMAGE_FINALIZER, 0), find(&image, "attended"));
  assert_true(gc_image_is_weak(&image, image.first_edges[finalizers]));
  gc_image_free(&image);
  close_world(&world);
}

/* A key keeps its value only while it is reachable itself; a chain is followed to its end. */
static void weak_things(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_handle key = hold(&world, make_named(&world, "key", 0, 8));
  struct gc_handle middle = hold(&world, make_named(&world, "middle", 0, 8));
  struct gc_handle value = hold(&world, make_named(&world, "value", 0, 8));
  struct gc_handle dead = hold(&world, make_named(&world, "dead key", 0, 8));
  struct gc_handle lost = hold(&world, make_named(&world, "lost value", 0, 8));
  struct gc_handle cell = hold_cell(&world, key), cleared = hold_cell(&world, dead);
  struct gc_handle late = hold_ephemeron(&world, middle, value); /* before its key is known */
  struct gc_handle early = hold_ephemeron(&world, key, middle);
  struct gc_handle none = hold_ephemeron(&world, dead, lost);
  drop(&world, middle);
  drop(&world, value);
  drop(&world, dead);
  drop(&world, lost);
  assert_false(gc_is_null(gc_handle_get(cleared)) || gc_is_null(gc_handle_get(late)) ||
               gc_is_null(gc_handle_get(early)) || gc_is_null(gc_handle_get(none)) ||
               gc_is_null(gc_handle_get(cell)));

  struct gc_image image = capture(&world, GC_IMAGE_PASSING_IDS);
  uint32_t handles = find(&image, "(handles of mutator 0)");
  uint32_t key_node = find(&image, "key"), middle_node = find(&image, "middle");
  uint32_t value_node = find(&image, "value");
  uint32_t cell_node = target_of(&image, handles, GC_IMAGE_ROOT, 5);
  uint32_t cleared_node = target_of(&image, handles, GC_IMAGE_ROOT, 6);
  uint32_t late_node = target_of(&image, handles, GC_IMAGE_ROOT, 7);
  uint32_t early_node = target_of(&image, handles, GC_IMAGE_ROOT, 8);
  uint32_t none_node = target_of(&image, handles, GC_IMAGE_ROOT, 9);
  assert_int_equal(target_of(&image, cell_node, GC_IMAGE_WEAK, 0), key_node);
  assert_int_equal(edges_of(&image, cleared_node), 0);
  assert_int_equal(target_of(&image, early_node, GC_IMAGE_KEY, 0), key_node);
  assert_int_equal(target_of(&image, early_node, GC_IMAGE_VALUE, 0), middle_node);
  assert_int_equal(target_of(&image, key_node, GC_IMAGE_KEY_VALUE, early_node), middle_node);
  assert_int_equal(target_of(&image, late_node, GC_IMAGE_VALUE, 0), value_node);
  assert_int_equal(target_of(&image, middle_node, GC_IMAGE_KEY_VALUE, late_node), value_node);
  assert_int_equal(edges_of(&image, none_node), 0);
  assert_int_equal(find(&image, "dead key"), NO_NODE);
  assert_int_equal(find(&image, "lost value"), NO_NODE);
  gc_image_free(&image);
  close_world(&world);
}

/* Each type that the heap reserves has a name. */
static void weak_maps(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_handle map = hold(&world, gc_weak_map_allocate(world.mutator));
  struct gc_handle key = hold(&world, make_named(&world, "key", 0, 8));
  struct gc_handle value = hold(&world, make_named(&world, "value", 0, 8));
  assert_true(gc_weak_map_set(world.mutator, map, key, value));
  drop(&world, value);

  struct gc_image image = capture(&world, GC_IMAGE_PASSING_IDS);
  uint32_t map_node = find(&image, "(weak map)"), entry = find(&image, "(ephemeron)");
  assert_int_equal(edges_of(&image, map_node), GC_WEAK_MAP_KINDS);
  assert_int_equal(count(&image, "(weak map table)"), GC_WEAK_MAP_KINDS);
  assert_int_equal(target_of(&image, entry, GC_IMAGE_KEY, 0), find(&image, "key"));
  assert_int_equal(target_of(&image, entry, GC_IMAGE_VALUE, 0), find(&image, "value"));
  gc_image_free(&image);
  close_world(&world);
}

/* --- ids ---------------------------------------------------------------------------------------*/

enum { OBJECTS = 300 };

/* Every object has the id that it had, and new ones have higher ones; nobody shares one. */
static void check_ids(struct world *world, uint32_t *ids, uint32_t alive_every) {
  uint32_t last_id = gc_identities_last(&world->heap->identities);
  struct gc_image image = capture(world, GC_IMAGE_STABLE_IDS);
  for (unsigned number = 0; number < OBJECTS; number++) {
    char name[16];
    snprintf(name, sizeof name, "n%u", number);
    uint32_t node = find(&image, name);
    if (number % alive_every != 0) {
      assert_int_equal(node, NO_NODE);
      continue;
    }
    assert_int_not_equal(node, NO_NODE);
    assert_int_equal(image.ids[node] % 2, 1);
    if (ids[number] == 0) {
      assert_true(image.ids[node] > last_id && image.ids[node] <= image.last_id);
      ids[number] = image.ids[node];
    }
    assert_int_equal(image.ids[node], ids[number]);
    for (unsigned other = 0; other < number; other += alive_every) {
      assert_int_not_equal(ids[other], ids[number]);
    }
  }
  gc_image_free(&image);
}

static uint32_t listed_identities;

static bool count_identity(void *context, struct gc_attendant *attendant) {
  (void)context;
  listed_identities += attendant->kind == GC_ATTENDANT_IDENTITY;
  return true;
}

/* Churns through the nursery some times, so that a cycle that runs beside is in any phase. */
static void churn(struct world *world) {
  for (unsigned done = 0; done < 4000; done++) {
    assert_false(gc_is_null(gc_allocate(world->mutator, 1, 500, 0)));
  }
}

static void ids_follow_objects(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct gc_options options = fixture_options(16);
    options.collector = collectors[number];
    options.barrier = "v8_page_flags";
    options.verify_level = 2;
    options.stress_move = true;
    options.nursery_bytes = 1 << 20;
    struct gc_heap *heap = fixture_open(&options);
    struct world world = {heap, fixture_attach(heap)};
    uint32_t ids[OBJECTS] = {0};
    struct gc_handle table = hold(&world, make_named(&world, "table", OBJECTS, 0));
    for (unsigned object = 0; object < OBJECTS; object++) {
      char name[16];
      snprintf(name, sizeof name, "n%u", object);
      /* The last ones are large. */
      size_t raw_bytes = object < OBJECTS - 20 ? 16 + object % 7 * 400 : 40000;
      struct gc_ref made = make_named(&world, name, 0, raw_bytes);
      gc_write_field(world.mutator, gc_handle_get(table), object, made);
    }
    check_ids(&world, ids, 1);
    scavenge(&world);
    check_ids(&world, ids, 1);
    churn(&world);
    check_ids(&world, ids, 1);
    collect(&world);
    check_ids(&world, ids, 1);
    for (unsigned object = 0; object < OBJECTS; object++) { /* sparse blocks: these are evacuated */
      if (object % 4 != 0) {
        gc_write_field(world.mutator, gc_handle_get(table), object, gc_null());
      }
    }
    for (unsigned done = 0; done < 3; done++) {
      churn(&world);
      check_ids(&world, ids, 4);
      collect(&world);
      check_ids(&world, ids, 4);
    }
    collect(&world);
    close_world(&world);
  }
}

/* Identities of dead objects are freed, and forgetting frees all. */
static void identities_end(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_handle list = hold(&world, fixture_list(world.mutator, 5000, 8));
  struct gc_image image = capture(&world, GC_IMAGE_STABLE_IDS);
  gc_image_free(&image);
  listed_identities = 0;
  gc_attendants_each_stw(world.heap, count_identity, NULL);
  assert_int_equal(listed_identities, 5000);
  collect(&world);
  drop(&world, list);
  struct gc_handle young = hold(&world, fixture_list(world.mutator, 100, 8));
  image = capture(&world, GC_IMAGE_STABLE_IDS);
  uint32_t first_id = image.ids[image.node_count - 1], last_id = image.last_id;
  gc_image_free(&image);
  collect(&world);
  listed_identities = 0;
  gc_attendants_each_stw(world.heap, count_identity, NULL);
  assert_int_equal(listed_identities, 100);

  gc_image_forget_ids(world.mutator);
  assert_null(world.heap->identities.slabs);
  collect(&world);
  image = capture(&world, GC_IMAGE_STABLE_IDS);
  assert_int_equal(image.node_count, 4 + 100);
  for (uint32_t node = 4; node < image.node_count; node++) {
    assert_true(image.ids[node] > last_id); /* not given a second time */
  }
  assert_true(first_id <= last_id);
  gc_image_free(&image);
  assert_false(gc_is_null(gc_handle_get(young)));
  close_world(&world);
}

/* --- near the limit ----------------------------------------------------------------------------*/

enum { ASKED_MAX = 3 };

struct exhausted {
  struct gc_heap *heap;
  size_t made; /* links that are held */
  unsigned asked;
  uint32_t first_id; /* of the link that was made first, in the first image */
};

/* A list's last link: it has no slot that leads on. */
static uint32_t id_of_last_link(const struct gc_image *image) {
  uint32_t id = 0;
  for (uint32_t node = 0; node < image->node_count; node++) {
    if (strcmp(gc_image_name(image, node), "link") == 0 && edges_of(image, node) == 0) {
      assert_int_equal(id, 0);
      id = image->ids[node];
    }
  }
  return id;
}

static uint64_t look_and_raise(void *context, uint64_t limit_bytes, uint64_t first_limit_bytes) {
  struct exhausted *exhausted = context;
  struct gc_image image;
  (void)first_limit_bytes;
  assert_int_equal(gc_image_capture_near_limit(exhausted->heap, GC_IMAGE_STABLE_IDS, &image), 0);
  assert_int_equal(count(&image, "link"), exhausted->made);
  uint32_t id = id_of_last_link(&image);
  exhausted->first_id = exhausted->asked == 0 ? id : exhausted->first_id;
  assert_int_equal(id, exhausted->first_id);
  gc_image_free(&image);
  return ++exhausted->asked < ASKED_MAX ? limit_bytes + (1 << 20) : limit_bytes;
}

static void what_exhausts_the_heap(void **state) {
  (void)state;
  for (size_t number = 0; number < COLLECTORS; number++) {
    struct world world = open_world(collectors[number], "v8_page_flags", 8, 0);
    struct gc_handle list = hold(&world, gc_null());
    struct exhausted exhausted = {.heap = world.heap};
    uint32_t type = gc_type_define(world.heap, "link");
    gc_near_limit_set(world.heap, look_and_raise, &exhausted);
    for (struct gc_ref link; !gc_is_null(link = gc_allocate(world.mutator, 1, 500, type));) {
      gc_init_field(world.mutator, link, 0, gc_handle_get(list));
      gc_handle_set(world.mutator, list, link);
      exhausted.made++;
    }
    assert_true(exhausted.asked >= ASKED_MAX);
    struct gc_image image = capture(&world, GC_IMAGE_STABLE_IDS);
    assert_int_equal(count(&image, "link"), exhausted.made);
    assert_int_equal(id_of_last_link(&image), exhausted.first_id);
    gc_image_free(&image);
    close_world(&world);
  }
}

static void passing_ids_cost_nothing(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_handle list = hold(&world, fixture_list(world.mutator, 1000, 8));
  struct gc_image image = capture(&world, GC_IMAGE_PASSING_IDS);
  assert_int_equal(image.node_count, 4 + 1000);
  for (uint32_t node = 5; node < image.node_count; node++) {
    assert_int_equal(image.ids[node], image.ids[node - 1] + 2);
  }
  gc_image_free(&image);
  assert_null(world.heap->identities.slabs);
  assert_false(gc_is_null(gc_handle_get(list)));
  close_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nodes_and_edges),
      cmocka_unit_test(stores_and_finalizers),
      cmocka_unit_test(weak_things),
      cmocka_unit_test(weak_maps),

      cmocka_unit_test(ids_follow_objects),
      cmocka_unit_test(identities_end),
      cmocka_unit_test(what_exhausts_the_heap),
      cmocka_unit_test(passing_ids_cost_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
