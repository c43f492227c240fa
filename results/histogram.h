/* A histogram of values with bounded relative error, as HdrHistogram has it.
 *
 * Algorithm: Tene's HdrHistogram. Values fall into buckets that double in width; each bucket is
 * split into as many equal sub-buckets as keep 3 significant decimal figures. A value is equivalent
 * to every other value of its sub-bucket; what is reported of a sub-bucket is its highest value
 * (percentiles) or its middle (mean, deviation). The number of buckets grows with the largest
 * value. All figures agree to the last bit with other implementations that start at 1, keep 3
 * figures and resize by themselves, as hdr-histogram-js does unless told otherwise.
 *
 * Invariants: counts[] has (bucket_count + 1) * RESULTS_SUB_BUCKETS / 2 entries; total_count is
 * their sum.
 * Concurrency: none; one owner.
 * Costs: recording is a count of leading zeros, two shifts and an add; 8 KiB per bucket.
 */
#ifndef RESULTS_HISTOGRAM_H
#define RESULTS_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  RESULTS_SUB_BUCKETS_LOG2 = 11, /* the power of two that holds 2 * 10^3 */
  RESULTS_SUB_BUCKETS = 1 << RESULTS_SUB_BUCKETS_LOG2
};

/* All zero is an empty histogram. */
struct results_histogram {
  uint64_t *counts;
  uint64_t bucket_count; /* 0: nothing recorded yet */
  uint64_t total_count;
  uint64_t minimum_value, maximum_value; /* as recorded */
};

void results_histogram_finish(struct results_histogram *histogram);

/* Returns 0 or -ENOMEM; then nothing was recorded. */
int results_histogram_record(struct results_histogram *histogram, uint64_t value, uint64_t count);

/* Adds all of `from`. Returns 0 or -ENOMEM. */
int results_histogram_add(struct results_histogram *histogram,
                          const struct results_histogram *from);

/* The highest value equivalent to that at the percentile, 0 to 100; 0 when empty. */
uint64_t results_histogram_percentile(const struct results_histogram *histogram, double percentile);
double results_histogram_mean(const struct results_histogram *histogram);
double results_histogram_deviation(const struct results_histogram *histogram);

/* Ranges of equivalent values are the same in every histogram. */
uint64_t results_histogram_lowest_equivalent(uint64_t value);
uint64_t results_histogram_highest_equivalent(uint64_t value);
uint64_t results_histogram_middle_equivalent(uint64_t value);

/* Walks the ranges that hold something, in ascending order:
 *
 *   struct results_histogram_range range = {0};
 *   while (results_histogram_next(histogram, &range)) …
 */
struct results_histogram_range {
  uint64_t lowest_value, highest_value, middle_value;
  uint64_t count;
  uint64_t count_up_to; /* this range included */
  size_t next_index;
};
bool results_histogram_next(const struct results_histogram *histogram,
                            struct results_histogram_range *range);

#endif
