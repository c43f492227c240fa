/* Figures of samples: percentiles that enough samples support, medians, geometric means; intervals
 * and tests across trials.
 *
 * "Not known" is NaN everywhere: too few samples, or none.
 *
 * Algorithm of intervals. The samples are one value per invocation, never pauses, which are not
 * independent of each other. With fewer than RESULTS_BOOTSTRAP_FROM of them the interval is
 * Student's (1908); from there on it is the bootstrap of invocations, studentised and symmetric (Efron
 * 1979; Hall 1988): of each resample's mean the distance is taken in its own standard errors. The
 * interval of 10 samples then covers what it says; that of the plain percentiles of resamples
 * covers some percent less, and calls differences that are none. Below
 * RESULTS_CALLED_FROM there is none. The p value belongs to the interval: it is under 5 % exactly
 * where the interval of 95 % leaves 0 out. Families of tests are corrected by Holm (1979).
 * Costs: the bootstrap sums samples times resamples; 10 ms for 20 samples.
 */
#ifndef RESULTS_STATISTICS_H
#define RESULTS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Samples that a percentile needs beyond it: with fewer, the next run's figure is another one. */
enum { RESULTS_SAMPLES_BEYOND = 10 };

void results_sort(uint64_t *values, size_t count);

/* The smallest value that `fraction` (0 to 1) of the ascending values do not exceed. NaN with fewer
 * than RESULTS_SAMPLES_BEYOND values after it. */
double results_percentile(const uint64_t *ascending, size_t count, double fraction);

/* Of the values that are known. Reorders them. */
double results_median(double *values, size_t count);
double results_geometric_mean(const double *values, size_t count);

/* Nothing is said of fewer samples; the bootstrap from so many on. */
enum { RESULTS_CALLED_FROM = 5, RESULTS_BOOTSTRAP_FROM = 10 };

/* How large the chance of an error may be, of a verdict as of a whole family of them. */
#define RESULTS_ERROR_CHANCE 0.05

/* The mean of what samples are drawn from. */
struct results_interval {
  double estimate;  /* the samples' mean; NaN without any */
  double low, high; /* of 95 %; NaN below RESULTS_CALLED_FROM */
  double p;         /* two-sided, of a mean of 0; NaN where the interval is */
};

/* All values are known. `family` is how many tests will be corrected together: the bootstrap
 * resolves p values that small, at the least 1; the same seed gives the same interval. */
struct results_interval results_interval_of(const double *values, size_t count, size_t family,
                                            uint64_t seed);

/* The same of values above 0, for a ratio or a time: on their logarithms, and back. The p value is
 * that of a geometric mean of 1. */
struct results_interval results_interval_of_ratios(const double *values, size_t count,
                                                   size_t family, uint64_t seed);

/* Holm's step down over the p values that are known: which are called with an error chance of
 * RESULTS_ERROR_CHANCE for the whole family. Answers how many were tested. */
size_t results_holm(const double *p_values, size_t count, bool *is_called);

/* Student's distribution: the chance to exceed `t` on either side, and the t of which that chance is
 * `chance`. Freedom is 1 or more. */
double results_student_chance(double t, size_t freedom);
double results_student_limit(double chance, size_t freedom);

#endif
