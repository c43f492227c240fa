/* Percentile distributions as text: the .hgrm format of HdrHistogram's tools and plotters.
 *
 * Values are nanoseconds in the histogram and milliseconds in the file; percentiles have 12
 * decimals, and 5 steps per half of the distance to 100 %. The bytes are those that
 * hdr-histogram-js prints for the same values with outputPercentileDistribution(5, 1e6): a golden
 * test compares them.
 */
#ifndef RESULTS_HGRM_H
#define RESULTS_HGRM_H

#include "results/histogram.h"
#include <stdio.h>

/* Write errors stay in the stream. */
void results_hgrm_print(FILE *stream, const struct results_histogram *histogram);

int results_hgrm_write(const char *path, const struct results_histogram *histogram, char *error,
                       size_t error_size);

/* A number with `decimals` decimals (at most 17) as Intl.NumberFormat has it: the shortest decimal
 * fraction that reads back as `value`, rounded half away from zero. printf rounds the binary value
 * instead and differs at every tie: 1.0005 is 1.001 here and 1.000 there. `value` is finite, not
 * negative, and below 1e21. */
void results_format_fixed(char *text, size_t text_size, double value, unsigned decimals);

#endif
