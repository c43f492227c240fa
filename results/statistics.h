/* Figures of samples: percentiles that enough samples support, medians, geometric means.
 *
 * "Not known" is NaN everywhere: too few samples, or none.
 */
#ifndef RESULTS_STATISTICS_H
#define RESULTS_STATISTICS_H

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

#endif
