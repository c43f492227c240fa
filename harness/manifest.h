/* manifest.json of a run: what was asked for, by which program, on which machine, and when.
 *
 * Keys: schema_version, version (of the program), heap_layout_version, command_line, experiment and
 * description (of its file; null), status (running, finished, interrupted, failed), started, ended
 * (UTC, ISO 8601), resumed (when it was; an array), seed (of order and layout), seeds, quick,
 * invocations and trials (finished), invocations_asked (null: as many as time allowed),
 * time_limit_ns, rss_limit_bytes, skip_after, axes (option and values), configurations (the flattened plan, in
 * the order by which trials are numbered: objects like `configuration` in a trial's file),
 * minimum_heaps (bytes by workload, as used), machine (before), machine_after, noise (sentences),
 * plan_id (of what is run, whoever runs it), shard (number and count; null: all of the plan). A
 * merged run (merge.h) has shards, too: what was where.
 *
 * A manifest is enough to go on with a run, or to repeat it.
 */
#ifndef HARNESS_MANIFEST_H
#define HARNESS_MANIFEST_H

#include "harness/plan.h"

/* Begins the manifest of a plan; looks at the machine for about 0.2 s. */
json_t *manifest_begin(const struct plan *plan);

/* Of a run that goes on: notes when, and of a merged one, on which machine. */
void manifest_resume(json_t *manifest);

/* Of a merged run that goes on: notes that this machine ran a trial. */
void manifest_add_trial(json_t *manifest, uint64_t trial);

/* Looks at the machine again, notes and says what may have disturbed the run. */
void manifest_end(json_t *manifest);

/* Writes it with its present state. `invocations` and `trials` are those finished. */
enum harness_status manifest_write(json_t *manifest, const char *directory, const char *status,
                                   uint64_t invocations, uint64_t trials);

/* --- reading ------------------------------------------------------------------------------------
 */

enum harness_status manifest_read(const char *directory, json_t **manifest);

/* Of the experiment what carrying out its plan takes: name, seeds, invocations, limits, quick.
 * Nothing is left to finish unless HARNESS_DONE. */
enum harness_status manifest_experiment(const json_t *manifest, struct experiment *experiment);

/* The plan, with exactly the configurations that the manifest has. */
enum harness_status manifest_plan(const json_t *manifest, const struct experiment *experiment,
                                  struct plan *plan);

/* What the plan is, as 16 digits: the program's version, configurations, seeds, invocations, the
 * time limit and whether it is quick. Shards of one experiment have the same. */
void manifest_plan_id(const json_t *manifest, char id[17]);

/* The shard that the run is; 0, 0: the whole plan. Bad input: it makes no sense. */
enum harness_status manifest_shard(const json_t *manifest, struct plan_shard *shard);

/* Minimum heaps that the run used, for workloads of which the plan knows none. */
void manifest_minimum_heaps(const json_t *manifest, struct plan *plan);

#endif
