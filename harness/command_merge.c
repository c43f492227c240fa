/* `tricolor merge`: shards of one plan, run by several processes, as one run. */
#include "harness/command.h"
#include "harness/merge.h"
#include "harness/run_directory.h"
#include "harness/show.h"
#include <stdio.h>

static const struct flag merge_flag_list[] = {
    {"out", FLAG_VALUE, "DIR", "where the run goes (a new directory under results/runs/)"},
};

static const struct flag *merge_flags(size_t *count) {
  *count = sizeof merge_flag_list / sizeof *merge_flag_list;
  return merge_flag_list;
}

static enum harness_status merge(const struct command_line *line) {
  struct merge merge;
  char directory[PATH_MAX];
  enum harness_status status = merge_open(&merge, line->operands, line->operand_count);
  if (status == HARNESS_DONE && merge.missing == merge.trial_total) {
    status = say_bad_input("none of these directories has a trial of the plan");
  }
  if (status == HARNESS_DONE) {
    status = merge_into(&merge, command_line_value(line, "out"), directory);
  }
  if (status == HARNESS_DONE) {
    status = show_run(directory, SHOW_SUMMARIZED | SHOW_PLOTTED);
  }
  if (status == HARNESS_DONE) {
    printf("merged: %zu of %zu trials, of %zu director%s\n", merge.trial_total - merge.missing,
           merge.trial_total, merge.source_count, merge.source_count == 1 ? "y" : "ies");
    status = merge.missing > 0 ? HARNESS_TRIAL_FAILED : HARNESS_DONE;
  }
  merge_close(&merge);
  return status;
}

const struct command command_merge = {
    .name = "merge",
    .operands = "DIR...",
    .summary = "Makes one run of shards that several processes or machines ran.",
    .text =
        "DIR... are directories of tricolor run --shard I/N, or of any runs of one plan: the same\n"
        "program, configurations, seeds, invocations and time limit. The run that is made is "
        "shown,\n"
        "reported, compared, plotted, exported and resumed like any other, and says which trial\n"
        "ran where. Comparisons pair trials of one machine only. Trials that several directories\n"
        "have are taken from the first; the exit status is 1 when trials are missing.\n\n"
        "  tricolor merge shards/1 shards/2 shards/3 --out whole\n",
    .flags = merge_flags,
    .operands_min = 1,
    .operands_max = 100000,
    .run = merge,
};
