/* The sizing rules, against V8's test vectors and MemBalancer's formula worked out by hand. */
#include "collectors/sizing.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

static void assert_near(double value, double expected, double tolerance) {
  if (fabs(value - expected) > tolerance) {
    print_error("%.6f is not %.6f\n", value, expected);
    fail();
  }
}

/* For a mutator utilisation of 97 %: R * 0.03 / (R * 0.03 - 0.97). */
static void growing_factors(void **state) {
  (void)state;
  static const struct {
    double ratio, factor;
  } vectors[] = {{0, 4},       {1, 4},       {32.34, 4},   {43.12, 3.998},
                 {100, 1.478}, {200, 1.193}, {355.8, 1.1}, {10000, 1.1}};
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
    assert_near(gc_sizing_growing_factor(vectors[i].ratio, 4), vectors[i].factor, 0.001);
  }
  assert_near(gc_sizing_growing_factor(50, 2), 2, 0);
}

static void largest_factors(void **state) {
  (void)state;
  assert_near(gc_sizing_max_factor(1400 * MIB), 4, 0);
  assert_near(gc_sizing_max_factor(64 * MIB), 1.3, 0);
  assert_near(gc_sizing_max_factor(256 * MIB), 1.3, 0);
  /* half of the way from 256 to 1400 MiB */
  assert_near(gc_sizing_max_factor(828 * MIB), 1.65, 0.0001);
}

static void growing_limits(void **state) {
  (void)state;
  struct gc_sizing_input input = {.live_bytes = 100 * MIB,
                                  .max_bytes = 2000 * MIB,
                                  .nursery_bytes = 6 * MIB,
                                  .collected_per_ms = 100,
                                  .allocated_per_ms = 1};
  assert_near((double)gc_sizing_growing_bytes(&input) / MIB, 147.8 + 6, 0.05);
  /* At least 8 MiB more than what is live. */
  input.live_bytes = 10 * MIB;
  assert_near((double)gc_sizing_growing_bytes(&input) / MIB, 18 + 6, 0.01);
  /* At most half of the way to the limit. */
  input.live_bytes = 1000 * MIB;
  input.max_bytes = 1200 * MIB;
  assert_near((double)gc_sizing_growing_bytes(&input) / MIB, 1100, 0.01);
  /* Speeds unknown: the largest factor. */
  input = (struct gc_sizing_input){.live_bytes = 100 * MIB, .max_bytes = 2000 * MIB};
  assert_near((double)gc_sizing_growing_bytes(&input) / MIB, 400, 0.01);
}

/* live + sqrt(live * g / (c * s)): 100 MiB, g 1, s 100, c 3e-10: sqrt(1.048576e6 / 3e-10). */
static void membalancer_limits(void **state) {
  (void)state;
  struct gc_sizing_input input = {.live_bytes = 100 * MIB,
                                  .max_bytes = 2000 * MIB,
                                  .collected_per_ms = 100,
                                  .allocated_per_ms = 1,
                                  .membalancer_c = 3e-10};
  assert_near((double)gc_sizing_membalancer_bytes(&input), 104857600.0 + 59120655.0, 1000);
  /* Four times the allocation: twice the extra. */
  input.allocated_per_ms = 4;
  assert_near((double)gc_sizing_membalancer_bytes(&input), 104857600.0 + 2 * 59120655.0, 2000);
  /* Never beyond the heap. */
  input.max_bytes = 150 * MIB;
  assert_int_equal(gc_sizing_membalancer_bytes(&input), 150 * MIB);
  /* Never less than the nursery above what is live. */
  input = (struct gc_sizing_input){.live_bytes = 64,
                                   .max_bytes = 2000 * MIB,
                                   .nursery_bytes = 6 * MIB,
                                   .collected_per_ms = 1000000,
                                   .allocated_per_ms = 1,
                                   .membalancer_c = 3e-10};
  assert_int_equal(gc_sizing_membalancer_bytes(&input), 64 + 6 * MIB);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(growing_factors),
      cmocka_unit_test(largest_factors),
      cmocka_unit_test(growing_limits),
      cmocka_unit_test(membalancer_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
