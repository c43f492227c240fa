/* `tricolor show`, `summarize` and `plot`: what can be seen of a run that is there. */
#include "harness/command.h"
#include "harness/run_directory.h"
#include "harness/show.h"
#include "results/plot.h"
#include <errno.h>
#include <stdio.h>

static enum harness_status show(const struct command_line *line) {
  enum harness_status status = run_directory_check(line->operands[0]);
  return status == HARNESS_DONE ? show_run(line->operands[0], 0) : status;
}

static enum harness_status summarize(const struct command_line *line) {
  enum harness_status status = run_directory_check(line->operands[0]);
  return status == HARNESS_DONE ? show_run(line->operands[0], SHOW_SUMMARIZED) : status;
}

static const struct flag plot_flag_list[] = {
    {"kind", FLAG_VALUE, "KIND",
     "histogram, percentiles, timeline, strategies, mmu, heap-sweep, lbo, barriers, latency, "
     "latency-windows, scaling, pacer or memory (histogram)"},
    {"workload", FLAG_VALUE, "X",
     "only this one (all; of strategies the last of those that most strategies ran)"},
    {"out", FLAG_VALUE, "FILE", "the picture, .svg, .png or .pdf by its ending (DIR/KIND.svg)"},
    {"term", FLAG_ALONE, "", "draws with characters on the terminal; writes no file"},
};

static const struct flag *plot_flags(size_t *count) {
  *count = sizeof plot_flag_list / sizeof *plot_flag_list;
  return plot_flag_list;
}

static enum harness_status plot(const struct command_line *line) {
  const char *directory = line->operands[0];
  const char *kind = command_line_value(line, "kind");
  char error[1024];
  struct results_plot_request request = {
      .target = command_line_value(line, "term") ? RESULTS_PLOT_TERMINAL : RESULTS_PLOT_FILE,
      .output = command_line_value(line, "out"),
      .workload = command_line_value(line, "workload"),
  };
  if (results_plot_kind_find(kind ? kind : "histogram", &request.kind, error, sizeof error) != 0) {
    return say_unknown("kind of plot", kind, results_plot_kind_names, RESULTS_PLOT_KIND_COUNT,
                       "tricolor plot --help");
  }
  if (request.output && request.target == RESULTS_PLOT_TERMINAL) {
    return say_bad_input("--term draws on the terminal and --out into a file: choose one");
  }
  enum harness_status found = run_directory_check(directory);
  if (found != HARNESS_DONE) {
    return found;
  }
  int status = results_plot(directory, &request, error, sizeof error);
  if (status == -EINVAL || status == -ENODATA || status == -ENOENT) {
    return say_bad_input("%s", error);
  }
  if (status != 0) {
    return say_environment("%s", error);
  }
  if (request.target == RESULTS_PLOT_FILE && request.output) {
    printf("%s\n", request.output);
  } else if (request.target == RESULTS_PLOT_FILE) {
    printf("%s/%s.svg\n", directory, results_plot_kind_names[request.kind]);
  }
  return HARNESS_DONE;
}

const struct command command_show = {
    .name = "show",
    .operands = "DIR",
    .summary = "Prints the table of a run again.",
    .text = "Reads the trials' files and nothing else, and writes nothing.\n"
            "The newest run is results/runs/latest.\n",
    .operands_min = 1,
    .operands_max = 1,
    .run = show,
};

const struct command command_summarize = {
    .name = "summarize",
    .operands = "DIR",
    .summary = "Computes the summary of a run anew from its trials' files, and prints its table.",
    .text = "Writes pauses.csv, summary.json and the .hgrm files. Trials whose files are damaged "
            "are named\nand left out.\n",
    .operands_min = 1,
    .operands_max = 1,
    .run = summarize,
};

const struct command command_plot = {
    .name = "plot",
    .operands = "DIR",
    .summary = "Draws a run: pauses, utilisation, costs over heap sizes, latency.",
    .text = "The gnuplot script and its data stay beside the picture, and the run's figures as a "
            "LaTeX\ntable and a long CSV: table.tex and measures.csv, or with --out under the "
            "picture's name.\n",
    .flags = plot_flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = plot,
};
