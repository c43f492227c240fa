/* Percentiles, medians, geometric means, intervals; statistics.h says when they are not known. */
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

/* --- Student's distribution --------------------------------------------------------------------
 */

/* The chance is the regularised incomplete beta function at freedom / (freedom + t^2) with the
 * parameters freedom / 2 and 1 / 2; of whole degrees of freedom that is a finite sum (Abramowitz and
 * Stegun 1964, 26.7.3 and 26.7.4). */
double results_student_chance(double t, size_t freedom) {
  double degrees = (double)freedom, angle = atan(fabs(t) / sqrt(degrees));
  double cosine = cos(angle), sine = sin(angle), term = 1, sum = 0;
  bool is_odd = freedom % 2 == 1;
  if (is_odd)
    term = cosine;
  for (size_t step = is_odd ? 3 : 2; step <= freedom; step += 2) {
    sum += term;
    term *= cosine * cosine * (double)(step - 1) / (double)step;
  }
  double inside = is_odd ? 2 / M_PI * (angle + sine * sum) : sine * sum;
  return inside < 1 ? 1 - inside : 0;
}

double results_student_limit(double chance, size_t freedom) {
  double low = 0, high = 1;
  while (results_student_chance(high, freedom) > chance)
    high *= 2;
  for (int step = 0; step < 100; step++) {
    double middle = (low + high) / 2;
    *(results_student_chance(middle, freedom) > chance ? &low : &high) = middle;
  }
  return (low + high) / 2;
}

/* --- intervals ---------------------------------------------------------------------------------
 */

struct moments {
  double mean, error; /* standard error of the mean */
};

static struct moments moments_of(const double *values, size_t count) {
  double sum = 0, squares = 0;
  for (size_t index = 0; index < count; index++)
    sum += values[index];
  double mean = sum / (double)count;
  for (size_t index = 0; index < count; index++)
    squares += (values[index] - mean) * (values[index] - mean);
  double error = count > 1 ? sqrt(squares / (double)(count - 1) / (double)count) : NAN;
  /* What rounding leaves of equal samples is no spread. */
  return (struct moments){mean, error > 1e-15 * fabs(mean) ? error : 0};
}

static struct results_interval student_interval(struct moments moments, size_t count) {
  double half = results_student_limit(RESULTS_ERROR_CHANCE, count - 1) * moments.error;
  return (struct results_interval){
      .estimate = moments.mean,
      .low = moments.mean - half,
      .high = moments.mean + half,
      .p = results_student_chance(moments.mean / moments.error, count - 1)};
}

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t next_random(uint64_t *state) {
  uint64_t mixed = (*state += UINT64_C(0x9e3779b97f4a7c15));
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

/* How far one resample's mean is from that of the samples, in its own standard errors. */
static double resampled_t(const double *values, size_t count, double mean, double *resample,
                          uint64_t *state) {
  for (size_t index = 0; index < count; index++)
    resample[index] = values[(uint64_t)(uint32_t)next_random(state) * count >> 32];
  struct moments moments = moments_of(resample, count);
  double distance = fabs(moments.mean - mean);
  if (moments.error > 0)
    return distance / moments.error;
  return distance > 0 ? INFINITY : 0;
}

/* Beyond the limit of a test of 5 % divided by the family are at least 10 resamples. */
static size_t resamples_of(size_t family) {
  enum { least = 9999, most = 999999 };
  double wanted = 10 / RESULTS_ERROR_CHANCE * (double)(family ? family : 1);
  return wanted < least ? least : wanted > most ? most : (size_t)wanted;
}

/* The value that `rank` others do not exceed, from 0; reorders them (Hoare 1961). */
static double value_of_rank(double *values, size_t count, size_t rank) {
  size_t first = 0, last = count - 1;
  while (first < last) {
    double pivot = values[first + (last - first) / 2];
    size_t left = first, right = last;
    for (;;) {
      while (values[left] < pivot)
        left++;
      while (pivot < values[right])
        right--;
      if (left >= right)
        break;
      double swapped = values[left];
      values[left++] = values[right];
      values[right--] = swapped;
    }
    if (rank <= right)
      last = right;
    else
      first = right + 1;
  }
  return values[rank];
}

static struct results_interval from_resamples(struct moments moments, double *resampled,
                                              size_t resamples) {
  size_t tail = (size_t)(RESULTS_ERROR_CHANCE * (double)(resamples + 1)), beyond = 0;
  double observed = fabs(moments.mean / moments.error);
  for (size_t index = 0; index < resamples; index++)
    beyond += resampled[index] >= observed;
  double half = value_of_rank(resampled, resamples, resamples - tail) * moments.error;
  return (struct results_interval){.estimate = moments.mean,
                                   .low = moments.mean - half,
                                   .high = moments.mean + half,
                                   .p = (double)(1 + beyond) / (double)(resamples + 1)};
}

static struct results_interval bootstrap_interval(const double *values, size_t count,
                                                  struct moments moments, size_t family,
                                                  uint64_t seed) {
  size_t resamples = resamples_of(family);
  double *resampled = malloc((resamples + count) * sizeof *resampled);
  if (!resampled)
    return (struct results_interval){moments.mean, NAN, NAN, NAN};
  for (size_t index = 0; index < resamples; index++)
    resampled[index] = resampled_t(values, count, moments.mean, resampled + resamples, &seed);
  struct results_interval interval = from_resamples(moments, resampled, resamples);
  free(resampled);
  return interval;
}

struct results_interval results_interval_of(const double *values, size_t count, size_t family,
                                            uint64_t seed) {
  struct moments moments = count ? moments_of(values, count) : (struct moments){NAN, NAN};
  if (count < RESULTS_CALLED_FROM)
    return (struct results_interval){moments.mean, NAN, NAN, NAN};
  if (moments.error == 0)
    return (struct results_interval){moments.mean, moments.mean, moments.mean,
                                     moments.mean == 0 ? 1 : 0};
  return count < RESULTS_BOOTSTRAP_FROM ? student_interval(moments, count)
                                        : bootstrap_interval(values, count, moments, family, seed);
}

struct results_interval results_interval_of_ratios(const double *values, size_t count,
                                                   size_t family, uint64_t seed) {
  double *logarithms = malloc((count + 1) * sizeof *logarithms);
  struct results_interval interval = {NAN, NAN, NAN, NAN};
  for (size_t index = 0; logarithms && index < count; index++)
    logarithms[index] = log(values[index]);
  if (logarithms)
    interval = results_interval_of(logarithms, count, family, seed);
  free(logarithms);
  return (struct results_interval){exp(interval.estimate), exp(interval.low), exp(interval.high),
                                   interval.p};
}

/* --- families of tests -------------------------------------------------------------------------
 */

size_t results_holm(const double *p_values, size_t count, bool *is_called) {
  size_t tested = 0, called = 0;
  for (size_t index = 0; index < count; index++) {
    is_called[index] = false;
    tested += isnan(p_values[index]) ? 0 : 1;
  }
  for (; called < tested; called++) {
    size_t least = count;
    for (size_t index = 0; index < count; index++)
      if (!is_called[index] && !isnan(p_values[index]) &&
          (least == count || p_values[index] < p_values[least]))
        least = index;
    if (p_values[least] * (double)(tested - called) > RESULTS_ERROR_CHANCE)
      break;
    is_called[least] = true;
  }
  return tested;
}
