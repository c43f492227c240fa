/* The report's page and its data: how many marks there are, that no text of a run ends a script,
 * that extremes are kept, what the findings say of few and of enough trials, and colours.
 *
 * Presets: release debug asan
 * Timeout: 120
 */
#include "results/file.h"
#include "results/report.h"
#include "tests/unit/results_fixture.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tricolor-report-XXXXXX";
static char error[PATH_MAX + 1024];

static const struct fixture_trial plain = {.workload = "gcbench",
                                           .collector = "stw",
                                           .barrier = "card",
                                           .heap_bytes = 51 << 20,
                                           .length_ns = 1000000000,
                                           .pause_count = 400,
                                           .full_every = 50,
                                           .scavenge_us = 60,
                                           .full_us = 3000};

/* A fresh directory for a run, below the test's. */
static const char *new_run(void) {
  static char run[64];
  static unsigned number;
  snprintf(run, sizeof run, "%s/%u", directory, ++number);
  assert_int_equal(fixture_make_directory(run), 0);
  return run;
}

static void write_trial(const char *run, struct fixture_trial trial, uint64_t number) {
  trial.trial = trial.seed = number;
  assert_int_equal(fixture_write_trial(run, &trial), 0);
}

static void write_pairs(const char *run, uint64_t invocations) {
  for (uint64_t invocation = 1; invocation <= invocations; invocation++) {
    struct fixture_trial trial = plain;
    trial.invocation = invocation;
    write_trial(run, trial, 2 * invocation - 1);
    trial.collector = "concurrent";
    trial.scavenge_us = 25;
    trial.full_us = 500;
    write_trial(run, trial, 2 * invocation);
  }
}

static json_t *data_of(const char *run_directory) {
  struct results_run run;
  assert_int_equal(results_run_load(run_directory, &run, error, sizeof error), 0);
  json_t *data = results_report_data(&run, "");
  results_run_finish(&run);
  assert_non_null(data);
  return data;
}

static char *read_text(const char *path, size_t *length) {
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  assert_int_equal(fseek(stream, 0, SEEK_END), 0);
  *length = (size_t)ftell(stream);
  rewind(stream);
  char *text = malloc(*length + 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, *length, stream), *length);
  text[*length] = '\0';
  fclose(stream);
  return text;
}

/* --- the page ----------------------------------------------------------------------------------
 */

static void texts_cannot_end_a_script(void **state) {
  (void)state;
  static const char text[] = "\"</script><SCRIPT><!-- </ScRiPt <b> a<b\"";
  char *written = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&written, &size);
  assert_non_null(stream);
  results_report_write_script(stream, text, strlen(text));
  fclose(stream);
  for (const char *at = strchr(written, '<'); at; at = strchr(at + 1, '<'))
    assert_int_equal(at[1], 'b'); /* what is left is harmless */
  json_t *read = json_loads(written, JSON_DECODE_ANY, NULL);
  assert_non_null(read);
  assert_string_equal(json_string_value(read), "</script><SCRIPT><!-- </ScRiPt <b> a<b");
  json_decref(read);
  free(written);
}

/* Parts of a page that is nothing but its data. */
static const char *write_parts(const char *template) {
  static char parts[PATH_MAX];
  char path[PATH_MAX];
  snprintf(parts, sizeof parts, "%s/parts", directory);
  mkdir(parts, 0777);
  assert_int_equal(results_path(path, parts, "template.html", error, sizeof error), 0);
  assert_int_equal(results_file_write_text(path, template, error, sizeof error), 0);
  return parts;
}

static void a_page_holds_its_data(void **state) {
  (void)state;
  const char *run = new_run();
  struct fixture_trial trial = plain;
  trial.workload = "</script><img src=x onerror=alert(1)>";
  trial.invocation = 1;
  write_trial(run, trial, 1);
  struct results_report_request request = {
      .parts = write_parts("<html>\n<!-- insert data -->\n</html>\n")};
  assert_int_equal(results_report(run, &request, error, sizeof error), 0);
  char path[PATH_MAX];
  size_t length;
  assert_int_equal(results_path(path, run, "report.html", error, sizeof error), 0);
  char *page = read_text(path, &length);
  char *begin = strstr(page, "id=\"data\">"), *end = strstr(page, "</script>");
  assert_non_null(begin);
  assert_non_null(end);
  assert_null(strstr(end + 1, "</script"));
  begin += strlen("id=\"data\">");
  json_t *data = json_loadb(begin, (size_t)(end - begin), 0, NULL);
  assert_non_null(data);
  const json_t *configuration = json_array_get(json_object_get(data, "configurations"), 0);
  assert_string_equal(json_string_value(json_object_get(configuration, "workload")),
                      trial.workload);
  assert_string_equal(json_string_value(json_object_get(data, "links")), "");
  json_decref(data);
  free(page);
}

static void what_is_missing_is_named(void **state) {
  (void)state;
  const char *run = new_run();
  struct fixture_trial trial = plain;
  trial.invocation = 1;
  write_trial(run, trial, 1);
  char page[PATH_MAX];
  snprintf(page, sizeof page, "%s/page.html", directory);
  struct results_report_request request = {.parts = write_parts("<!-- insert vega -->\n"),
                                           .output = page};
  assert_int_equal(results_report(run, &request, error, sizeof error), -ENOPKG);
  assert_non_null(strstr(error, "npm ci --ignore-scripts"));
  assert_int_equal(access(page, F_OK), -1);
  request.parts = write_parts("<!-- insert flowers -->\n");
  assert_int_equal(results_report(run, &request, error, sizeof error), -EINVAL);
  assert_non_null(strstr(error, "flowers"));
  request.output = "/nowhere/at/all.html";
  assert_int_equal(results_report(run, &request, error, sizeof error), -ENOENT);
  assert_int_equal(results_report("/nowhere", &request, error, sizeof error), -ENOENT);
}

/* --- the data ----------------------------------------------------------------------------------
 */

/* 200 trials of as many configurations, which is the most that 200 trials can be. */
static void marks_are_limited(void **state) {
  (void)state;
  const char *run = new_run();
  for (uint64_t number = 1; number <= 200; number++) {
    struct fixture_trial trial = plain;
    trial.invocation = 1;
    trial.pause_count = 400;
    trial.heap_bytes = (50 + number) << 20;
    trial.collector = number % 2 ? "stw" : "concurrent";
    write_trial(run, trial, number);
  }
  json_t *data = data_of(run);
  assert_in_range(results_report_marks(data), 10000, RESULTS_REPORT_MARKS);
  char *text = json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(7));
  assert_non_null(text);
  assert_in_range(strlen(text), 1, 5000000);
  free(text);
  size_t timelines = 0, index;
  const json_t *configuration;
  json_array_foreach(json_object_get(data, "configurations"), index, configuration) timelines +=
      json_object_get(configuration, "timeline") != NULL;
  assert_in_range(timelines, 10, 199);
  json_decref(data);
}

/* More configurations than there are marks for all their curves: less of each, and it is said. */
static void many_configurations_are_thinned(void **state) {
  (void)state;
  const char *run = new_run();
  for (uint64_t number = 1; number <= 600; number++) {
    struct fixture_trial trial = plain;
    trial.invocation = 1;
    trial.pause_count = 60;
    trial.heap_bytes = (50 + number) << 20;
    trial.collector = number % 2 ? "stw" : "concurrent";
    write_trial(run, trial, number);
  }
  json_t *data = data_of(run);
  assert_in_range(results_report_marks(data), 20000, RESULTS_REPORT_MARKS);
  assert_in_range(json_array_size(json_object_get(data, "thinned")), 1, 6);
  size_t index, with_curves = 0;
  const json_t *configuration;
  json_array_foreach(json_object_get(data, "configurations"), index, configuration) {
    assert_non_null(json_object_get(configuration, "measures"));
    with_curves += json_object_get(configuration, "percentiles") != NULL;
  }
  assert_in_range(with_curves, 100, 600);
  json_decref(data);
}

/* Of 30,000 pauses the longest is still there, and no more marks than a picture has room for. */
static void extremes_are_kept(void **state) {
  (void)state;
  const char *run = new_run();
  struct fixture_trial trial = plain;
  trial.invocation = 1;
  trial.pause_count = 30000;
  trial.scavenge_us = 5;
  trial.full_us = 200;
  write_trial(run, trial, 1);
  json_t *data = data_of(run);
  const json_t *configuration = json_array_get(json_object_get(data, "configurations"), 0);
  const json_t *timeline = json_object_get(configuration, "timeline");
  const json_t *pauses = json_object_get(timeline, "pauses"), *pause;
  json_int_t longest_ns = 0;
  size_t index;
  json_array_foreach(pauses, index, pause) {
    json_int_t ns = json_integer_value(json_array_get(pause, 2));
    longest_ns = ns > longest_ns ? ns : longest_ns;
  }
  const json_t *all = json_object_get(json_object_get(configuration, "kinds"), "all");
  assert_int_equal(longest_ns, json_integer_value(json_object_get(all, "max_ns")));
  assert_int_equal(json_integer_value(json_object_get(timeline, "pause_count")), 30000);
  const json_t *records = json_object_get(json_object_get(configuration, "pacing"), "records");
  assert_int_equal(json_array_size(records), 8);
  assert_int_equal(json_integer_value(json_array_get(json_array_get(records, 7), 1)), 2);
  assert_in_range(json_array_size(pauses), 100, 2000);
  const json_t *longest = json_object_get(configuration, "longest");
  assert_int_equal(json_integer_value(json_object_get(longest, "wall_ns")), longest_ns);
  assert_string_equal(json_string_value(json_object_get(longest, "kind")), "full");
  assert_in_range(json_array_size(json_object_get(longest, "phases")), 1, 30);

  uint64_t counted = 0;
  json_array_foreach(json_object_get(all, "bins"), index, pause) counted +=
      (uint64_t)json_integer_value(json_array_get(pause, 2));
  assert_int_equal(counted, json_integer_value(json_object_get(all, "count")));
  json_decref(data);
}

/* Of many samples of memory the one with most is still there, and the last, which has less. */
static void memory_over_time_is_kept(void **state) {
  (void)state;
  const char *run = new_run();
  struct fixture_trial trial = plain;
  trial.invocation = 1;
  trial.usage_count = 20000;
  write_trial(run, trial, 1);
  json_t *data = data_of(run);
  const json_t *configuration = json_array_get(json_object_get(data, "configurations"), 0);
  const json_t *timeline = json_object_get(configuration, "timeline");
  const json_t *memory = json_object_get(timeline, "memory"), *row;
  json_int_t most_bytes = 0, time_ns = -1;
  size_t index;
  assert_in_range(json_array_size(memory), 50, 1000);
  json_array_foreach(memory, index, row) {
    json_int_t bytes = json_integer_value(json_array_get(row, 1));
    most_bytes = bytes > most_bytes ? bytes : most_bytes;
    assert_true(json_integer_value(json_array_get(row, 0)) > time_ns);
    time_ns = json_integer_value(json_array_get(row, 0));
  }
  assert_int_equal(most_bytes, 2 * trial.heap_bytes);
  static const uint64_t parts[] = {10, 20, 40}; /* RSS, heap total, heap used */
  row = json_array_get(memory, json_array_size(memory) - 1);
  for (size_t place = 0; place < 3; place++)
    assert_in_range(json_integer_value(json_array_get(row, place + 1)) * (json_int_t)parts[place],
                    trial.heap_bytes - 100, trial.heap_bytes);
  assert_int_equal(json_integer_value(json_array_get(row, 4)), 1 << 20);
  assert_int_equal(json_integer_value(json_array_get(row, 5)), 1 << 18);
  assert_in_range(results_report_marks(data), json_array_size(memory) * 5, RESULTS_REPORT_MARKS);
  json_decref(data);
}

static const char *finding_of(const json_t *data, const char *kind) {
  size_t index;
  const json_t *finding;
  json_array_foreach(
      json_object_get(data, "findings"), index,
      finding) if (strcmp(json_string_value(json_object_get(finding, "kind")), kind) ==
                   0) return json_string_value(json_object_get(finding, "text"));
  return NULL;
}

static json_t *interval_low(const json_t *data) {
  const json_t *configuration = json_array_get(json_object_get(data, "configurations"), 0);
  const json_t *measures = json_object_get(configuration, "measures");
  return json_object_get(json_object_get(measures, "pause_max_ns"), "low");
}

static void few_trials_have_no_intervals(void **state) {
  (void)state;
  const char *run = new_run();
  write_pairs(run, 2);
  json_t *data = data_of(run);
  const char *comparison = finding_of(data, "comparison");
  assert_non_null(comparison);
  assert_non_null(strstr(comparison, "concurrent against stw, gcbench: "));
  assert_null(strchr(comparison, '['));
  assert_non_null(strstr(finding_of(data, "few"), "fewer than 5 trials"));
  assert_non_null(strstr(finding_of(data, "floor"), "no control trial"));
  assert_true(json_is_null(interval_low(data)));
  json_decref(data);
}

static void enough_trials_have_intervals(void **state) {
  (void)state;
  const char *run = new_run();
  write_pairs(run, 6);
  json_t *data = data_of(run);
  const char *comparison = finding_of(data, "comparison");
  assert_non_null(comparison);
  assert_non_null(strchr(comparison, '['));
  assert_non_null(strstr(comparison, "6 paired invocations"));
  assert_non_null(strstr(comparison, "largest pause 0."));
  assert_null(finding_of(data, "few"));
  assert_true(json_is_number(interval_low(data)));
  json_decref(data);
}

/* Of few gaps the longest percentile that is known; of fewer the longest gap alone. */
static void the_floor_is_said_of_few_gaps(void **state) {
  (void)state;
  static const struct {
    uint64_t gaps;
    const char *said;
  } floors[] = {{2000, " at p99 and for "}, {200, " at p90 and for "}, {5, " at the most, in few"}};
  for (size_t index = 0; index < sizeof floors / sizeof *floors; index++) {
    const char *run = new_run();
    write_pairs(run, 1);
    struct fixture_trial idle = {.workload = "idle",
                                 .collector = "",
                                 .barrier = "",
                                 .invocation = 1,
                                 .length_ns = 500000000,
                                 .pause_count = floors[index].gaps};
    write_trial(run, idle, 3);
    json_t *data = data_of(run);
    assert_non_null(strstr(finding_of(data, "floor"), floors[index].said));
    assert_null(strstr(finding_of(data, "floor"), "for - "));
    json_decref(data);
  }
}

static void failed_trials_are_said(void **state) {
  (void)state;
  const char *run = new_run();
  write_pairs(run, 1);
  struct fixture_trial trial = plain;
  trial.collector = "incremental";
  trial.invocation = 1;
  trial.status = RESULTS_crashed;
  trial.detail = "ended by signal 11";
  write_trial(run, trial, 3);
  json_t *data = data_of(run);
  const char *failure = finding_of(data, "failure");
  assert_non_null(failure);
  assert_non_null(strstr(failure, "Trial 3"));
  assert_non_null(strstr(failure, "ended by signal 11"));
  json_decref(data);
}

/* Whatever barrier it runs with, and wherever the run has it. */
static void a_collector_has_one_color(void **state) {
  (void)state;
  static const char *const sides[][2] = {{"stw", "card"},
                                         {"concurrent", "card_snapshot"},
                                         {"concurrent", "slots_snapshot"},
                                         {"concurrent", "object_snapshot"}};
  const char *run = new_run();
  for (uint64_t number = 1; number <= 4; number++) {
    struct fixture_trial trial = plain;
    trial.invocation = 1;
    trial.collector = sides[number - 1][0];
    trial.barrier = sides[number - 1][1];
    write_trial(run, trial, number);
  }
  json_t *data = data_of(run);
  const char *colors[2] = {NULL, NULL};
  size_t index;
  const json_t *configuration;
  json_array_foreach(json_object_get(data, "configurations"), index, configuration) {
    const char *collector = json_string_value(json_object_get(configuration, "collector"));
    const char *color = json_string_value(json_object_get(configuration, "color"));
    const char **known = &colors[strcmp(collector, "stw") == 0];
    if (*known)
      assert_string_equal(*known, color);
    *known = color;
  }
  assert_string_not_equal(colors[0], colors[1]);
  json_decref(data);
}

static int make_directory(void **state) {
  (void)state;
  return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
  (void)state;
  char command[sizeof directory + 16];
  snprintf(command, sizeof command, "rm -r %s", directory);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_cannot_end_a_script),
      cmocka_unit_test(a_page_holds_its_data),
      cmocka_unit_test(what_is_missing_is_named),
      cmocka_unit_test(marks_are_limited),
      cmocka_unit_test(many_configurations_are_thinned),
      cmocka_unit_test(extremes_are_kept),
      cmocka_unit_test(memory_over_time_is_kept),
      cmocka_unit_test(few_trials_have_no_intervals),
      cmocka_unit_test(enough_trials_have_intervals),
      cmocka_unit_test(the_floor_is_said_of_few_gaps),
      cmocka_unit_test(failed_trials_are_said),
      cmocka_unit_test(a_collector_has_one_color),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
