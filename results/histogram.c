/* HdrHistogram's buckets, mean, deviation and percentiles; histogram.h says what is promised. */
#include "results/histogram.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { half_log2 = RESULTS_SUB_BUCKETS_LOG2 - 1, half = 1 << half_log2 };

/* Bucket of a value: how many times its ranges are doubled. */
static unsigned bucket_of(uint64_t value) {
  unsigned bits = 64 - (unsigned)__builtin_clzll(value | (RESULTS_SUB_BUCKETS - 1));
  return bits - RESULTS_SUB_BUCKETS_LOG2;
}

static size_t index_of(uint64_t value) {
  unsigned bucket = bucket_of(value);
  return (size_t)(((uint64_t)bucket << half_log2) + (value >> bucket));
}

static uint64_t value_at(size_t index) {
  if (index < RESULTS_SUB_BUCKETS)
    return index;
  size_t bucket = (index >> half_log2) - 1;
  return (uint64_t)((index & (half - 1)) + half) << bucket;
}

static size_t index_count(uint64_t bucket_count) {
  return bucket_count ? (size_t)(bucket_count + 1) << half_log2 : 0;
}

uint64_t results_histogram_lowest_equivalent(uint64_t value) {
  unsigned bucket = bucket_of(value);
  return value >> bucket << bucket;
}

uint64_t results_histogram_highest_equivalent(uint64_t value) {
  return results_histogram_lowest_equivalent(value) + (UINT64_C(1) << bucket_of(value)) - 1;
}

uint64_t results_histogram_middle_equivalent(uint64_t value) {
  return results_histogram_lowest_equivalent(value) + (UINT64_C(1) << bucket_of(value)) / 2;
}

void results_histogram_finish(struct results_histogram *histogram) {
  free(histogram->counts);
  *histogram = (struct results_histogram){0};
}

static int grow(struct results_histogram *histogram, uint64_t bucket_count) {
  if (bucket_count <= histogram->bucket_count)
    return 0;
  size_t old_size = index_count(histogram->bucket_count), size = index_count(bucket_count);
  uint64_t *counts = realloc(histogram->counts, size * sizeof *counts);
  if (!counts)
    return -ENOMEM;
  memset(counts + old_size, 0, (size - old_size) * sizeof *counts);
  histogram->counts = counts;
  histogram->bucket_count = bucket_count;
  return 0;
}

static void widen(struct results_histogram *histogram, uint64_t minimum, uint64_t maximum) {
  if (histogram->total_count == 0 || minimum < histogram->minimum_value)
    histogram->minimum_value = minimum;
  if (maximum > histogram->maximum_value)
    histogram->maximum_value = maximum;
}

int results_histogram_record(struct results_histogram *histogram, uint64_t value, uint64_t count) {
  int status = grow(histogram, (uint64_t)bucket_of(value) + 1);
  if (status || count == 0)
    return status;
  histogram->counts[index_of(value)] += count;
  widen(histogram, value, value);
  histogram->total_count += count;
  return 0;
}

int results_histogram_add(struct results_histogram *histogram,
                          const struct results_histogram *from) {
  int status = grow(histogram, from->bucket_count);
  if (status || from->total_count == 0)
    return status;
  size_t size = index_count(from->bucket_count);
  for (size_t index = 0; index < size; index++)
    histogram->counts[index] += from->counts[index];
  widen(histogram, from->minimum_value, from->maximum_value);
  histogram->total_count += from->total_count;
  return 0;
}

bool results_histogram_next(const struct results_histogram *histogram,
                            struct results_histogram_range *range) {
  size_t size = index_count(histogram->bucket_count), index = range->next_index;
  while (index < size && histogram->counts[index] == 0)
    index++;
  range->next_index = index + 1;
  if (index >= size)
    return false;
  range->lowest_value = value_at(index);
  range->highest_value = results_histogram_highest_equivalent(range->lowest_value);
  range->middle_value = results_histogram_middle_equivalent(range->lowest_value);
  range->count = histogram->counts[index];
  range->count_up_to += range->count;
  return true;
}

/* The count that a percentile stands for may come out one unit in the last place too large; taking
 * that unit off before rounding up keeps it from skipping a value. */
static uint64_t count_at_percentile(const struct results_histogram *histogram, double percentile) {
  double count = fmin(percentile, 100) / 100 * (double)histogram->total_count;
  if (count <= 0)
    return 1;
  double unit = ldexp(1, ilogb(count) - 52);
  return (uint64_t)fmax(ceil(count - unit), 1);
}

uint64_t results_histogram_percentile(const struct results_histogram *histogram,
                                      double percentile) {
  uint64_t count = count_at_percentile(histogram, percentile);
  struct results_histogram_range range = {0};
  while (results_histogram_next(histogram, &range))
    if (range.count_up_to >= count)
      return percentile == 0 ? range.lowest_value : range.highest_value;
  return 0;
}

/* Kept out of line: fused with the addition that follows, it would round once where the other
 * implementations round twice, and the last printed digit would differ. */
static __attribute__((noinline)) double product(double left, double right) {
  return left * right;
}

double results_histogram_mean(const struct results_histogram *histogram) {
  double sum = 0;
  struct results_histogram_range range = {0};
  while (results_histogram_next(histogram, &range))
    sum += product((double)range.middle_value, (double)range.count);
  return histogram->total_count ? sum / (double)histogram->total_count : 0;
}

double results_histogram_deviation(const struct results_histogram *histogram) {
  double mean = results_histogram_mean(histogram), sum = 0;
  struct results_histogram_range range = {0};
  while (results_histogram_next(histogram, &range)) {
    double distance = (double)range.middle_value - mean;
    sum += product(product(distance, distance), (double)range.count);
  }
  return histogram->total_count ? sqrt(sum / (double)histogram->total_count) : 0;
}
