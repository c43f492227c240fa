/* From a plan to the last file of its run: confirming, manifest, trials, table, plots. */
#ifndef HARNESS_CONDUCT_H
#define HARNESS_CONDUCT_H

#include "harness/plan.h"
#include <jansson.h>

/* Asks before many trials, on a terminal by an answer and elsewhere by --yes, and says how long they
 * will take. */
enum harness_status conduct_confirm(const struct plan *plan);

/* Makes the directory: the experiment's `out`, or one named by its name, or by workload and
 * collector. */
enum harness_status conduct_make_directory(const struct plan *plan, char directory[PATH_MAX]);

/* "heap-sweep", "gcbench-stw", "several-quick": what a run's directory is named by. */
void conduct_short_name(const struct experiment *experiment, char *name, size_t name_size);

/* Runs a plan that has its configurations into a directory that exists. `resumed` is the manifest of
 * a run that goes on; null: a new run. */
enum harness_status conduct_run(const struct plan *plan, const char *directory, json_t *resumed,
                                uint64_t begin_ns);

/* For who gives up before any trial: removes a directory that would look like a run, and answers
 * `status`. */
enum harness_status conduct_give_up(const char *directory, enum harness_status status);

#endif
