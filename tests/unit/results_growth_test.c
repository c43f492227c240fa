/* Growth of troughs: known slopes, noise, sawteeth, warm-up, too few of them; the verdict that
 * follows.
 */
#include "results/growth.h"
#include "results/memory_verdict.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

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

enum { CYCLES = 20 };

/* What is in use when marking ends rises by noise of when cycles end; what they found live does not. */
static void cycles_say_what_is_live(void **state) {
  (void)state;
  static struct gc_event_stop stops[CYCLES];
  static struct gc_event_cycle cycles[CYCLES];
  struct results_events events = {.stop = {.items = stops, .count = CYCLES}};
  struct results_figures figures;
  for (uint64_t i = 0; i < CYCLES; i++) {
    stops[i] = (struct gc_event_stop){.kind = GC_PAUSE_remark,
                                      .work_end_ns = (i + 1) * 1000000,
                                      .used_after_bytes = (i + 50) << 20};
    cycles[i] =
        (struct gc_event_cycle){.mark_end_ns = stops[i].work_end_ns, .marked_bytes = 20 << 20};
  }
  assert_int_equal(results_growth_derive(&events, &figures), 0);
  assert_true(figures.heap_growth_bytes > 10 * MIB);
  events.cycle.items = cycles;
  events.cycle.count = CYCLES;
  assert_int_equal(results_growth_derive(&events, &figures), 0);
  assert_true(figures.heap_growth_bytes == 0);
}

/* Of a trial of 8 s in which resident memory and metadata rise, sampled ten times a second. */
static double rss_growth_of(double rise_bytes, double metadata_rise_bytes, uint64_t limit_mib) {
  enum { samples = 80 };
  static struct gc_event_usage items[samples];
  static uint32_t rings[samples];
  struct gc_event_timed timed = {.begin_ns = 1000000000, .end_ns = 9000000000};
  struct gc_event_cycle cycle = {.mark_end_ns = 1};
  struct gc_event_sample sample = {.time_ns = 1, .limit_bytes = limit_mib << 20};
  for (uint64_t i = 0; i < samples; i++)
    items[i] = (struct gc_event_usage){
        .time_ns = timed.begin_ns + i * 100000000,
        .rss_bytes = (uint64_t)(50 * MIB + rise_bytes * (double)i / samples),
        .metadata_bytes = (uint64_t)(MIB + metadata_rise_bytes * (double)i / samples)};
  struct results_events events = {.usage = {.items = items, .rings = rings, .count = samples},
                                  .timed = {.items = &timed, .rings = rings, .count = 1},
                                  .cycle = {.items = &cycle, .rings = rings, .count = 1},
                                  .sample = {.items = &sample, .rings = rings, .count = 1}};
  struct results_figures figures;
  assert_int_equal(results_growth_derive(&events, &figures), 0);
  return figures.rss_growth_bytes;
}

static void resident_memory_has_a_grain(void **state) {
  (void)state;
  assert_true(rss_growth_of(3 * MIB, 0, 1) == 0);
  double growth_bytes = rss_growth_of(32 * MIB, 0, 1); /* the first quarter is left out */
  assert_true(growth_bytes > 18 * MIB && growth_bytes < 24 * MIB);
  assert_true(rss_growth_of(32 * MIB, 32 * MIB, 1) == 0);
}

/* Memory within the heap's limit may be touched for the first time at any moment. */
static void what_the_limit_allows_is_no_growth(void **state) {
  (void)state;
  assert_true(rss_growth_of(32 * MIB, 0, 90) == 0);
  double growth_bytes = rss_growth_of(80 * MIB, 0, 70); /* beyond it from the first quarter on */
  assert_true(growth_bytes > 40 * MIB && growth_bytes < 60 * MIB);
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

static struct results_summary summary_of(const char *collector, double heap_growth_bytes) {
  struct results_summary summary = {
      .median = {.heap_growth_bytes = heap_growth_bytes, .timed_ns = 2e9}};
  results_text_set(&summary.first.configuration.workload, "leak");
  results_text_set(&summary.first.configuration.collector, collector);
  summary.first.configuration.heap_bytes = 51 << 20;
  summary.statuses[RESULTS_ok] = 1;
  return summary;
}

static char *printed_of(const struct results_run *run) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  results_memory_verdict_print(stream, run);
  fclose(stream);
  return text;
}

/* A configuration of which every trial ran out of memory has a verdict too. */
static void a_run_ends_with_a_verdict(void **state) {
  (void)state;
  struct results_summary summaries[] = {summary_of("incremental", NAN), summary_of("stw_lazy", 0),
                                        summary_of("stw", 0), summary_of("concurrent", 3 * MIB)};
  struct results_run run = {.summaries = summaries, .summary_count = 1};
  char *text = printed_of(&run);
  assert_non_null(strstr(text, "memory: too few cycles to tell whether it grows; "));
  free(text);
  run = (struct results_run){.summaries = &summaries[1], .summary_count = 1};
  text = printed_of(&run);
  assert_string_equal(text, "memory: flat in every configuration\n");
  free(text);
  summaries[2].statuses[RESULTS_ok] = 0;
  summaries[2].statuses[RESULTS_out_of_memory] = 2;
  summaries[2].failed_status = RESULTS_out_of_memory;
  strcpy(summaries[2].failure, "the heap of 51M was exhausted");
  run = (struct results_run){.summaries = summaries, .summary_count = 4};
  text = printed_of(&run);
  assert_string_equal(text, "memory: flat in 1 of 4 configurations; 1 had too few cycles to tell; "
                            "1 ran out of it; growing:\n"
                            "  concurrent on leak, heap 51M: the heap grows: objects, 3 MiB in "
                            "2.00 s\n"
                            "  stw on leak, heap 51M: the heap of 51M was exhausted\n");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slope_is_found),
      cmocka_unit_test(noise_is_none),
      cmocka_unit_test(little_is_none),
      cmocka_unit_test(warming_up_is_none),
      cmocka_unit_test(sawteeth_are_none),
      cmocka_unit_test(few_say_nothing),
      cmocka_unit_test(cycles_say_what_is_live),
      cmocka_unit_test(resident_memory_has_a_grain),
      cmocka_unit_test(what_the_limit_allows_is_no_growth),
      cmocka_unit_test(verdicts),
      cmocka_unit_test(a_run_ends_with_a_verdict),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
