/* Leak detector 1: growth of what is live after forced full collections, sampled at equal parts of
 * the work.
 *
 * Rule. The first quarter of the samples, in which programs fill their structures, is left out; with
 * fewer than 8 others nothing is decided. LEAK: the slope's interval (trend.h) lies above 0, the test
 * of Mann and Kendall answers p < 0.01, and the growth that the slope projects over the whole run
 * exceeds 2 % of the median of what is live. CLEAN: the interval contains 0, or lies below it.
 * UNDECIDED: anything else, a steady growth that is small, for one.
 */
#ifndef RESULTS_LEAK_GROWTH_H
#define RESULTS_LEAK_GROWTH_H

#include "results/trend.h"
#include <stdbool.h>

enum { RESULTS_LEAK_POINTS_MIN = 8 };

enum results_leak_verdict { RESULTS_LEAK_CLEAN, RESULTS_LEAK_FOUND, RESULTS_LEAK_UNDECIDED };
extern const char *const results_leak_verdict_names[RESULTS_LEAK_UNDECIDED + 1];

struct results_leak_growth {
  enum results_leak_verdict verdict;
  struct results_trend trend; /* bytes per operation */
  double growth_bytes;        /* projected over the whole run; NaN as the slope */
  double latest_bytes;
  /* The later half of what is looked at, alone, rises too, its interval above 0. A structure that was
   * filled rises, but not in the end. */
  bool goes_on;
};

/* How a series is looked at. */
struct results_leak_scale {
  double work_total;
  double live_bytes;      /* what growth is compared with: the median of all that is live */
  unsigned series_tested; /* together; p is to be less than 0.01 of so many (Bonferroni) */
};

/* Of all samples, the first quarter included; count is at most RESULTS_TREND_POINTS_MAX. */
struct results_leak_growth results_leak_growth_of(const double *work, const double *bytes,
                                                  size_t count,
                                                  const struct results_leak_scale *scale);

/* The samples that are left out of so many. */
size_t results_leak_warm_up(size_t count);

#endif
