/* The slope of Theil and Sen, and the test of Mann and Kendall. See trend.h. */
#include "results/trend.h"
#include <math.h>
#include <stdlib.h>

static const double normal_of_95_percent = 1.959964;

static int compare(const void *left, const void *right) {
  double first = *(const double *)left, second = *(const double *)right;
  return (first > second) - (first < second);
}

/* Kendall's S. */
static double balance_of(const double *y, size_t count) {
  double balance = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t j = i + 1; j < count; j++)
      balance += (y[j] > y[i]) - (y[j] < y[i]);
  return balance;
}

static double pairs_term(double n) {
  return n * (n - 1) * (2 * n + 5);
}

/* Of S where nothing rises or falls, corrected for groups of equal values. */
static double variance_of(const double *y, size_t count) {
  double term = pairs_term((double)count);
  for (size_t i = 0; i < count; i++) {
    size_t alike = 1, before = 0;
    for (size_t j = 0; j < count; j++) {
      alike += j > i && y[j] == y[i];
      before += j < i && y[j] == y[i];
    }
    if (before == 0) /* a group is counted at its first member */
      term -= pairs_term((double)alike);
  }
  return term / 18;
}

static double chance_of(double balance, double variance) {
  if (variance <= 0 || balance == 0)
    return 1;
  double deviations = (fabs(balance) - 1) / sqrt(variance);
  return erfc(deviations / sqrt(2));
}

static void fill_interval(struct results_trend *trend, const double *ascending, size_t count,
                          double variance) {
  double reach = normal_of_95_percent * sqrt(variance), last = (double)count - 1;
  double low = floor(((double)count - reach) / 2) - 1, high = ceil(((double)count + reach) / 2);
  trend->low = ascending[(size_t)(low < 0 ? 0 : low)];
  trend->high = ascending[(size_t)(high > last ? last : high)];
  size_t half = count / 2;
  trend->slope = count % 2 ? ascending[half] : (ascending[half - 1] + ascending[half]) / 2;
}

struct results_trend results_trend_of(const double *x, const double *y, size_t count) {
  struct results_trend trend = {count, NAN, NAN, NAN, 1};
  size_t slope_count = 0;
  double *slopes = count < 2 ? NULL : malloc(count * (count - 1) / 2 * sizeof *slopes);
  if (!slopes)
    return trend;
  for (size_t i = 0; i < count; i++)
    for (size_t j = i + 1; j < count; j++)
      slopes[slope_count++] = (y[j] - y[i]) / (x[j] - x[i]);
  qsort(slopes, slope_count, sizeof *slopes, compare);
  double variance = variance_of(y, count);
  fill_interval(&trend, slopes, slope_count, variance);
  trend.p = chance_of(balance_of(y, count), variance);
  free(slopes);
  return trend;
}
