/* Percentiles, medians, geometric means; statistics.h says when they are not known. */
#include "results/statistics.h"
#include <math.h>
#include <stdlib.h>

static int compare_integers(const void *left, const void *right) {
  uint64_t first = *(const uint64_t *)left, second = *(const uint64_t *)right;
  return (first > second) - (first < second);
}

static int compare_reals(const void *left, const void *right) {
  double first = *(const double *)left, second = *(const double *)right;
  return (first > second) - (first < second);
}

void results_sort(uint64_t *values, size_t count) {
  if (count > 1)
    qsort(values, count, sizeof *values, compare_integers);
}

/* fraction * count may come out just above a whole number: 0.9 * 110 is 99.00000000000001. */
static size_t rank_of(size_t count, double fraction) {
  double exact = fraction * (double)count, nearest = nearbyint(exact);
  double rank = fabs(exact - nearest) < 1e-9 * (double)count ? nearest : ceil(exact);
  return rank < 1 ? 1 : (size_t)rank;
}

double results_percentile(const uint64_t *ascending, size_t count, double fraction) {
  size_t rank = rank_of(count, fraction);
  if (rank + RESULTS_SAMPLES_BEYOND > count)
    return NAN;
  return (double)ascending[rank - 1];
}

double results_median(double *values, size_t count) {
  size_t known = 0;
  for (size_t index = 0; index < count; index++)
    if (!isnan(values[index]))
      values[known++] = values[index];
  if (known == 0)
    return NAN;
  qsort(values, known, sizeof *values, compare_reals);
  return known % 2 ? values[known / 2] : (values[known / 2 - 1] + values[known / 2]) / 2;
}

double results_geometric_mean(const double *values, size_t count) {
  double sum = 0;
  size_t known = 0;
  for (size_t index = 0; index < count; index++)
    if (values[index] > 0) {
      sum += log(values[index]);
      known++;
    }
  return known ? exp(sum / (double)known) : NAN;
}
