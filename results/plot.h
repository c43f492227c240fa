/* Plots of a run through gnuplot: a script and its data, kept beside the picture, so that it can be
 * restyled and drawn again without this program.
 *
 * Kinds: histogram (how many pauses of which length, per workload, collectors overlaid),
 * percentiles (how long the worst share of pauses lasts), timeline (pauses, cycles and heap use over
 * one trial), strategies (a row of pauses per strategy, over one workload), mmu (least utilisation by
 * window, in both views), heap-sweep and lbo (costs over heap sizes, with intervals), barriers, latency (response
 * times of requests), latency-windows (metered latency by its window), scaling (figures over the live size), pacer (goal and debt of marking), memory
 * (what the process and its heap hold over one trial). Axes are logarithmic where figures span decades and carry their units; the platform floor
 * is drawn in grey; colours are those of Okabe and Ito 2008, which colour-blind readers can tell
 * apart, and a collector has the same one in every plot.
 *
 * Output: by the ending of `output`: .svg, .png or .pdf. Null: DIRECTORY/<kind>.svg. The script is
 * the output's name with .gp, its data with .dat, for either. Beside a picture stand the run's figures
 * as a LaTeX table and as a long CSV (latex.h, tidy.h): table.tex and measures.csv, or under the
 * output's name with .tex and .csv.
 *
 * Errors: 0 or a negative errno with a sentence; -EINVAL for an unknown kind or ending, -ENODATA
 * when there is nothing to draw, or no such workload, -ENOPKG when gnuplot cannot be started.
 */
#ifndef RESULTS_PLOT_H
#define RESULTS_PLOT_H

#include "results/summarize.h"
#include <stddef.h>
#include <stdio.h>

/* X(name, file, description): `file` names it on the command line and among files. */
#define RESULTS_PLOT_KINDS(X)                                                                      \
  X(histogram, "histogram", "how many pauses of which length")                                     \
  X(percentiles, "percentiles", "pause length by percentile")                                      \
  X(timeline, "timeline", "pauses, cycles and heap use over one trial of each configuration")      \
  X(strategies, "strategies", "pauses of all strategies over one workload, a row for each")        \
  X(mmu, "mmu", "least share of any window that is left to the program")                           \
  X(heap_sweep, "heap-sweep", "wall time over heap size")                                          \
  X(lbo, "lbo", "lower-bound overhead over heap size")                                             \
  X(barriers, "barriers", "wall time of collectors under several barriers")                        \
  X(latency, "latency", "response times of requests by percentile")                                \
  X(latency_windows, "latency-windows", "metered latency of requests by the window of smoothing")  \
  X(scaling, "scaling", "pauses, start-up and metadata over the live size")                        \
  X(pacer, "pacer", "goal, debt, steps and rates of marking over one trial of each configuration") \
  X(memory, "memory", "resident, heap, external and metadata over one trial of each configuration")

enum results_plot_kind {
#define RESULTS_PLOT_ENUM(name, file, description) RESULTS_PLOT_##name,
  RESULTS_PLOT_KINDS(RESULTS_PLOT_ENUM)
#undef RESULTS_PLOT_ENUM
      RESULTS_PLOT_KIND_COUNT
};
extern const char *const results_plot_kind_names[RESULTS_PLOT_KIND_COUNT];

enum results_plot_target {
  RESULTS_PLOT_FILE,
  RESULTS_PLOT_TERMINAL, /* characters on standard output; no file is written */
};

struct results_plot_request {
  enum results_plot_kind kind;
  enum results_plot_target target;
  const char *output;   /* of a file; null: the default name */
  const char *workload; /* only this one; null: all of the run */
};

/* Reads the run and draws. */
int results_plot(const char *directory, const struct results_plot_request *request, char *error,
                 size_t error_size);

/* The same from a run that is loaded already. */
int results_plot_run(const struct results_run *run, const struct results_plot_request *request,
                     char *error, size_t error_size);

/* 0 and the kind, or -EINVAL with a sentence that lists the kinds. */
int results_plot_kind_find(const char *name, enum results_plot_kind *kind, char *error,
                           size_t error_size);

#endif
