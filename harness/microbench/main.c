/* tricolor-bench: each hot path of the heap beside the ideal kernel for it, in one run.
 *
 * Cases of all suites are registered with Google Benchmark, which runs their repetitions in random
 * order, so that what the machine does meanwhile strikes ideal and ours alike. Absolute figures
 * drift with the machine; the ratios are the result.
 *
 * Exit statuses: 0 done, 1 a case failed its check, 2 bad input, 3 the environment.
 */
#include "harness/flags.h"
#include "harness/microbench/bench_case.h"
#include "harness/microbench/bench_report.h"
#include "harness/microbench/peers.h"
#include "harness/microbench/recording_overhead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct bench_suite *const suites[] = {
    &bench_bandwidth_suite,  &bench_ideal_allocate_suite, &bench_our_allocate_suite,
    &bench_ideal_copy_suite, &bench_our_scavenge_suite,   &bench_ideal_mark_suite,
    &bench_our_mark_suite,   &bench_store_suite,          &bench_safepoint_suite,
    &bench_sweep_suite,      &bench_handles_suite,        &bench_real_graph_suite,
    &bench_remember_suite,   &bench_record_suite,
};
#define SUITE_COUNT (sizeof suites / sizeof *suites)

static const struct bench_sizes full_sizes = {
    .bandwidth_bytes = (size_t)512 << 20,
    .nursery_bytes = (size_t)4 << 20,
    .allocation_objects = 4000000,
    .mark_bytes = (size_t)512 << 20,
};

static const struct bench_sizes quick_sizes = {
    .bandwidth_bytes = (size_t)64 << 20,
    .nursery_bytes = (size_t)4 << 20,
    .allocation_objects = 500000,
    .mark_bytes = (size_t)32 << 20,
};

static const struct flag flags[] = {
    {"filter", FLAG_VALUE, "REGEX", "only benchmarks whose name matches"},
    {"repetitions", FLAG_VALUE, "N", "repetitions of each, in random order (default 9)"},
    {"quick", FLAG_ALONE, NULL, "small sizes and two repetitions: shows that everything works"},
    {"list", FLAG_ALONE, NULL, "print the names and stop"},
    {"json", FLAG_ALONE, NULL, "Google Benchmark's JSON on standard output instead of the table"},
    {"json-file", FLAG_VALUE, "FILE", "write the JSON there, beside the table"},
    {"peers", FLAG_ALONE, NULL,
     "instead: gcbench and binary_trees against their native ports on libgc, as whole programs"},
    {"recording", FLAG_ALONE, NULL,
     "only the last part: what recording costs the classic workloads, as whole programs"},
    {"collector", FLAG_VALUE, "C", "of whole programs: the collector (default stw)"},
    {"heap", FLAG_VALUE, "SIZE", "of whole programs: the heap, in bytes or multiples (default 3x)"},
};
#define FLAG_COUNT (sizeof flags / sizeof *flags)

struct selection {
  const struct bench_case **cases;
  size_t count;
};

static const struct bench_case *cases_of(const struct bench_suite *suite, size_t *count) {
  *count = suite->case_count;
  return suite->list != NULL ? suite->list(count) : suite->cases;
}

static enum harness_status collect_cases(struct selection *selection) {
  size_t count = 0;
  for (size_t i = 0; i < SUITE_COUNT; i++) {
    size_t more = 0;
    (void)cases_of(suites[i], &more);
    count += more;
  }
  *selection = (struct selection){.cases = calloc(count, sizeof *selection->cases)};
  if (selection->cases == NULL) {
    return say_environment("not enough memory");
  }
  for (size_t i = 0; i < SUITE_COUNT; i++) {
    size_t more = 0;
    const struct bench_case *cases = cases_of(suites[i], &more);
    for (size_t k = 0; k < more; k++) {
      selection->cases[selection->count++] = &cases[k];
    }
  }
  return HARNESS_DONE;
}

static void case_name(const struct bench_case *measured, char *name, size_t name_size) {
  static const char *const roles[] = {
      [BENCH_IDEAL] = "ideal_",
      [BENCH_OURS] = "ours_",
      [BENCH_COMPARISON] = "comparison_",
      [BENCH_YARDSTICK] = "",
  };
  snprintf(name, name_size, "%s/%s%s/threads_%u", measured->path, roles[measured->role],
           measured->variant, measured->thread_count);
}

static void print_help(void) {
  printf(
      "Usage: tricolor bench [OPTION...]\n"
      "\n"
      "Measures the hot paths of the heap beside the ideal kernel of each, and prints how much of\n"
      "the ideal's speed ours reaches; then what recording costs the classic workloads.\n"
      "\n");
  flags_print(flags, FLAG_COUNT);
}

static void announce(const char *name) {
  fprintf(stderr, "\r\033[K%s", name);
}

static enum harness_status read_repetitions(const struct command_line *line,
                                            unsigned *repetitions) {
  const char *text = command_line_value(line, "repetitions");
  *repetitions = command_line_value(line, "quick") != NULL ? 2 : 9;
  if (text == NULL) {
    return HARNESS_DONE;
  }
  char *end = NULL;
  long count = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || count < 1 || count > BENCH_REPETITIONS_MAX) {
    return say_bad_input("--repetitions takes a number from 1 to %d, not '%s'",
                         BENCH_REPETITIONS_MAX, text);
  }
  *repetitions = (unsigned)count;
  return HARNESS_DONE;
}

static enum harness_status read_settings(const struct command_line *line,
                                         struct bench_settings *settings) {
  const char *filter = command_line_value(line, "filter");
  bool quick = command_line_value(line, "quick") != NULL;
  *settings = (struct bench_settings){
      .filter = filter == NULL ? "" : filter,
      .json_path = command_line_value(line, "json-file"),
      .repetition_seconds = quick ? 0.01 : 0.03,
      .announce = isatty(STDERR_FILENO) ? announce : NULL,
  };
  if (command_line_value(line, "json") != NULL) {
    settings->json_path = "-";
  }
  return read_repetitions(line, &settings->repetitions);
}

static enum harness_status status_of_run(enum bench_status status,
                                         const struct bench_settings *settings,
                                         const struct bench_report *report) {
  switch (status) {
  case BENCH_BAD_FILTER:
    return say_bad_input("no benchmark matches '%s'; see tricolor bench --list", settings->filter);
  case BENCH_UNWRITABLE:
    return say_environment("cannot write '%s'", settings->json_path);
  case BENCH_DONE:
    break;
  }
  return bench_report_failures(report) == 0 ? HARNESS_DONE : HARNESS_TRIAL_FAILED;
}

static enum harness_status run_cases(const struct command_line *line,
                                     const struct selection *selection) {
  struct bench_settings settings;
  enum harness_status status = read_settings(line, &settings);
  if (status != HARNESS_DONE) {
    return status;
  }
  bool quick = command_line_value(line, "quick") != NULL;
  for (size_t i = 0; i < SUITE_COUNT; i++) {
    suites[i]->prepare(quick ? &quick_sizes : &full_sizes);
  }
  for (size_t i = 0; i < selection->count; i++) {
    const struct bench_case *measured = selection->cases[i];
    char name[128];
    case_name(measured, name, sizeof name);
    bench_shim_register(name, measured->thread_count, i, measured->body, measured->argument);
  }
  struct bench_report *report = bench_report_create(selection->cases, selection->count);
  if (report == NULL) {
    return say_environment("not enough memory");
  }
  status =
      status_of_run(bench_shim_run(&settings, bench_report_receive, report), &settings, report);
  if (settings.announce != NULL) {
    settings.announce("");
  }
  if (status == HARNESS_DONE || status == HARNESS_TRIAL_FAILED) {
    if (settings.json_path == NULL || strcmp(settings.json_path, "-") != 0) {
      bench_report_print(report, stdout, quick ? BENCH_WITHOUT_LIMITS : BENCH_WITH_LIMITS);
    }
  }
  bench_report_destroy(report);
  for (size_t i = 0; i < SUITE_COUNT; i++) {
    suites[i]->close();
  }
  return status;
}

static enum harness_status run_peers(const struct command_line *line) {
  const char *collector = command_line_value(line, "collector");
  const char *heap = command_line_value(line, "heap");
  struct peers_settings settings = {.collector = collector == NULL ? "stw" : collector,
                                    .heap = heap == NULL ? "3x" : heap};
  enum harness_status status = read_repetitions(line, &settings.repetitions);
  return status == HARNESS_DONE ? peers_run(&settings) : status;
}

static enum harness_status run_recording(const struct command_line *line) {
  const char *collector = command_line_value(line, "collector");
  const char *heap = command_line_value(line, "heap");
  struct recording_overhead_settings settings = {.collector = collector == NULL ? "stw" : collector,
                                                 .heap = heap == NULL ? "3x" : heap,
                                                 .quick =
                                                     command_line_value(line, "quick") != NULL};
  enum harness_status status = read_repetitions(line, &settings.repetitions);
  return status == HARNESS_DONE ? recording_overhead_run(&settings) : status;
}

/* The table of everything ends with what recording costs. */
static bool has_recording(const struct command_line *line) {
  return command_line_value(line, "filter") == NULL && command_line_value(line, "json") == NULL;
}

static void list_cases(const struct selection *selection) {
  for (size_t i = 0; i < selection->count; i++) {
    char name[128];
    case_name(selection->cases[i], name, sizeof name);
    printf("%s\n", name);
  }
}

int main(int argc, char **argv) {
  struct command_line line;
  enum harness_status status =
      command_line_parse("bench", flags, FLAG_COUNT, argc - 1, argv + 1, &line);
  if (status != HARNESS_DONE) {
    return (int)status;
  }
  struct selection selection = {0};
  if (line.help) {
    print_help();
  } else if (line.operand_count > 0) {
    status = say_bad_input("bench takes no '%s'; --filter chooses benchmarks", line.operands[0]);
  } else if (command_line_value(&line, "peers") != NULL) {
    status = run_peers(&line);
  } else if (command_line_value(&line, "recording") != NULL) {
    status = run_recording(&line);
  } else {
    status = collect_cases(&selection);
    if (status == HARNESS_DONE && command_line_value(&line, "list") != NULL) {
      list_cases(&selection);
    } else if (status == HARNESS_DONE) {
      status = run_cases(&line, &selection);
      if (status == HARNESS_DONE && has_recording(&line)) {
        printf("\n");
        status = run_recording(&line);
      }
    }
  }
  free(selection.cases);
  command_line_finish(&line);
  return (int)status;
}
