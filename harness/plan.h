/* What a run will do: an experiment with every name looked up and every value checked.
 *
 * A configuration is a workload with parameters and mutators, a collector with options, a barrier, a
 * heap size and a value of each axis; a workload of other parameters or mutators is another one, with
 * a minimum heap of its own; an invocation runs each configuration once, in an order drawn from the
 * seed: workloads in random order, the configurations of a workload next to each other in random
 * order, the control trial between any two workloads. The first invocation over three heap sizes or
 * more goes through them one after another, the ends and the middle first, then the middles between
 * those, so that a run that is interrupted early can be plotted.
 *
 * What cannot run is a configuration all the same, with the reason, so that tables have a row and no
 * hole; but a collector, a barrier or a heap size in bytes with which nothing can run is bad input.
 *
 * The trials of a plan are numbered: configurations_count per invocation, in its order. With the
 * same configurations and seed the same number is the same trial, which is what lets a run be
 * resumed.
 */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "harness/experiment.h"
#include "harness/minimum_heap.h"
#include "harness/workload_choice.h"

/* More are refused: they would not end. */
#define PLAN_CONFIGURATIONS_MAX 100000

/* A workload with a value of each of its parameters, and so many mutators. */
struct plan_workload {
  struct workload_choice choice;
  uint64_t mutators;
  struct minimum_heap minimum;
  struct experiment_place place;
};

/* A collector under a barrier. */
struct plan_variant {
  size_t collector;    /* place among the plan's */
  const char *barrier; /* of the list */
  struct experiment_place barrier_place;
};

/* Of several processes that run a plan together, the one that this is (plan_shard.h). */
struct plan_shard {
  uint64_t number, count; /* 1 to count; 0, 0: there are no others */
};

struct plan {
  const struct experiment *experiment;
  struct plan_shard shard;
  struct plan_workload *workloads;
  size_t workload_count;
  struct experiment_items collectors; /* those of the experiment, `all` spelt out */
  struct plan_variant *variants;
  size_t variant_count;
  struct results_settings *points; /* every combination of the values of heap options that are axes;
                                      at least one, empty */
  size_t point_count;
  struct results_configuration
      *configurations; /* workload after workload; the control trial last */
  size_t *workload_of; /* of each configuration; SIZE_MAX of the control trial */
  size_t *heap_of;     /* of each: how many heap sizes of its workload are smaller */
  char **refusals;     /* of each: why it cannot run; null: it can */
  size_t configuration_count;
};

/* Looks up names, loads and checks the workloads' input, checks given heap sizes. Everything wrong
 * with the experiment is said here, before any trial and any directory. */
enum harness_status plan_init(struct plan *plan, const struct experiment *experiment);
void plan_finish(struct plan *plan);

/* How many configurations there will be, the control trial included. */
uint64_t plan_configuration_total(const struct plan *plan);

/* The workload's name, with what tells it from others of that name: "lru_cache entries=1000". */
void plan_workload_name(const struct plan *plan, size_t workload, char *name, size_t name_size);

/* Reads the table of minimum heaps; measures what is not in it, with trials in `scratch`, when the
 * experiment uses multiples. */
enum harness_status plan_find_minimum_heaps(struct plan *plan, const char *scratch);

/* Makes the configurations; every minimum is known by now. Bad input: nothing can run with a
 * collector or a heap size in bytes, or at all. */
enum harness_status plan_make_configurations(struct plan *plan);

/* For whoever has configurations from elsewhere. Takes the configuration and what it owns. */
void plan_add_configuration(struct plan *plan, struct results_configuration *configuration,
                            size_t workload);
/* Fills heap_of and refusals from the configurations. */
void plan_complete_configurations(struct plan *plan);

/* Why a configuration cannot run; false: it can. */
bool plan_refuses(const struct results_configuration *configuration, char *reason,
                  size_t reason_size);

/* The order of one invocation, counted from 1: a permutation of the configurations. */
void plan_order(const struct plan *plan, uint64_t invocation, size_t *order);

/* Place in which the item at `rank` of `count` ascending ones is looked at: ends, middle, middles of
 * what is left, breadth first. Fills a permutation. */
void plan_ends_and_middle_first(size_t count, size_t *ranks);

/* Parts of plan_init, for whoever needs workloads alone: names and parameters; then the files that
 * they name are loaded, checked and freed. */
enum harness_status plan_init_workloads(struct plan *plan, const struct experiment *experiment);
enum harness_status plan_check_inputs(struct plan *plan);

/* Collectors, barriers and heap options, crossed; pairs that do not suffice are kept when collector and
 * barrier have others. */
enum harness_status plan_add_variants(struct plan *plan);

/* Heap sizes in bytes: in none of them may every combination be refused. */
enum harness_status plan_check_given_heaps(const struct plan *plan);

/* Whether the experiment runs the variant in that heap size. */
bool plan_runs_in(const struct plan *plan, const struct plan_variant *variant,
                  const struct heap_size *heap);

/* The heap options of a collector at a point of the axes; texts are borrowed. */
struct gc_options plan_options(const struct plan *plan, const struct plan_variant *variant,
                               const struct results_settings *point);

#endif
