/* A workload with a value for each of its parameters.
 *
 * Values come from the texts given, then with --quick from the declared quick ones, then from the
 * preset that `preset` names, then from the defaults. The preset itself is no parameter: what it
 * stands for is recorded. Integers of unit bytes take the suffixes of sizes. A choice is one of its names. A relative file is looked up from
 * the current folder, then from the project's; a file inside the project is named by its path
 * there, so that results and the table of minimum heaps do not depend on where the project lies.
 */
#ifndef HARNESS_WORKLOAD_CHOICE_H
#define HARNESS_WORKLOAD_CHOICE_H

#include "harness/say.h"
#include "results/trial.h"
#include "workloads/workload.h"

struct workload_choice {
  struct workload_input input;        /* points to the texts below */
  struct results_settings parameters; /* every parameter, integers in decimal */
  char *paths[16];                    /* of files: what to open */
  uint64_t allocation_bytes;          /* of one run; known after workload_choice_check */
};

/* Names in `given` that are no parameters of the workload, and values out of range, are bad input,
 * said with the nearest name. */
enum harness_status workload_choice_init(struct workload_choice *choice,
                                         const struct workload *workload,
                                         const struct results_settings *given, bool quick,
                                         uint64_t seed);
void workload_choice_finish(struct workload_choice *choice);

/* Whether a value may be given by that name: a parameter's, or `preset` where there are some. */
bool workload_choice_takes(const struct workload *workload, const char *name);

/* Loads what the parameters name, and frees it again: what is wrong with it is said before any
 * trial. */
enum harness_status workload_choice_check(struct workload_choice *choice);

/* The project's folder, as it was when this program was built. */
const char *project_directory(void);

/* Seed of one of several mutators. */
uint64_t workload_mutator_seed(uint64_t seed, unsigned mutator_index);

#endif
