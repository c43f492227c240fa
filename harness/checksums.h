/* That a workload computes the same in all trials of one run and seed.
 *
 * The first trial that is ok sets what the others must have; one that differs is marked
 * wrong_result, in its file too.
 */
#ifndef HARNESS_CHECKSUMS_H
#define HARNESS_CHECKSUMS_H

#include "harness/plan.h"

struct checksum_reference {
  char checksum[32]; /* empty: no trial of the workload was ok so far */
  uint64_t trial;
  char note[RESULTS_TEXT_SIZE];
};

struct checksums {
  const struct plan *plan;
  const char *directory;
  struct checksum_reference *references; /* one per workload and seed */
};

void checksums_init(struct checksums *checksums, const struct plan *plan, const char *directory);
void checksums_finish(struct checksums *checksums);

/* Checks a trial of the plan's configuration, and changes it and its file when it is wrong. */
enum harness_status checksums_check(struct checksums *checksums, size_t configuration,
                                    struct results_trial *trial);

/* What a workload said of itself, under the first seed; empty: nothing so far. */
const char *checksums_note(const struct checksums *checksums, size_t workload);

#endif
