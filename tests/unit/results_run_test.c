/* A whole run: its summary and the files derived from it, the table, plots; trials that are
 * damaged, missing or not ok; and that many pauses are no trouble.
 *
 * Timeout: 120
 */
#include "results/plot.h"
#include "results/summarize.h"
#include "results/table.h"
#include "tests/unit/results_fixture.h"
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tricolor-run-XXXXXX";
static char error[PATH_MAX + 1024];

static const struct fixture_trial plain = {.workload = "gcbench",
                                           .collector = "stw",
                                           .barrier = "card",
                                           .heap_bytes = 51 << 20,
                                           .length_ns = 1000000000,
                                           .pause_count = 1500,
                                           .full_every = 50,
                                           .usage_count = 200,
                                           .scavenge_us = 60,
                                           .full_us = 3000};

static void write_trial(uint64_t number, uint64_t invocation, const char *collector,
                        enum results_status status) {
  struct fixture_trial trial = plain;
  trial.trial = number;
  trial.invocation = invocation;
  trial.seed = number;
  trial.collector = collector;
  trial.status = status;
  trial.detail = status ? "ended by signal 11" : NULL;
  assert_int_equal(fixture_write_trial(directory, &trial), 0);
}

/* stw three times (one crashed), a composition once, the floor. */
static void write_run(void) {
  write_trial(1, 1, "stw", RESULTS_ok);
  write_trial(2, 2, "stw", RESULTS_ok);
  write_trial(3, 3, "stw", RESULTS_crashed);
  write_trial(4, 1, "mark=stw,sweep=lazy", RESULTS_ok);
  struct fixture_trial idle = {.workload = "idle",
                               .collector = "",
                               .barrier = "",
                               .trial = 5,
                               .invocation = 1,
                               .seed = 5,
                               .length_ns = 500000000,
                               .pause_count = 3000};
  assert_int_equal(fixture_write_trial(directory, &idle), 0);
}

static char *read_text(const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *stream = fopen(path, "r");
  if (!stream)
    fail_msg("%s is missing", path);
  char *text = NULL;
  size_t size = 0;
  assert_true(getdelim(&text, &size, 0, stream) > 0);
  fclose(stream);
  return text;
}

static size_t lines_with(const char *text, const char *part) {
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
    count++;
  return count;
}

static void a_run_is_summarized(void **state) {
  (void)state;
  struct results_run run;
  write_run();
  if (results_summarize(directory, &run, error, sizeof error))
    fail_msg("%s", error);
  assert_int_equal(run.summary_count, 3);
  assert_int_equal(run.left_out_count, 0);
  assert_int_equal(run.cores, 2);
  const struct results_summary *stw = &run.summaries[0];
  assert_string_equal(stw->slug, "gcbench.stw.card.51M");
  assert_string_equal(run.summaries[1].slug, "gcbench.mark=stw-sweep=lazy.card.51M");
  assert_int_equal(stw->trial_count, 3);
  assert_int_equal(stw->statuses[RESULTS_ok], 2);
  assert_int_equal(stw->statuses[RESULTS_crashed], 1);
  assert_int_equal(stw->failed_trial, 3);
  assert_true(stw->sum.wall[RESULTS_ALL_KINDS].count == 3000);
  assert_true(stw->sum.wall[GC_PAUSE_full].count == 60);
  assert_true(stw->median.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_P99] > 0);
  assert_true(isnan(stw->median.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_P99_9]));
  assert_int_equal(stw->histograms[RESULTS_ALL_KINDS].total_count, 3000);
  assert_int_equal(stw->phase_count, 2);
  assert_true(results_is_floor(&run.summaries[2]));
  assert_ptr_equal(results_run_floor(&run), &run.summaries[2]);
  results_run_finish(&run);
}

static void the_files_say_the_same(void **state) {
  (void)state;
  char *csv = read_text("pauses.csv"), *hgrm = read_text("gcbench.stw.card.51M.hgrm");
  static const char header[] =
      "trial,workload,collector,barrier,heap_bytes,mutator,stop_id,cycle,kind,reason,request_ns,"
      "stopped_ns,work_end_ns,resumed_ns,wall_ns,cpu_ns,cpu_total_ns,off_cpu_ns,scavenge_ns,"
      "scavenge_cpu_ns,used_before_bytes,used_after_bytes,promoted_bytes,marked_bytes,swept_"
      "bytes\n";
  assert_int_equal(strncmp(csv, header, strlen(header)), 0);
  assert_int_equal(lines_with(csv, "\n"), 1 + 3 * 1500);
  assert_int_equal(lines_with(csv, ",gcbench,\"mark=stw,sweep=lazy\",card,"), 1500);
  assert_int_equal(lines_with(csv, "\n3,"), 0);
  assert_int_equal(lines_with(csv, ",full,old_space_full,"), 90);
  assert_non_null(strstr(hgrm, "Total count    =         3000]"));
  char *json = read_text("summary.json");
  json_t *summary = json_loads(json, 0, NULL);
  json_t *stw = json_array_get(json_object_get(summary, "configurations"), 0);
  json_t *wall = json_object_get(
      json_object_get(json_object_get(json_object_get(stw, "pauses"), "all"), "wall"), "count");
  assert_int_equal(json_integer_value(wall), 3000);
  json_t *ok_trials = json_object_get(stw, "ok_trials");
  assert_int_equal(json_array_size(ok_trials), 2);
  json_t *begin = json_object_get(json_array_get(ok_trials, 1), "timed_begin_ns");
  assert_int_equal(json_integer_value(begin), fixture_epoch_ns);
  json_decref(summary);
  free(json);
  free(csv);
  free(hgrm);
}

static void summaries_are_recomputable(void **state) {
  (void)state;
  struct results_run run;
  char *before = read_text("summary.json"), path[PATH_MAX];
  snprintf(path, sizeof path, "%s/summary.json", directory);
  unlink(path);
  assert_int_equal(results_summarize(directory, &run, error, sizeof error), 0);
  results_run_finish(&run);
  char *after = read_text("summary.json");
  assert_string_equal(before, after);
  free(before);
  free(after);
}

/* --- the table ---------------------------------------------------------------------------------
 */

static char *table_of(size_t columns, enum results_table_style style) {
  struct results_run run;
  char *text = NULL;
  size_t size;
  assert_int_equal(results_run_load(directory, &run, error, sizeof error), 0);
  FILE *stream = open_memstream(&text, &size);
  results_table_print_width(stream, &run, columns, style);
  fclose(stream);
  results_run_finish(&run);
  return text;
}

static size_t longest_line(const char *text) {
  size_t longest = 0;
  while (*text) {
    size_t length = strcspn(text, "\n");
    longest = length > longest ? length : longest;
    text += length + (text[length] == '\n');
  }
  return longest;
}

static void the_table_fits_and_says_what_failed(void **state) {
  (void)state;
  static const size_t widths[] = {80, 100, 160, 180};
  for (size_t index = 0; index < 4; index++) {
    char *text = table_of(widths[index], RESULTS_TABLE_PLAIN);
    assert_true(longest_line(text) <= widths[index]);
    assert_non_null(strstr(text, "gcbench  heap 51 MiB (3x)"));
    assert_non_null(strstr(text, "2/3 ok"));
    assert_non_null(strstr(text, "1 of 3 crashed (trial 3: ended by signal 11)"));
    assert_non_null(strstr(text, "platform floor"));
    assert_non_null(strstr(text, "mmu_capacity"));
    assert_int_equal(strstr(text, "   total") != NULL, widths[index] > 80);
    assert_non_null(strstr(text, "Where the time went"));
    assert_non_null(strstr(text, "all stops"));
    assert_null(strchr(text, '\033'));
    free(text);
  }
  char *styled = table_of(160, RESULTS_TABLE_STYLED);
  assert_non_null(strchr(styled, '\033'));
  free(styled);
}

/* --- plots -------------------------------------------------------------------------------------
 */

static void check_picture(enum results_plot_kind kind, const char *ending,
                          const char *first_bytes) {
  char path[PATH_MAX], name[64];
  snprintf(name, sizeof name, "a plot %d.%s", (int)kind, ending);
  snprintf(path, sizeof path, "%s/%s", directory, name);
  struct results_plot_request request = {.kind = kind, .output = path};
  if (results_plot(directory, &request, error, sizeof error))
    fail_msg("%s", error);
  char *text = read_text(name);
  assert_int_equal(strncmp(text, first_bytes, strlen(first_bytes)), 0);
  free(text);
  snprintf(name, sizeof name, "a plot %d.gp", (int)kind);
  text = read_text(name);
  assert_null(strstr(text, directory)); /* the script can be moved */
  free(text);
}

static void plots_are_drawn(void **state) {
  (void)state;
  if (system("command -v gnuplot >/dev/null") != 0)
    fail_msg("the test needs gnuplot");
  for (enum results_plot_kind kind = 0; kind < RESULTS_PLOT_KIND_COUNT; kind++) {
    bool has_nothing = kind == RESULTS_PLOT_latency || /* the run serves no requests */
                       kind == RESULTS_PLOT_latency_windows ||
                       kind == RESULTS_PLOT_scaling; /* and has one live size */
    if (has_nothing) {
      struct results_plot_request request = {.kind = kind};
      assert_int_equal(results_plot(directory, &request, error, sizeof error), -ENODATA);
      continue;
    }
    check_picture(kind, "svg", "<?xml");
    check_picture(kind, "png", "\x89PNG");
    check_picture(kind, "pdf", "%PDF");
  }
}

static void bad_plots_have_a_sentence(void **state) {
  (void)state;
  enum results_plot_kind kind;
  assert_int_equal(results_plot_kind_find("histogram", &kind, error, sizeof error), 0);
  assert_int_equal(results_plot_kind_find("pie", &kind, error, sizeof error), -EINVAL);
  assert_string_equal(
      error,
      "there is no plot \"pie\"; there are histogram, percentiles, timeline, strategies, mmu, "
      "heap-sweep, lbo, barriers, latency, latency-windows, scaling, pacer, memory");
  struct results_plot_request request = {.output = "x.bmp"};
  assert_int_equal(results_plot(directory, &request, error, sizeof error), -EINVAL);
  request.output = "/nowhere/x.svg";
  assert_int_equal(results_plot(directory, &request, error, sizeof error), -ENOENT);
  assert_non_null(strstr(error, "/nowhere/x.dat cannot be written"));
  request.output = NULL;
  assert_int_equal(results_plot("/nowhere", &request, error, sizeof error), -ENOENT);
  assert_non_null(strstr(error, "/nowhere is not the directory of a run"));
}

/* --- damage ------------------------------------------------------------------------------------
 */

static void cut(const char *name, off_t length) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/trials/%s", directory, name);
  if (length < 0)
    assert_int_equal(unlink(path), 0);
  else
    assert_int_equal(truncate(path, length), 0);
}

static void damaged_trials_are_left_out(void **state) {
  (void)state;
  struct results_run run;
  cut("0001.json", 300);
  cut("0002.events.zst", 500);
  cut("0004.events.zst", -1);
  char path[PATH_MAX], other[PATH_MAX];
  snprintf(path, sizeof path, "%s/trials/0005.json", directory);
  snprintf(other, sizeof other, "%s/trials/0009.json", directory);
  assert_int_equal(rename(path, other), 0);
  if (results_summarize(directory, &run, error, sizeof error))
    fail_msg("%s", error);
  assert_int_equal(run.left_out_count, 4);
  assert_int_equal(run.left_out[0].trial, 1);
  assert_non_null(strstr(run.left_out[0].reason, "0001.json is not valid JSON"));
  assert_non_null(strstr(run.left_out[1].reason, "0002.events.zst is damaged"));
  assert_non_null(strstr(run.left_out[2].reason, "0004.events.zst cannot be read"));
  assert_non_null(strstr(run.left_out[3].reason, "says it is trial 5"));
  assert_int_equal(run.summary_count, 1); /* the crashed trial is still a row */
  char *table = table_of(80, RESULTS_TABLE_PLAIN);
  assert_non_null(strstr(table, "trial 1 is left out"));
  assert_non_null(strstr(table, "1 of 1 crashed"));
  free(table);
  struct results_plot_request request = {.kind = RESULTS_PLOT_histogram};
  assert_int_equal(results_plot_run(&run, &request, error, sizeof error), -ENODATA);
  results_run_finish(&run);
}

static void an_empty_run_has_a_sentence(void **state) {
  (void)state;
  struct results_run run;
  char command[PATH_MAX];
  snprintf(command, sizeof command, "rm -f %s/trials/*", directory);
  assert_int_equal(system(command), 0);
  assert_int_equal(results_run_load(directory, &run, error, sizeof error), -ENODATA);
  assert_non_null(strstr(error, "holds no trials"));
}

/* --- size --------------------------------------------------------------------------------------
 */

/* As many stops as fit into the fixture's ring. Ten seconds is fifty times what it takes; an
 * algorithm that is quadratic takes minutes. */
static void a_long_trial_is_no_trouble(void **state) {
  (void)state;
  struct results_run run;
  struct fixture_trial trial = plain;
  trial.trial = 1;
  trial.seed = 1;
  trial.pause_count = 85000;
  trial.full_every = 0;
  trial.scavenge_us = 3;
  assert_int_equal(fixture_write_trial(directory, &trial), 0);
  clock_t begin = clock();
  if (results_summarize(directory, &run, error, sizeof error))
    fail_msg("%s", error);
  assert_true(run.summaries[0].sum.wall[GC_PAUSE_scavenge].count == 85000);
  assert_true(run.summaries[0].median.wall[GC_PAUSE_scavenge].percentile_ns[RESULTS_P99_9] > 0);
  assert_true(clock() - begin < 10 * CLOCKS_PER_SEC);
  results_run_finish(&run);
}

static int set_up(void **state) {
  (void)state;
  return mkdtemp(directory) ? fixture_make_directory(directory) : -1;
}

static int tear_down(void **state) {
  (void)state;
  char command[PATH_MAX];
  snprintf(command, sizeof command, "rm -rf %s", directory);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_is_summarized),
      cmocka_unit_test(the_files_say_the_same),
      cmocka_unit_test(summaries_are_recomputable),
      cmocka_unit_test(the_table_fits_and_says_what_failed),
      cmocka_unit_test(plots_are_drawn),
      cmocka_unit_test(bad_plots_have_a_sentence),
      cmocka_unit_test(damaged_trials_are_left_out),
      cmocka_unit_test(an_empty_run_has_a_sentence),
      cmocka_unit_test(a_long_trial_is_no_trouble),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
