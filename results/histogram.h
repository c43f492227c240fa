/* A histogram of values with bounded relative error, as HdrHistogram has it.
 *
 * Algorithm: Tene's HdrHistogram. Values fall into buckets that double in width; each bucket is
 * split into as many equal sub-buckets as keep the asked number of significant decimal figures. A
 * value is equivalent to every other value of its sub-bucket; what is reported of a sub-bucket is
 * its highest value (percentiles, maximum) or its middle (mean, deviation). Both agree with the
 * other implementations of HdrHistogram of the same range and figures, to the last bit.
 *
 * Invariants: counts[] has (buckets + 1) * sub_buckets / 2 entries; total_count is their sum.
 * Concurrency: none; one owner.
 * Costs: recording is a count-leading-zeros, two shifts and an add.
 */
#ifndef RESULTS_HISTOGRAM_H
#define RESULTS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct results_histogram {
  uint64_t highest_value;
  unsigned figures;
  unsigned sub_bucket_half_log2;
  uint64_t sub_bucket_count, bucket_count;
  uint64_t total_count;
  uint64_t maximum_value, minimum_value; /* as recorded; minimum UINT64_MAX when empty */
  size_t count_size;
  uint64_t *counts;
};

/* 1 ns to one hour with 3 significant figures: what every pause histogram here uses. */
#define RESULTS_HISTOGRAM_FIGURES    3
#define RESULTS_HISTOGRAM_HIGHEST_NS UINT64_C(3600000000000)

/* Returns null when memory is lacking. figures: 1 to 5; highest_value at least 2. */
struct results_histogram *results_histogram_create(uint64_t highest_value, unsigned figures);
void results_histogram_destroy(struct results_histogram *histogram);

/* A value above the highest is recorded as the highest. */
void results_histogram_record(struct results_histogram *histogram, uint64_t value);
void results_histogram_record_count(struct results_histogram *histogram, uint64_t value,
                                    uint64_t count);

/* Adds the counts of `from`, which has the same range and figures. */
void results_histogram_add(struct results_histogram *histogram,
                           const struct results_histogram *from);

/* The highest value equivalent to that at the percentile, 0 to 100; 0 when empty. */
uint64_t results_histogram_percentile(const struct results_histogram *histogram, double percentile);
double results_histogram_mean(const struct results_histogram *histogram);
double results_histogram_deviation(const struct results_histogram *histogram);

uint64_t results_histogram_lowest_equivalent(const struct results_histogram *histogram,
                                             uint64_t value);
uint64_t results_histogram_highest_equivalent(const struct results_histogram *histogram,
                                              uint64_t value);
uint64_t results_histogram_middle_equivalent(const struct results_histogram *histogram,
                                             uint64_t value);

/* Value range of counts[index]. */
uint64_t results_histogram_value_at(const struct results_histogram *histogram, size_t index);

#endif
