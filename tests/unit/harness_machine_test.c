/* What disturbed a run, from what the machine said of itself before and after. */
#include "harness/machine.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Load, users, busy process or null, steal in ticks, seconds since boot. */
static json_t *observation(double load, int users, const char *busy, int steal_ticks, int seconds) {
  json_t *processes =
      busy ? json_pack("[{s:s, s:f}]", "name", busy, "cpu_percent", 90.0) : json_array();
  return json_pack("{s:f, s:i, s:i, s:I, s:o}", "load", load, "users", users, "steal_ticks",
                   steal_ticks, "uptime_ns", (json_int_t)seconds * 1000000000, "busy_processes",
                   processes);
}

static void expect_noise(json_t *before, json_t *after, size_t count, const char *words) {
  json_t *noise = machine_noise(before, after);
  assert_int_equal(json_array_size(noise), count);
  if (count > 0) {
    assert_non_null(strstr(json_string_value(json_array_get(noise, count - 1)), words));
  }
  json_decref(noise);
  json_decref(before);
  json_decref(after);
}

static void a_quiet_machine_has_no_noise(void **state) {
  (void)state;
  expect_noise(observation(0, 1, NULL, 5, 100), observation(9, 1, NULL, 5, 200), 0, NULL);
}

static void each_disturbance_is_said(void **state) {
  (void)state;
  double loaded = (double)machine_cores();
  /* One percent of all processors over 100 s; a tenth of that is not worth a sentence. */
  int ticks = (int)(sysconf(_SC_CLK_TCK) * (long)machine_cores());
  expect_noise(observation(0, 1, NULL, 5, 100), observation(0, 1, NULL, 5 + ticks, 200), 1,
               "the host took 1.0 %");
  expect_noise(observation(0, 1, NULL, 5, 100), observation(0, 1, NULL, 5 + ticks / 10, 200), 0,
               NULL);
  expect_noise(observation(loaded, 1, NULL, 5, 100), observation(0, 1, NULL, 5, 200), 1,
               "the load of the last minute was");
  expect_noise(observation(0, 1, "make", 5, 100), observation(0, 1, NULL, 5, 200), 1,
               "before the first trial, another process (make) took 90 %");
  expect_noise(observation(0, 1, NULL, 5, 100), observation(0, 1, "make", 5, 200), 1,
               "after the last trial, another process (make) took 90 %");
  expect_noise(observation(0, 3, NULL, 5, 100), observation(0, 3, NULL, 5, 200), 1,
               "3 people were logged in");
}

/* What is observed is what is judged. */
static void this_machine_can_be_observed(void **state) {
  (void)state;
  static const char *const keys[] = {"load",     "users",          "steal_ticks", "uptime_ns",
                                     "core_mhz", "busy_processes", "cores",       "processor"};
  json_t *machine = machine_describe();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    assert_non_null(json_object_get(machine, keys[i]));
  }
  json_decref(machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quiet_machine_has_no_noise),
      cmocka_unit_test(each_disturbance_is_said),
      cmocka_unit_test(this_machine_can_be_observed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
