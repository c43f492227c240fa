/* That a workload computes the same in all trials of one run and seed. */
#include "harness/checksums.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void checksums_init(struct checksums *checksums, const struct plan *plan, const char *directory) {
  size_t count = plan->workload_count * plan->experiment->seed_count;
  *checksums = (struct checksums){
      .plan = plan,
      .directory = directory,
      .references = memory_resize(NULL, count, sizeof *checksums->references),
  };
  memset(checksums->references, 0, count * sizeof *checksums->references);
}

void checksums_finish(struct checksums *checksums) {
  free(checksums->references);
  *checksums = (struct checksums){0};
}

static struct checksum_reference *reference_of(const struct checksums *checksums,
                                               size_t configuration, uint64_t invocation) {
  size_t seeds = checksums->plan->experiment->seed_count;
  return &checksums->references[checksums->plan->workload_of[configuration] * seeds +
                                (size_t)((invocation - 1) % seeds)];
}

enum harness_status checksums_check(struct checksums *checksums, size_t configuration,
                                    struct results_trial *trial) {
  bool is_idle = checksums->plan->workload_of[configuration] == SIZE_MAX;
  if (is_idle || (trial->status != RESULTS_ok && trial->status != RESULTS_incomplete)) {
    return HARNESS_DONE;
  }
  struct checksum_reference *reference =
      reference_of(checksums, configuration, trial->configuration.invocation);
  const char *checksum = trial->result.checksum.text;
  if (!reference->checksum[0]) {
    snprintf(reference->checksum, sizeof reference->checksum, "%.31s", checksum);
    reference->trial = trial->trial;
    memcpy(reference->note, trial->result.note.text, sizeof reference->note);
    return HARNESS_DONE;
  }
  if (strcmp(reference->checksum, checksum) == 0) {
    return HARNESS_DONE;
  }
  char detail[256], path[PATH_MAX], error[512];
  snprintf(detail, sizeof detail, "checksum %.20s differs from %s of trial %" PRIu64, checksum,
           reference->checksum, reference->trial);
  trial->status = RESULTS_wrong_result;
  results_text_set(&trial->status_detail, detail);
  if (results_trial_path(path, checksums->directory, trial->trial, error, sizeof error) != 0 ||
      results_trial_write(path, trial, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  return HARNESS_DONE;
}

const char *checksums_note(const struct checksums *checksums, size_t workload) {
  return checksums->references[workload * checksums->plan->experiment->seed_count].note;
}
