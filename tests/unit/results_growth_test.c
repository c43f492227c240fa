/* Growth of troughs: known slopes, noise, sawteeth, warm-up, too few of them; the verdict that
 * follows.
 */
#include "results/growth.h"
#include "results/memory_verdict.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB (1024.0 * 1024.0)

static struct results_trough troughs[1000];

static double noise(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 40) / (double)(1 << 24) - 0.5;
}

static void fill(size_t count, double bytes, double slope_bytes, double noise_bytes) {
  uint64_t state = 42;
  for (size_t i = 0; i < count; i++)
    troughs[i] = (struct results_trough){(double)i * 1e6, bytes + (double)i * slope_bytes +
                                                              noise(&state) * noise_bytes};
}

static void a_slope_is_found(void **state) {
  (void)state;
  fill(100, 50 * MIB, MIB, 0);
  /* Troughs 25 to 99, of which the least of each pair is taken. */
  double growth = results_growth_bytes(troughs, 100);
  assert_true(growth > 70 * MIB && growth <= 74 * MIB);
  fill(100, 50 * MIB, MIB / 4, 4 * MIB);
  growth = results_growth_bytes(troughs, 100);
  assert_true(growth > 13 * MIB && growth < 24 * MIB);
}

static void noise_is_none(void **state) {
  (void)state;
  for (size_t count = GROWTH_FROM * 2; count < 1000; count += 90) {
    fill(count, 50 * MIB, 0, 20 * MIB);
    assert_true(results_growth_bytes(troughs, count) == 0);
  }
  fill(100, 50 * MIB, -MIB / 8, 0);
  assert_true(results_growth_bytes(troughs, 100) == 0);
}

static void little_is_none(void **state) {
  (void)state;
  fill(100, 50 * MIB, 1000, 0);
  assert_true(results_growth_bytes(troughs, 100) == 0);
}

static void warming_up_is_none(void **state) {
  (void)state;
  for (size_t i = 0; i < 100; i++)
    troughs[i] = (struct results_trough){(double)i * 1e6, MIB * (double)(i < 25 ? 2 * i : 50)};
  assert_true(results_growth_bytes(troughs, 100) == 0);
}

static void sawteeth_are_none(void **state) {
  (void)state;
  for (size_t i = 0; i < 96; i++)
    troughs[i] = (struct results_trough){(double)i * 1e6, MIB * (double)(50 + i % 12)};
  assert_true(results_growth_bytes(troughs, 96) == 0);
}

static void few_say_nothing(void **state) {
  (void)state;
  fill(6, 50 * MIB, MIB, 0);
  assert_true(isnan(results_growth_bytes(troughs, 0)));
  assert_true(isnan(results_growth_bytes(troughs, 6)));
  fill(7, 50 * MIB, MIB, 0);
  assert_true(results_growth_bytes(troughs, 7) > 0);
}

static void verdicts(void **state) {
  (void)state;
  struct results_figures figures = {.heap_growth_bytes = 0};
  assert_int_equal(results_memory_verdict_of(&figures), RESULTS_MEMORY_FLAT);
  figures.rss_growth_bytes = MIB;
  assert_int_equal(results_memory_verdict_of(&figures), RESULTS_MEMORY_RESIDENT);
  figures.external_growth_bytes = MIB;
  assert_int_equal(results_memory_verdict_of(&figures), RESULTS_MEMORY_EXTERNAL);
  figures.heap_growth_bytes = MIB;
  assert_int_equal(results_memory_verdict_of(&figures), RESULTS_MEMORY_HEAP);
  figures.heap_growth_bytes = figures.external_growth_bytes = NAN;
  assert_int_equal(results_memory_verdict_of(&figures), RESULTS_MEMORY_UNKNOWN);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slope_is_found),  cmocka_unit_test(noise_is_none),
      cmocka_unit_test(little_is_none),    cmocka_unit_test(warming_up_is_none),
      cmocka_unit_test(sawteeth_are_none), cmocka_unit_test(few_say_nothing),
      cmocka_unit_test(verdicts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
