/* manifest.json of a run: what was asked for, by which program, on which machine, and when.
 *
 * Keys: schema_version, version (of the program), heap_layout_version, command_line, status
 * (running, finished, interrupted, failed), started, ended (UTC, ISO 8601), seed, quick,
 * invocations, trials, time_limit_ns, rss_limit_bytes, configurations (the flattened plan: an array
 * of objects like `configuration` in a trial's file), minimum_heaps (bytes by workload, as used),
 * machine.
 */
#ifndef HARNESS_MANIFEST_H
#define HARNESS_MANIFEST_H

#include "harness/plan.h"

/* Begins the manifest of a plan; looks at the machine for about 0.2 s. */
json_t *manifest_begin(const struct plan *plan);

/* Writes it with its present state. `invocations` and `trials` are those finished. */
enum harness_status manifest_write(json_t *manifest, const char *directory, const char *status,
                                   uint64_t invocations, uint64_t trials);

#endif
