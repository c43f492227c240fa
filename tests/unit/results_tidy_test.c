/* The long table of figures and the LaTeX table of a synthetic run: rows that are there and those
 * that are not known, quoting, escaping.
 *
 * Presets: release debug asan
 */
#include "results/latex.h"
#include "results/tidy.h"
#include "tests/unit/results_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tricolor-tidy-XXXXXX";
static char error[PATH_MAX + 1024];

static void write_run(void) {
  struct fixture_trial trial = {.workload = "gcbench",
                                .collector = "stw",
                                .barrier = "card_insertion",
                                .heap_bytes = 51 << 20,
                                .length_ns = 1000000000,
                                .pause_count = 1500,
                                .full_every = 50,
                                .scavenge_us = 60,
                                .full_us = 3000};
  for (trial.trial = 1; trial.trial <= 6; trial.trial++) {
    trial.invocation = trial.seed = trial.trial;
    trial.length_ns += 1000000;
    assert_int_equal(fixture_write_trial(directory, &trial), 0);
  }
  trial.collector = "mark=stw,sweep=lazy";
  trial.invocation = 1;
  assert_int_equal(fixture_write_trial(directory, &trial), 0);
}

static char *written(int (*write)(const char *, const struct results_run *, char *, size_t),
                     const struct results_run *run) {
  char path[PATH_MAX], *text = NULL;
  size_t size = 0;
  snprintf(path, sizeof path, "%s/written", directory);
  if (write(path, run, error, sizeof error))
    fail_msg("%s", error);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  assert_true(getdelim(&text, &size, 0, stream) > 0);
  fclose(stream);
  return text;
}

static size_t count_of(const char *text, const char *part) {
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
    count++;
  return count;
}

static void a_row_per_trial_and_measure(void **state) {
  char *text = written(results_tidy_write, *state);
  assert_int_equal(strncmp(text,
                           "trial,workload,collector,barrier,heap_bytes,heap_multiple,label,"
                           "invocation,measure,unit,value\n",
                           60),
                   0);
  assert_non_null(
      strstr(text, "\n1,gcbench,stw,card_insertion,53477376,3,,1,wall_ns,ns,1001000000\n"));
  assert_non_null(
      strstr(text, "\n6,gcbench,stw,card_insertion,53477376,3,,6,wall_ns,ns,1006000000\n"));
  assert_non_null(strstr(text, "\n7,gcbench,\"mark=stw,sweep=lazy\",card_insertion,"));
  assert_int_equal(count_of(text, ",wall_ns,ns,"), 7);
  assert_int_equal(count_of(text, ",pause.full.wall.count,count,30\n"), 7);
  assert_int_equal(count_of(text, ",pause.all.wall.count,count,1500\n"), 7);
  assert_int_equal(count_of(text, ",pause.all.wall.p99_ns,ns,"), 7);
  assert_int_equal(count_of(text, ",pause.all.wall.p99_9_ns,ns,"), 0); /* 1500 are too few */
  assert_int_equal(count_of(text, "nan"), 0);
  free(text);
}

static void a_table_for_papers(void **state) {
  char *text = written(results_latex_write, *state);
  const char *body = strstr(text, "\\midrule\n");
  assert_non_null(body);
  assert_int_equal(count_of(text, "\\begin{tabular}{lllrrrrrrrrr}"), 1);
  assert_int_equal(count_of(text, " \\\\\n"), 3);
  assert_int_equal(count_of(body, " & "), 2 * 11); /* 12 columns */
  assert_int_equal(count_of(body, "gcbench & 51M (3$\\times$) & stw & card\\_insertion & 6 & "), 1);
  assert_int_equal(count_of(body, "mark=stw,sweep=lazy & card\\_insertion & 1 & 1.01~s & "), 1);
  assert_int_equal(count_of(body, "1.00~s [1.00~s, 1.01~s]"), 1);
  assert_int_equal(count_of(body, "~\\textmu s"), 2);
  free(text);
}

int main(void) {
  struct results_run run;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(a_row_per_trial_and_measure, &run),
      cmocka_unit_test_prestate(a_table_for_papers, &run),
  };
  if (!mkdtemp(directory) || fixture_make_directory(directory))
    return 1;
  write_run();
  if (results_run_load(directory, &run, error, sizeof error)) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  results_run_finish(&run);
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", directory);
  return system(command) ? 1 : failed;
}
