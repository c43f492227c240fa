/* Leak detector 3: survivors by allocation site. Of each site, the bytes that were there a sample ago
 * already: what a site makes and drops within a part of the work does not count, so its noise does
 * not hide what stays.
 *
 * Rule. A site's survivors are looked at as detector 1 looks at all that is live (leak_growth.h), p
 * corrected for the number of sites. LEAK: some site's are LEAK and go on growing in the later half.
 * CLEAN: every site's are CLEAN, or have ended growing. UNDECIDED: anything else. A site's score is
 * what its survivors grow by over the whole run, as a share of all that is live; the first is the
 * culprit.
 */
#ifndef RESULTS_LEAK_SURVIVORS_H
#define RESULTS_LEAK_SURVIVORS_H

#include "results/leak_growth.h"
#include "results/leak_samples.h"

struct results_leak_suspect {
  size_t site; /* place in the samples */
  enum results_leak_verdict verdict;
  struct results_leak_growth growth; /* of its survivors */
  double score;
};

struct results_leak_survivors {
  enum results_leak_verdict verdict;
  struct results_leak_suspect *suspects; /* one per site, the highest score first */
  size_t count;
};

/* What detectors compare growth with. NaN without samples. */
double results_leak_live_bytes(const struct results_leak_samples *samples);

/* 0 or -ENOMEM. */
int results_leak_survivors_find(const struct results_leak_samples *samples,
                                struct results_leak_survivors *survivors);
void results_leak_survivors_finish(struct results_leak_survivors *survivors);

#endif
