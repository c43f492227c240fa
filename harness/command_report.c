/* `tricolor report`: a run as one page for a browser. */
#include "harness/command.h"
#include "harness/run_directory.h"
#include "results/report.h"
#include <errno.h>
#include <stdio.h>

static const struct flag flag_list[] = {
    {"out", FLAG_VALUE, "FILE", "the page (DIR/report.html)"},
};

static const struct flag *flags(size_t *count) {
  *count = sizeof flag_list / sizeof *flag_list;
  return flag_list;
}

static enum harness_status report(const struct command_line *line) {
  const char *directory = line->operands[0];
  char error[PATH_MAX + 1024];
  const struct results_report_request request = {
      .parts = TRICOLOR_SOURCE_DIR "/report",
      .output = command_line_value(line, "out"),
  };
  enum harness_status found = run_directory_check(directory);
  if (found != HARNESS_DONE) {
    return found;
  }
  int status = results_report(directory, &request, error, sizeof error);
  if (status == -ENODATA) {
    return say_bad_input("%s", error);
  }
  if (status != 0) {
    return say_environment("%s", error);
  }
  if (request.output) {
    printf("%s\n", request.output);
  } else {
    printf("%s/report.html\n", directory);
  }
  return HARNESS_DONE;
}

const struct command command_report = {
    .name = "report",
    .operands = "DIR",
    .summary = "Makes one page of a run, for a browser: findings, charts, raw data.",
    .text = "The page is one file that needs no network. It can be filtered by collector, workload "
            "and heap;\nevery chart can be saved as SVG, its data as CSV.\n",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = report,
};
