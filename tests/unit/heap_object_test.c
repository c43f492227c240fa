/* Object headers: what is written comes back, and fields do not touch each other.
 */
#include "heap_fixture.h"

static void small_headers_come_back(void **state) {
  (void)state;
  static const uint32_t types[] = {0, 1, 0x55555, 0xaaaaa, 0xfffff};
  for (size_t bytes = GC_OBJECT_BYTES_MIN; bytes < GC_LARGE_BYTES; bytes += GC_GRANULE_BYTES) {
    size_t most_slots = (bytes - GC_HEADER_BYTES) / sizeof(struct gc_ref);
    size_t slot_counts[] = {0, 1, most_slots / 2, most_slots};
    for (size_t choice = 0; choice < 4; choice++) {
      uint32_t type = types[(bytes / 8 + choice) % 5];
      uint64_t memory[2] = {gc_header_make(bytes, slot_counts[choice], type), 0};
      struct gc_ref object = {(uintptr_t)memory};
      assert_int_equal(memory[0] & GC_HEADER_TAG, GC_HEADER_TAG);
      assert_int_equal(memory[0] & (GC_HEADER_LARGE | GC_HEADER_HAS_ID), 0);
      assert_int_equal(memory[0] >> 48, 0);
      assert_int_equal(gc_object_size_bytes(object), bytes);
      assert_int_equal(gc_object_slot_count(object), slot_counts[choice]);
      assert_int_equal(gc_object_type(object), type);
    }
  }
}

static void regrey_and_log_bytes_leave_the_rest_alone(void **state) {
  (void)state;
  uint64_t memory[2] = {gc_header_make(4088, 255, 0xfffff), 0};
  uint64_t before = memory[0];
  struct gc_ref object = {(uintptr_t)memory};
  ((uint8_t *)memory)[GC_HEADER_REGREY_BYTE] = 0xff;
  ((uint8_t *)memory)[GC_HEADER_LOG_BYTE] = 0xff;
  assert_int_equal(memory[0], before | UINT64_C(0xffff) << 48);
  assert_int_equal(gc_object_size_bytes(object), 4088);
  assert_int_equal(gc_object_slot_count(object), 255);
  assert_int_equal(gc_object_type(object), 0xfffff);
}

static void sizes_are_rounded_to_granules_and_have_a_minimum(void **state) {
  (void)state;
  assert_int_equal(gc_object_bytes_for(0, 0), 16);
  assert_int_equal(gc_object_bytes_for(0, 1), 16);
  assert_int_equal(gc_object_bytes_for(0, 8), 16);
  assert_int_equal(gc_object_bytes_for(0, 9), 24);
  assert_int_equal(gc_object_bytes_for(1, 0), 16);
  assert_int_equal(gc_object_bytes_for(1, 1), 24);
  assert_int_equal(gc_object_bytes_for(2, 8), 32);
  assert_int_equal(gc_object_bytes_for(4094, 0), 32760);
  assert_int_equal(gc_object_bytes_for(4095, 0), 32768);
}

struct point {
  uint64_t gc_header;
  struct gc_ref next, other;
  double x, y;
  char name[12];
};

static void an_object_can_be_overlaid_by_a_struct(void **state) {
  (void)state;
  struct gc_options options = fixture_options(8);
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  size_t raw_bytes = sizeof(struct point) - offsetof(struct point, x);
  struct gc_ref object = gc_allocate(mutator, 2, raw_bytes, 0);
  struct point *point = gc_ref_address(object);
  assert_ptr_equal(&point->next, gc_object_slot(object, 0).location);
  assert_ptr_equal(&point->other, gc_object_slot(object, 1).location);
  assert_ptr_equal(&point->x, gc_object_raw(object, 2));
  assert_true(point->x == 0 && point->y == 0 && point->name[11] == '\0');
  gc_detach(mutator);
  gc_heap_close(heap);
}

/* Shapes on both sides of the size at which objects become large, and types that survive moving. */
static void shapes_survive_moving(void **state) {
  (void)state;
  struct gc_options options = fixture_options(16);
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  uint32_t type = gc_type_define(heap, "heap_object_test");
  assert_int_equal(gc_type_define(heap, "heap_object_test"), type);
  assert_string_equal(gc_type_name(heap, type), "heap_object_test");
  static const size_t shapes[][2] = {{0, 0},     {1, 0},     {0, 1},        {4094, 0},
                                     {4095, 0},  {4096, 0},  {0, 32752},    {0, 32753},
                                     {0, 32760}, {0, 32761}, {2047, 16384}, {2047, 16392}};
  enum { COUNT = sizeof shapes / sizeof *shapes };
  struct gc_handle handles[COUNT];
  for (size_t index = 0; index < COUNT; index++) {
    handles[index] =
        gc_handle_push(mutator, gc_allocate(mutator, shapes[index][0], shapes[index][1], type));
    assert_false(gc_is_null(gc_handle_get(handles[index])));
  }
  for (int collection = 0; collection < 4; collection++) {
    gc_collect(mutator, collection < 3 ? GC_COLLECTION_MINOR : GC_COLLECTION_FULL);
    for (size_t index = 0; index < COUNT; index++) {
      struct gc_ref object = gc_handle_get(handles[index]);
      size_t bytes = gc_object_bytes_for(shapes[index][0], shapes[index][1]);
      assert_int_equal(gc_object_size_bytes(object), bytes);
      assert_int_equal(gc_object_slot_count(object), shapes[index][0]);
      assert_int_equal(gc_object_type(object), type);
      assert_int_equal(gc_header_is_large(gc_object_header(object)), bytes >= GC_LARGE_BYTES);
      assert_false(gc_is_young(mutator, object) && bytes >= GC_LARGE_BYTES);
    }
  }
  gc_detach(mutator);
  gc_heap_close(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_headers_come_back),
      cmocka_unit_test(regrey_and_log_bytes_leave_the_rest_alone),
      cmocka_unit_test(sizes_are_rounded_to_granules_and_have_a_minimum),
      cmocka_unit_test(an_object_can_be_overlaid_by_a_struct),
      cmocka_unit_test(shapes_survive_moving),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
