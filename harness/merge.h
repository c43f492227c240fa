/* Shards of one plan made into one run.
 *
 * Every directory must be of the same plan (manifest_plan_id) and none at work. A trial that several
 * directories have is taken from the first of them that can be read. The run that is made has the
 * files of the trials as they are, and a manifest that says in `shards` which trials came from where
 * and on which machine they ran; it is interrupted where trials are missing, and resumed like any
 * other.
 */
#ifndef HARNESS_MERGE_H
#define HARNESS_MERGE_H

#include "harness/plan.h"
#include <jansson.h>

struct merge_source {
  const char *directory;
  json_t *manifest;
  int lock;
};

struct merge {
  struct merge_source *sources;
  size_t source_count;
  struct experiment experiment; /* of the first source; as many invocations as there are */
  struct plan plan;
  size_t *source_of; /* of each trial of the plan, from number 1 at 0; SIZE_MAX: none has it */
  size_t trial_total, missing;
};

/* Reads and checks the directories. Bad input: one is no run, is at work, or is of another plan. */
enum harness_status merge_open(struct merge *merge, const char *const *directories, size_t count);
void merge_close(struct merge *merge);

/* Copies the trials into a directory that is made (`out`; null: one below results/runs/), checks
 * that they agree, and writes the manifest. Says which trials are twice there and which nowhere. */
enum harness_status merge_into(struct merge *merge, const char *out, char directory[PATH_MAX]);

#endif
