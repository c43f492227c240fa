/* Counters of the processor: absent or true. Where the machine counts, the work of a thread that was
 * started after the counters were opened is in them while it runs; where it does not, every value is
 * NaN and never 0.
 *
 * Presets: release debug asan
 */
#include "harness/processor_counters.h"
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ROUNDS = 20000000 };

static void *work(void *argument) {
  uint64_t *sum = argument;
  for (uint64_t round = 0; round < ROUNDS; round++) {
    __atomic_fetch_add(sum, round, __ATOMIC_RELAXED);
  }
  return NULL;
}

static void test_threads_count_or_nothing_does(void **state) {
  (void)state;
  struct processor_counters counters;
  double before[PROCESSOR_COUNTERS], after[PROCESSOR_COUNTERS];
  pthread_t thread;
  uint64_t sum = 0;
  processor_counters_open(&counters);
  processor_counters_read(&counters, before);
  assert_int_equal(pthread_create(&thread, NULL, work, &sum), 0);
  pthread_join(thread, NULL);
  processor_counters_read(&counters, after);
  for (size_t counter = 0; counter < PROCESSOR_COUNTERS; counter++) {
    assert_true(isnan(after[counter]) || counters.descriptors[counter] >= 0);
    assert_true(isnan(after[counter]) || counter == PROCESSOR_CACHE_MISSES || after[counter] > 0);
  }
  if (!isnan(after[PROCESSOR_INSTRUCTIONS])) {
    assert_true(after[PROCESSOR_INSTRUCTIONS] - before[PROCESSOR_INSTRUCTIONS] > ROUNDS);
    assert_true(after[PROCESSOR_CYCLES] - before[PROCESSOR_CYCLES] > ROUNDS / 10);
  }
  processor_counters_close(&counters);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads_count_or_nothing_does)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
