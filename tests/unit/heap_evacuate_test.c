/* Evacuation: which blocks are chosen, that what they held is moved and everything follows, and
 * when candidates are given up.
 *
 * Small objects are made old, most of them dropped and the heap swept, which leaves sparse blocks;
 * the next cycle evacuates them. The verifier at its highest level looks at every bit and slot.
 *
 * Presets: release debug asan ubsan tsan
 * Timeout: 120
 */
#include "heap/heap.h"
#include "heap_fixture.h"

#define OBJECTS   20000
#define RAW_BYTES 240

struct context {
  struct gc_heap *heap;
  struct gc_mutator *mutator;
  struct gc_handle array;
};

static struct gc_options evacuate_options(unsigned threads) {
  struct gc_options options = fixture_options(96);
  options.collector = "stw_compact";
  options.gc_threads = threads;
  options.pause_target_ns = UINT64_MAX;
  return options;
}

static struct context open_context(const struct gc_options *options) {
  struct context context = {.heap = fixture_open(options)};
  context.mutator = fixture_attach(context.heap);
  context.array = gc_handle_push(context.mutator, gc_null());
  return context;
}

static void close_context(const struct context *context) {
  gc_detach(context->mutator);
  gc_heap_close(context->heap);
}

static struct gc_ref object_at(const struct context *context, size_t index) {
  return gc_read_field(context->mutator, gc_handle_get(context->array), index);
}

/* A large array of objects with two slots: the object kept before it, and itself. */
static void fill(const struct context *context, size_t keep) {
  struct gc_mutator *mutator = context->mutator;
  gc_handle_set(mutator, context->array, gc_allocate(mutator, OBJECTS, 0, 0));
  for (size_t index = 0; index < OBJECTS; index++) {
    struct gc_ref object = gc_allocate(mutator, 2, RAW_BYTES, 0);
    assert_false(gc_is_null(object));
    *(uint64_t *)gc_object_raw(object, 2) = index;
    bool has_before = index % keep == 0 && index > 0;
    gc_init_field(mutator, object, 0, has_before ? object_at(context, index - keep) : object);
    gc_init_field(mutator, object, 1, object);
    gc_write_field(mutator, gc_handle_get(context->array), index, object);
  }
  gc_collect(mutator, GC_COLLECTION_FULL);
}

static void drop_others(const struct context *context, size_t keep) {
  for (size_t index = 0; index < OBJECTS; index++) {
    if (index % keep != 0) {
      gc_write_field(context->mutator, gc_handle_get(context->array), index, gc_null());
    }
  }
}

static void check(const struct context *context, size_t keep) {
  struct gc_mutator *mutator = context->mutator;
  for (size_t index = 0; index < OBJECTS; index += keep) {
    struct gc_ref object = object_at(context, index);
    assert_int_equal(*(uint64_t *)gc_object_raw(object, 2), index);
    assert_int_equal(gc_read_field(mutator, object, 1).address, object.address);
    struct gc_ref before = gc_read_field(mutator, object, 0);
    assert_int_equal(before.address,
                     index > 0 ? object_at(context, index - keep).address : object.address);
  }
}

/* Keeps one object in `keep`, and collects until nothing more can move. Returns blocks that are in
 * use less than before. */
static size_t thin_and_evacuate(const struct context *context, size_t keep) {
  fill(context, keep);
  drop_others(context, keep);
  gc_collect(context->mutator, GC_COLLECTION_FULL);
  size_t before = context->heap->old.blocks_in_use;
  check(context, keep);
  gc_collect(context->mutator, GC_COLLECTION_FULL);
  check(context, keep);
  gc_collect(context->mutator, GC_COLLECTION_FULL);
  check(context, keep);
  return before - context->heap->old.blocks_in_use;
}

static void sparse_blocks_are_emptied(void **state) {
  (void)state;
  for (unsigned threads = 1; threads <= 2; threads++) {
    struct gc_options options = evacuate_options(threads);
    struct context context = open_context(&options);
    assert_int_equal(context.heap->workers.count, threads);
    size_t released = thin_and_evacuate(&context, 10);
    const struct gc_evacuation *evacuation = &context.heap->evacuation;
    assert_true(released >= 10);
    assert_true(evacuation->moved_blocks >= released);
    assert_int_equal(evacuation->dropped_blocks, 0);
    assert_int_equal(evacuation->partly_moved_blocks, 0);
    assert_int_equal(evacuation->candidate_count, 0);
    const struct gc_statistics *statistics = &context.heap->statistics;
    assert_true(statistics->evacuated_bytes >= OBJECTS / 10 * RAW_BYTES / 2);
    assert_int_equal(statistics->evacuated_blocks, evacuation->moved_blocks);
    /* Each object of the one size refers to itself and is in the array, and most to another one. */
    uint64_t objects = statistics->evacuated_objects;
    assert_int_equal(statistics->evacuated_bytes, objects * gc_object_bytes_for(2, RAW_BYTES));
    assert_true(statistics->updated_slots >= 2 * objects);
    assert_true(statistics->updated_slots <= 3 * objects);
    close_context(&context);
  }
}

static void dense_blocks_stay(void **state) {
  (void)state;
  struct gc_options options = evacuate_options(1);
  struct context context = open_context(&options);
  (void)thin_and_evacuate(&context, 2);
  assert_int_equal(context.heap->statistics.evacuated_bytes, 0);
  close_context(&context);
}

static void what_is_chosen_is_no_longer_listed(void **state) {
  (void)state;
  struct gc_options options = evacuate_options(1);
  struct context context = open_context(&options);
  fill(&context, 10);
  drop_others(&context, 10);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  struct gc_old_space *old = &context.heap->old;
  size_t free_before = old->partial_free_bytes;
  gc_evacuate_select(context.heap);
  const struct gc_evacuation *evacuation = &context.heap->evacuation;
  size_t count = evacuation->candidate_count, bytes = 0;
  assert_true(count > 10);
  for (size_t index = 0; index < count; index++) {
    const struct gc_block *block = &old->blocks[evacuation->candidates[index]];
    assert_int_equal(block->is_candidate, GC_CANDIDATE);
    assert_true(index == 0 ||
                block->live_bytes >= old->blocks[evacuation->candidates[index - 1]].live_bytes);
    bytes += block->live_bytes;
  }
  assert_true(bytes <= 4 << 20);
  assert_int_equal(old->partial_free_bytes, free_before - (count * GC_BLOCK_BYTES - bytes));
  for (size_t class = 0; class < GC_OCCUPANCY_CLASSES; class ++) {
    for (uint32_t block = old->partial[class]; block != GC_NO_BLOCK;
         block = old->blocks[block].next) {
      assert_int_equal(old->blocks[block].is_candidate, GC_CANDIDATE_NOT);
    }
  }
  gc_evacuate_select(context.heap); /* chooses nothing beside them */
  assert_int_equal(evacuation->candidate_count, count);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  assert_int_equal(evacuation->moved_blocks, count);
  check(&context, 10);
  close_context(&context);
}

/* Under stress some blocks keep what did not move: as hosts too. */
static void blocks_that_move_half_way_keep_the_rest(void **state) {
  (void)state;
  for (unsigned threads = 1; threads <= 2; threads++) {
    struct gc_options options = evacuate_options(threads);
    options.stress_move = true;
    struct context context = open_context(&options);
    (void)thin_and_evacuate(&context, 5);
    assert_true(context.heap->evacuation.partly_moved_blocks > 0);
    assert_true(context.heap->statistics.evacuated_bytes > 0);
    close_context(&context);
  }
}

/* A pause target that allows for next to nothing. */
static void candidates_over_budget_are_dropped(void **state) {
  (void)state;
  struct gc_options options = evacuate_options(1);
  options.pause_target_ns = 1000;
  struct context context = open_context(&options);
  (void)thin_and_evacuate(&context, 10);
  const struct gc_evacuation *evacuation = &context.heap->evacuation;
  assert_true(evacuation->dropped_blocks > 0);
  assert_int_equal(context.heap->statistics.evacuated_bytes, 0);
  close_context(&context);
}

/* More slots refer into one block than its share of the budget. */
static void popular_blocks_are_dropped(void **state) {
  (void)state;
  struct gc_options options = evacuate_options(1);
  options.pause_target_ns = 2000000;
  struct context context = open_context(&options);
  struct gc_mutator *mutator = context.mutator;
  struct gc_handle popular = gc_handle_push(mutator, gc_null());
  fill(&context, 10);
  drop_others(&context, 10);
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_handle_set(mutator, popular, gc_allocate(mutator, 200000, 0, 0));
  for (size_t index = 0; index < 200000; index++) {
    gc_write_field(mutator, gc_handle_get(popular), index, object_at(&context, OBJECTS / 20 * 10));
  }
  gc_collect(mutator, GC_COLLECTION_FULL);
  assert_true(context.heap->statistics.evacuated_bytes > 0);
  assert_true(context.heap->evacuation.dropped_blocks > 0);
  check(&context, 10);
  assert_int_equal(gc_read_field(mutator, gc_handle_get(popular), 7).address,
                   object_at(&context, OBJECTS / 20 * 10).address);
  close_context(&context);
}

/* V8's rule: 70 percent until compaction was measured; then what a block costs. */
static void the_share_that_must_be_free(void **state) {
  (void)state;
  assert_int_equal(gc_evacuate_free_percent(0), 70);
  assert_int_equal(gc_evacuate_free_percent(GC_BLOCK_BYTES), 75);     /* 2 ms a block */
  assert_int_equal(gc_evacuate_free_percent(GC_BLOCK_BYTES / 4), 90); /* 5 ms */
  assert_int_equal(gc_evacuate_free_percent(GC_BLOCK_BYTES * 4), 60); /* 1.25 ms */
  assert_int_equal(gc_evacuate_free_percent(UINT64_C(1) << 60), 50);  /* next to nothing */
  assert_int_equal(gc_evacuate_free_percent(1), 99);
}

/* What a cycle recorded that was under way: in a thread's list, and in the heap's. */
static void a_heap_closes_while_slots_are_recorded(void **state) {
  (void)state;
  struct gc_options options = evacuate_options(2);
  struct context context = open_context(&options);
  struct gc_heap *heap = context.heap;
  fill(&context, 10);
  drop_others(&context, 10);
  gc_collect(context.mutator, GC_COLLECTION_FULL);
  gc_moved_slots_begin_stw(heap, 100);
  struct gc_slot slot = gc_object_slot(gc_handle_get(context.array), 0);
  for (unsigned index = 0; index < heap->workers.count; index++) {
    struct gc_moved_slot_list *list = &heap->workers.all[index].moved_slots;
    gc_moved_slots_record(heap, list, slot, object_at(&context, 0));
    assert_non_null(list->segments);
  }
  gc_moved_slots_flush(heap, &heap->workers.all[0].moved_slots);
  close_context(&context); /* `segments-returned` */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sparse_blocks_are_emptied),
      cmocka_unit_test(dense_blocks_stay),
      cmocka_unit_test(what_is_chosen_is_no_longer_listed),
      cmocka_unit_test(blocks_that_move_half_way_keep_the_rest),
      cmocka_unit_test(candidates_over_budget_are_dropped),
      cmocka_unit_test(popular_blocks_are_dropped),
      cmocka_unit_test(the_share_that_must_be_free),
      cmocka_unit_test(a_heap_closes_while_slots_are_recorded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
