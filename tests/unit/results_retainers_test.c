/* Largest retainers, and what grew and stayed between images: graphs whose answers were worked out
 * by hand.
 */
#include "results/retainers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct node {
  uint32_t id, name;
  enum gc_image_node_kind kind;
  uint64_t bytes;
  uint32_t targets[4]; /* by id; 0: no more */
};

enum name { ROOTS, HANDLES, CACHE, ENTRY, RESULT, LIST, STORE, NAMES };

static char *names[NAMES] = {
    [ROOTS] = "(GC roots)",    [HANDLES] = "(handles of mutator 0)",
    [CACHE] = "cache",         [ENTRY] = "cache.entry",
    [RESULT] = "cache.result", [LIST] = "list",
    [STORE] = "backing store",
};

static uint32_t node_of_id(const struct node *nodes, uint32_t count, uint32_t id) {
  uint32_t node = 0;
  while (node < count && nodes[node].id != id) {
    node++;
  }
  assert_true(node < count);
  return node;
}

static struct gc_image make_image(const struct node *nodes, uint32_t count, uint32_t last_id) {
  struct gc_image image = {.node_count = count,
                           .name_count = NAMES,
                           .last_id = last_id,
                           .ids = calloc(count, sizeof *image.ids),
                           .node_names = calloc(count, sizeof *image.node_names),
                           .node_bytes = calloc(count, sizeof *image.node_bytes),
                           .node_kinds = calloc(count, sizeof *image.node_kinds),
                           .first_edges = calloc(count + 1, sizeof *image.first_edges),
                           .edge_targets = calloc(4 * count, sizeof *image.edge_targets),
                           .edge_names = calloc(4 * count, sizeof *image.edge_names),
                           .edge_kinds = calloc(4 * count, sizeof *image.edge_kinds),
                           .names = names};
  for (uint32_t node = 0; node < count; node++) {
    image.ids[node] = nodes[node].id;
    image.node_names[node] = nodes[node].name;
    image.node_kinds[node] = (uint8_t)nodes[node].kind;
    image.node_bytes[node] = nodes[node].bytes;
    for (size_t edge = 0; edge < 4 && nodes[node].targets[edge] != 0; edge++) {
      image.edge_kinds[image.edge_count] = GC_IMAGE_SLOT;
      image.edge_targets[image.edge_count++] = node_of_id(nodes, count, nodes[node].targets[edge]);
    }
    image.first_edges[node + 1] = image.edge_count;
  }
  return image;
}

/* An image with its dominators. */
struct subject {
  struct gc_image image;
  struct results_dominators dominators;
};

static struct subject make_subject(const struct node *nodes, uint32_t count, uint32_t last_id) {
  struct subject subject = {.image = make_image(nodes, count, last_id)};
  assert_int_equal(results_dominators_find(&subject.image, &subject.dominators), 0);
  return subject;
}

static void finish_subject(struct subject *subject) {
  results_dominators_finish(&subject->dominators);
  subject->image.names = NULL;
  subject->image.name_count = 0;
  gc_image_free(&subject->image);
}

#define OBJECT GC_IMAGE_OBJECT

/* A cache of two entries; a list of three, the last of which has a store; and a result that both
 * hold, which is retained by neither. */
static const struct node first_nodes[] = {
    {1, ROOTS, GC_IMAGE_GROUP, 0, {3}}, {3, HANDLES, GC_IMAGE_GROUP, 0, {5, 15}},
    {5, CACHE, OBJECT, 16, {7, 9}},     {7, ENTRY, OBJECT, 100, {11}},
    {9, ENTRY, OBJECT, 200, {13, 21}},  {11, RESULT, OBJECT, 1000, {0}},
    {13, RESULT, OBJECT, 2000, {0}},    {15, LIST, OBJECT, 32, {17}},
    {17, LIST, OBJECT, 32, {19}},       {19, LIST, OBJECT, 32, {21, 20}},
    {21, RESULT, OBJECT, 4000, {0}},    {20, STORE, GC_IMAGE_STORE, 500, {0}},
};
enum { FIRST_NODES = sizeof first_nodes / sizeof *first_nodes, FIRST_LAST_ID = 21 };

/* The entry 7 went with its result; 23 came with a large one; the list lost its end, and so the
 * result 21 is the cache's alone. */
static const struct node second_nodes[] = {
    {1, ROOTS, GC_IMAGE_GROUP, 0, {3}}, {3, HANDLES, GC_IMAGE_GROUP, 0, {5, 15}},
    {5, CACHE, OBJECT, 16, {9, 23}},    {9, ENTRY, OBJECT, 200, {13, 21}},
    {13, RESULT, OBJECT, 2000, {0}},    {15, LIST, OBJECT, 32, {17}},
    {17, LIST, OBJECT, 32, {0}},        {21, RESULT, OBJECT, 4000, {0}},
    {23, ENTRY, OBJECT, 100, {25}},     {25, RESULT, OBJECT, 6000, {0}},
};
enum { SECOND_NODES = sizeof second_nodes / sizeof *second_nodes, SECOND_LAST_ID = 27 };

struct expected {
  uint32_t id, objects; /* of the one that retains most; how many they are */
  uint64_t before_bytes, bytes, retained_bytes;
};

static void check_retainer(const struct subject *subject, const struct results_retainer *retainer,
                           const struct expected *expected) {
  assert_int_equal(subject->image.ids[retainer->node], expected->id);
  assert_int_equal(retainer->objects, expected->objects);
  assert_int_equal(retainer->bytes, expected->bytes);
  assert_int_equal(retainer->retained_bytes, expected->retained_bytes);
}

static void largest_first(void **state) {
  (void)state;
  struct subject subject = make_subject(first_nodes, FIRST_NODES, FIRST_LAST_ID);
  struct results_retainer retainers[FIRST_NODES];
  /* 21 is held by 9 and by 19: it is the handles'. 17 and 19 follow 15 and are passed over. 7 and 9
   * are one, their results are not. */
  static const struct expected expected[] = {
      {21, 1, 0, 4000, 4000}, {5, 1, 0, 16, 3316}, {9, 2, 0, 300, 3300}, {13, 1, 0, 2000, 2000},
      {11, 1, 0, 1000, 1000}, {15, 1, 0, 32, 596}, {20, 1, 0, 500, 500}};
  enum { EXPECTED = sizeof expected / sizeof *expected };
  int count = results_retainers_top(&subject.image, &subject.dominators, retainers, FIRST_NODES);
  assert_int_equal(count, EXPECTED);
  for (size_t place = 0; place < EXPECTED; place++) {
    check_retainer(&subject, &retainers[place], &expected[place]);
  }
  assert_int_equal(results_retainers_top(&subject.image, &subject.dominators, retainers, 2), 2);
  assert_int_equal(subject.image.ids[retainers[1].node], 5);
  assert_int_equal(results_retainers_top(&subject.image, &subject.dominators, retainers, 0), 0);
  finish_subject(&subject);
}

/* Entries and results by turns: what lies below one of its own type is none, at any depth; a second
 * chain beside it is of the same retainer. What nothing keeps is none either. */
static void chains(void **state) {
  (void)state;
  static const struct node nodes[] = {
      {1, ROOTS, GC_IMAGE_GROUP, 0, {3}}, {3, HANDLES, GC_IMAGE_GROUP, 0, {5, 15}},
      {5, ENTRY, OBJECT, 1, {7}},         {7, RESULT, OBJECT, 10, {9}},
      {9, ENTRY, OBJECT, 100, {11}},      {11, RESULT, OBJECT, 1000, {13}},
      {13, LIST, OBJECT, 10000, {0}},     {15, ENTRY, OBJECT, 100000, {17}},
      {17, RESULT, OBJECT, 1000000, {0}}, {19, CACHE, OBJECT, 77, {0}},
  };
  struct subject subject = make_subject(nodes, 10, 19);
  struct results_retainer retainers[10];
  static const struct expected expected[] = {{15, 2, 0, 100001, 1111111},
                                             {17, 1, 0, 1000000, 1000000},
                                             {7, 1, 0, 10, 11110},
                                             {13, 1, 0, 10000, 10000}};
  assert_int_equal(results_retainers_top(&subject.image, &subject.dominators, retainers, 10), 4);
  for (size_t place = 0; place < 4; place++) {
    check_retainer(&subject, &retainers[place], &expected[place]);
  }
  finish_subject(&subject);
}

static void equals(void **state) {
  (void)state;
  static const struct node nodes[] = {
      {1, ROOTS, GC_IMAGE_GROUP, 0, {3, 5, 7}},
      {3, LIST, OBJECT, 8, {0}},
      {5, CACHE, OBJECT, 8, {0}},
      {7, RESULT, OBJECT, 16, {0}},
  };
  struct subject subject = make_subject(nodes, 4, 7);
  struct results_retainer retainers[2];
  assert_int_equal(results_retainers_top(&subject.image, &subject.dominators, retainers, 2), 2);
  assert_int_equal(retainers[0].node, 3);
  assert_int_equal(retainers[1].node, 1);
  finish_subject(&subject);
}

static void grown_retainers(void **state) {
  (void)state;
  struct subject before = make_subject(first_nodes, FIRST_NODES, FIRST_LAST_ID);
  struct subject after = make_subject(second_nodes, SECOND_NODES, SECOND_LAST_ID);
  struct results_grown_retainer grown[SECOND_NODES];
  /* 5: 16 + 200 + 2000 + 4000 + 100 + 6000; its entries, of which one is another now; the results
   * of 9, which kept 21 with 19 before, and of 23. */
  static const struct expected expected[] = {{5, 1, 3316, 16, 12316},
                                             {9, 2, 3300, 300, 12300},
                                             {25, 1, 0, 6000, 6000},
                                             {21, 2, 2000, 6000, 6000}};
  enum { EXPECTED = sizeof expected / sizeof *expected };
  int count = results_retainers_grown(&before.image, &before.dominators, &after.image,
                                      &after.dominators, grown, SECOND_NODES);
  assert_int_equal(count, EXPECTED);
  for (size_t place = 0; place < EXPECTED; place++) {
    check_retainer(&after, &grown[place].after, &expected[place]);
    assert_int_equal(grown[place].before_bytes, expected[place].before_bytes);
  }
  count = results_retainers_grown(&after.image, &after.dominators, &after.image, &after.dominators,
                                  grown, SECOND_NODES);
  assert_int_equal(count, 0);
  finish_subject(&before);
  finish_subject(&after);
}

/* An object that somebody else keeps now is the same; one that has taken another's place counts from
 * there; what is new counts whole. */
static void grown_elsewhere(void **state) {
  (void)state;
  static const struct node before_nodes[] = {
      {1, ROOTS, GC_IMAGE_GROUP, 0, {3}},
      {3, CACHE, OBJECT, 8, {5, 7}},
      {5, LIST, OBJECT, 100, {0}},
      {7, RESULT, OBJECT, 30, {0}},
  };
  static const struct node after_nodes[] = {
      {1, ROOTS, GC_IMAGE_GROUP, 0, {3, 5}}, {3, CACHE, OBJECT, 8, {9, 11}},
      {5, LIST, OBJECT, 107, {0}},           {9, RESULT, OBJECT, 50, {0}},
      {11, ENTRY, OBJECT, 16, {0}},
  };
  struct subject before = make_subject(before_nodes, 4, 7);
  struct subject after = make_subject(after_nodes, 5, 11);
  struct results_grown_retainer grown[8];
  static const struct expected expected[] = {
      {9, 1, 30, 50, 50}, {11, 1, 0, 16, 16}, {5, 1, 100, 107, 107}};
  assert_int_equal(results_retainers_grown(&before.image, &before.dominators, &after.image,
                                           &after.dominators, grown, 8),
                   3);
  for (size_t place = 0; place < 3; place++) {
    check_retainer(&after, &grown[place].after, &expected[place]);
    assert_int_equal(grown[place].before_bytes, expected[place].before_bytes);
  }
  finish_subject(&before);
  finish_subject(&after);
}

static void grown_types(void **state) {
  (void)state;
  struct subject before = make_subject(first_nodes, FIRST_NODES, FIRST_LAST_ID);
  struct subject after = make_subject(second_nodes, SECOND_NODES, SECOND_LAST_ID);
  struct results_grown_type grown[NAMES];
  int count = results_grown_types(&before.image, &before.dominators, &after.image,
                                  &after.dominators, grown, NAMES);
  /* Entries are two of 300 bytes before and after; lists and stores have become less. */
  assert_int_equal(count, 1);
  assert_string_equal(grown[0].name, "cache.result");
  assert_int_equal(grown[0].before.objects, 3);
  assert_int_equal(grown[0].before.bytes, 7000);
  assert_int_equal(grown[0].after.objects, 3);
  assert_int_equal(grown[0].after.bytes, 12000);
  count = results_grown_types(&after.image, &after.dominators, &before.image, &before.dominators,
                              grown, NAMES);
  assert_int_equal(count, 2);
  assert_string_equal(grown[0].name, "backing store");
  assert_int_equal(grown[0].before.objects, 0);
  assert_int_equal(grown[0].after.bytes, 500);
  assert_string_equal(grown[1].name, "list");
  assert_int_equal(grown[1].after.objects, 3);
  assert_int_equal(grown[1].after.retained_bytes, 596); /* of a chain, the first's */
  finish_subject(&before);
  finish_subject(&after);
}

/* The names of an image are its own: the same type may have another index there. */
static void types_by_name(void **state) {
  (void)state;
  static char *two[] = {"(GC roots)", "list"};
  static const struct node other_nodes[] = {
      {1, 0, GC_IMAGE_GROUP, 0, {15, 17}}, {15, 1, OBJECT, 32, {0}}, {17, 1, OBJECT, 32, {0}}};
  struct subject before = make_subject(other_nodes, 3, 17);
  before.image.names = two;
  before.image.name_count = 2;
  struct subject after = make_subject(first_nodes, FIRST_NODES, FIRST_LAST_ID);
  struct results_grown_type grown[NAMES];
  int count = results_grown_types(&before.image, &before.dominators, &after.image,
                                  &after.dominators, grown, NAMES);
  assert_int_equal(count, 5);
  assert_string_equal(grown[0].name, "cache.result");
  assert_int_equal(grown[0].before.bytes, 0);
  assert_string_equal(grown[3].name, "list");
  assert_int_equal(grown[3].before.bytes, 64);
  assert_int_equal(grown[3].after.bytes, 96);
  finish_subject(&before);
  finish_subject(&after);
}

/* Made between the first and the second, and still there: 23 and 25, but neither 27, which died, nor
 * 29, which came later, nor the store
 * of 21, which has its owner's age. */
static void stayed_types(void **state) {
  (void)state;
  static const struct node third_nodes[] = {
      {1, ROOTS, GC_IMAGE_GROUP, 0, {3}},    {3, HANDLES, GC_IMAGE_GROUP, 0, {5}},
      {5, CACHE, OBJECT, 16, {9, 23, 29}},   {9, ENTRY, OBJECT, 200, {21}},
      {21, RESULT, OBJECT, 4000, {22}},      {22, STORE, GC_IMAGE_STORE, 900, {0}},
      {23, ENTRY, OBJECT, 100, {25}},        {25, RESULT, OBJECT, 6000, {26}},
      {26, STORE, GC_IMAGE_STORE, 700, {0}}, {29, ENTRY, OBJECT, 100, {0}},
  };
  struct gc_image third = make_image(third_nodes, 10, 29);
  struct results_stayed_type stayed[NAMES];
  assert_int_equal(results_stayed_types(FIRST_LAST_ID, SECOND_LAST_ID, &third, stayed, NAMES), 3);
  assert_string_equal(stayed[0].name, "cache.result");
  assert_int_equal(stayed[0].objects, 1);
  assert_int_equal(stayed[0].bytes, 6000);
  assert_string_equal(stayed[1].name, "backing store");
  assert_int_equal(stayed[1].bytes, 700);
  assert_string_equal(stayed[2].name, "cache.entry");
  assert_int_equal(stayed[2].objects, 1);
  assert_int_equal(stayed[2].bytes, 100);
  assert_int_equal(results_stayed_types(SECOND_LAST_ID, SECOND_LAST_ID, &third, stayed, NAMES), 0);
  third.names = NULL;
  third.name_count = 0;
  gc_image_free(&third);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(largest_first),   cmocka_unit_test(chains),
      cmocka_unit_test(equals),          cmocka_unit_test(grown_retainers),
      cmocka_unit_test(grown_elsewhere), cmocka_unit_test(grown_types),
      cmocka_unit_test(types_by_name),   cmocka_unit_test(stayed_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
