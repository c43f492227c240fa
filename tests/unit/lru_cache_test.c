/* Tests that lru_cache notices damage: each case damages a right cache in one way, and the check at
 * the end, which passed before, must fail.
 *
 * Presets: release debug asan ubsan
 */
#include "tests/unit/workload_fixture.h"

#include "workloads/lru_cache_ops.c"

extern const struct workload workload_lru_cache;

enum { ENTRIES = 200, BUCKETS_LOG2 = 6, OPERATIONS = 1000, TOTAL = ENTRIES + OPERATIONS };

typedef void damage(struct lru_cache *cache);

static struct gc_ref entry_from_front(const struct lru_cache *cache, unsigned steps) {
  struct gc_ref entry = gc_handle_get(cache->sentinel);
  for (unsigned step = 0; step <= steps; step++) {
    entry = gc_read_field(cache->run->mutator, entry, ENTRY_NEXT);
  }
  return entry;
}

static void check_after(damage *apply) {
  static const uint64_t values[LRU_CACHE_PARAMETERS] = {ENTRIES, BUCKETS_LOG2, OPERATIONS};
  struct workload_fixture fixture;
  fixture_open(&fixture, &workload_lru_cache, values);
  struct gc_handle_frame frame = gc_handles_enter(fixture.run.mutator);
  struct lru_cache cache;
  assert_true(cache_open(&cache, &fixture.run));
  assert_int_equal(operate_until(&cache, 0, TOTAL, TOTAL), WORKLOAD_DONE);
  assert_int_equal(check(&cache, TOTAL), WORKLOAD_DONE);
  apply(&cache);
  expect_wrong(&fixture.run, check(&cache, TOTAL));
  gc_handles_leave(fixture.run.mutator, frame);
  fixture_close(&fixture);
}

static struct lru_value *value_of(const struct lru_cache *cache, struct gc_ref entry) {
  return value_at(gc_read_field(cache->run->mutator, entry, ENTRY_VALUE));
}

static void damage_seal(struct lru_cache *cache) {
  value_of(cache, entry_from_front(cache, 7))->seal ^= 1;
}

static void damage_operation(struct lru_cache *cache) {
  struct lru_value *value = value_of(cache, entry_from_front(cache, 7));
  value->operation--;
  value->seal = seal_of(value->key, value->operation);
}

static void damage_key(struct lru_cache *cache) {
  ((struct lru_entry *)gc_ref_address(entry_from_front(cache, 7)))->key ^= 1;
}

static void damage_value_reference(struct lru_cache *cache) {
  gc_write_field(cache->run->mutator, entry_from_front(cache, 7), ENTRY_VALUE, gc_null());
}

static void damage_order(struct lru_cache *cache) {
  move_to_front(cache, entry_from_front(cache, 7));
}

static void damage_previous(struct lru_cache *cache) {
  gc_write_field(cache->run->mutator, entry_from_front(cache, 7), ENTRY_PREVIOUS,
                 entry_from_front(cache, 5));
}

static void damage_next(struct lru_cache *cache) {
  gc_write_field(cache->run->mutator, entry_from_front(cache, 7), ENTRY_NEXT, gc_null());
}

static void damage_list_with_cycle(struct lru_cache *cache) {
  gc_write_field(cache->run->mutator, entry_from_front(cache, 7), ENTRY_NEXT,
                 entry_from_front(cache, 3));
}

static void damage_chain(struct lru_cache *cache) {
  chain_remove(cache, entry_from_front(cache, 7));
}

static void damage_size(struct lru_cache *cache) {
  evict_oldest(cache);
}

/* An entry that only its chain still holds. */
static void damage_list(struct lru_cache *cache) {
  list_remove(cache, entry_from_front(cache, ENTRIES - 1));
}

static void test_every_damage_is_noticed(void **state) {
  (void)state;
  static damage *const cases[] = {
      damage_seal,  damage_operation, damage_key,  damage_value_reference,
      damage_order, damage_previous,  damage_next, damage_list_with_cycle,
      damage_chain, damage_size,      damage_list,
  };
  for (size_t place = 0; place < sizeof cases / sizeof *cases; place++) {
    check_after(cases[place]);
  }
}

/* An entry that was used and then dropped by mistake, with the list and the chains in order. */
static void test_a_lost_operation_is_noticed(void **state) {
  (void)state;
  static const uint64_t values[LRU_CACHE_PARAMETERS] = {ENTRIES, BUCKETS_LOG2, OPERATIONS};
  struct workload_fixture fixture;
  fixture_open(&fixture, &workload_lru_cache, values);
  struct gc_handle_frame frame = gc_handles_enter(fixture.run.mutator);
  struct lru_cache cache;
  assert_true(cache_open(&cache, &fixture.run));
  assert_int_equal(operate_until(&cache, 0, TOTAL - 1, TOTAL), WORKLOAD_DONE);
  assert_int_equal(check(&cache, TOTAL - 1), WORKLOAD_DONE);
  expect_wrong(&fixture.run, check(&cache, TOTAL));
  gc_handles_leave(fixture.run.mutator, frame);
  fixture_close(&fixture);
}

static void test_a_damaged_value_is_noticed_at_the_hit(void **state) {
  (void)state;
  static const uint64_t values[LRU_CACHE_PARAMETERS] = {ENTRIES, BUCKETS_LOG2, OPERATIONS};
  struct workload_fixture fixture;
  fixture_open(&fixture, &workload_lru_cache, values);
  struct gc_handle_frame frame = gc_handles_enter(fixture.run.mutator);
  struct lru_cache cache;
  assert_true(cache_open(&cache, &fixture.run));
  assert_int_equal(operate_until(&cache, 0, ENTRIES, TOTAL), WORKLOAD_DONE);
  for (unsigned steps = 0; steps < ENTRIES; steps++) {
    value_of(&cache, entry_from_front(&cache, steps))->key++;
  }
  expect_wrong(&fixture.run, operate_until(&cache, ENTRIES, TOTAL, TOTAL));
  gc_handles_leave(fixture.run.mutator, frame);
  fixture_close(&fixture);
}

static void test_the_whole_run_is_right(void **state) {
  (void)state;
  static const uint64_t values[LRU_CACHE_PARAMETERS] = {ENTRIES, BUCKETS_LOG2, OPERATIONS};
  struct workload_fixture fixture;
  fixture_open(&fixture, &workload_lru_cache, values);
  assert_int_equal(ops_under_test.run(&fixture.run), WORKLOAD_DONE);
  assert_int_equal(fixture.run.operations, OPERATIONS);
  fixture_close(&fixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_whole_run_is_right),
      cmocka_unit_test(test_every_damage_is_noticed),
      cmocka_unit_test(test_a_lost_operation_is_noticed),
      cmocka_unit_test(test_a_damaged_value_is_noticed_at_the_hit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
