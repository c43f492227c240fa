/* Whether a program leaks: the verdict of the detectors together.
 *
 * Rule. LEAK: detector 1 says so of the heap or of external memory, that growth goes on in the later
 * half of the samples, and detector 3 names a site; so two looks at different things agree. CLEAN:
 * detector 1 finds growth in neither, or only growth that has ended, and detector 3 does not name a
 * site. UNDECIDED: anything else, and every run with too few samples. No number is in it but those of
 * the detectors.
 */
#ifndef RESULTS_LEAK_VERDICT_H
#define RESULTS_LEAK_VERDICT_H

#include "results/leak_survivors.h"

struct results_leak_judgement {
  enum results_leak_verdict verdict;
  enum results_leak_verdict growth_verdict; /* detector 1, of both */
  struct results_leak_growth heap, external;
  struct results_leak_survivors survivors; /* detector 3 */
  bool is_external;                        /* external memory grows by more than the heap */
  double bytes_per_operation, bytes_per_s; /* of that which grows by more */
  double seconds_to_limit;                 /* of that; infinite: it does not grow, or has none */
};

/* 0 or -ENOMEM; to be finished whatever is answered. At most RESULTS_TREND_POINTS_MAX samples. */
int results_leak_judge(const struct results_leak_samples *samples,
                       struct results_leak_judgement *judgement);
void results_leak_judgement_finish(struct results_leak_judgement *judgement);

#endif
