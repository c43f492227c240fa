/* What a run will do: an experiment with every name looked up and every value checked.
 *
 * A configuration is a workload with parameters, a collector, a barrier and a heap size; an
 * invocation runs each configuration once, in an order drawn from the seed: workloads in random
 * order, the configurations of a workload next to each other in random order, the control trial
 * between any two workloads.
 */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "harness/experiment.h"
#include "harness/minimum_heap.h"
#include "harness/workload_choice.h"

struct plan_workload {
  struct workload_choice choice;
  struct minimum_heap minimum;
};

/* A collector under a barrier that suffices for it. */
struct plan_variant {
  const char *collector, *barrier; /* borrowed from the experiment and the lists */
};

struct plan {
  const struct experiment *experiment;
  struct plan_workload *workloads;
  size_t workload_count;
  struct plan_variant *variants;
  size_t variant_count;
  struct results_configuration
      *configurations; /* workload after workload; the control trial last */
  size_t *workload_of; /* of each configuration but the last */
  size_t configuration_count;
};

/* Looks up names, loads and checks the workloads' input, checks given heap sizes. Everything wrong
 * with the experiment is said here, before any trial and any directory. */
enum harness_status plan_init(struct plan *plan, const struct experiment *experiment);
void plan_finish(struct plan *plan);

/* Reads the table of minimum heaps; measures what is not in it, with trials in `scratch`, when the
 * experiment uses multiples. */
enum harness_status plan_find_minimum_heaps(struct plan *plan, const char *scratch);

/* Makes the configurations; every minimum is known by now. Bad input: a heap under the nursery plus
 * 1 MiB. */
enum harness_status plan_make_configurations(struct plan *plan);

/* The order of one invocation, counted from 1: a permutation of the configurations. */
void plan_order(const struct plan *plan, uint64_t invocation, size_t *order);

/* The first and the last step of plan_init, for whoever needs workloads alone: names and
 * parameters; then the files that they name are loaded, checked and freed. */
enum harness_status plan_init_workloads(struct plan *plan, const struct experiment *experiment);
enum harness_status plan_check_inputs(struct plan *plan);

#endif
