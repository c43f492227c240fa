/* An experiment as it was asked for: names and texts, nothing looked up yet.
 *
 * The flags of `run` fill it (experiment_flags.c); whatever else describes experiments later fills
 * the same struct. plan.h turns it into configurations.
 */
#ifndef HARNESS_EXPERIMENT_H
#define HARNESS_EXPERIMENT_H

#include "harness/flags.h"
#include "harness/text_list.h"
#include "results/trial.h"
#include <gc/options.h>

#define EXPERIMENT_TIME_LIMIT "300s"

struct heap_size {
  double multiple; /* of the workload's minimum heap; 0: bytes are given */
  uint64_t bytes;
};

struct parameter_setting {
  char *workload; /* null: every workload that has the parameter */
  char *name, *text;
};

struct experiment {
  struct text_list collectors; /* names, compositions, or "all" */
  struct text_list barriers;   /* names or "all"; empty: each collector's own */
  struct text_list workloads;  /* names or "all" */
  struct heap_size *heaps;
  size_t heap_count;
  struct parameter_setting *parameters;
  size_t parameter_count;
  struct gc_options heap_options;  /* defaults, and what was given; collector, barrier and heap are
                                      those of each configuration */
  struct results_settings options; /* what was given, by name, of those that have no field of their
                                      own in struct results_configuration */
  uint64_t mutators;
  uint64_t invocations; /* 0: as many as the time budget allows */
  uint64_t seed;
  uint64_t time_limit_ns, rss_limit_bytes; /* of a trial */
  bool quick;
  bool
      barrier_costs; /* the collector that never collects runs under every barrier of the run too */
  bool yes;
  const char *out; /* null: a new directory under results/runs/ */
};

/* The flags, heap options included. */
const struct flag *experiment_flags(size_t *count);

/* Fills an experiment with what was given and the defaults of `run`. */
enum harness_status experiment_init(struct experiment *experiment, const struct command_line *line);
void experiment_finish(struct experiment *experiment);

#endif
