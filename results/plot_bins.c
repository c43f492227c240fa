/* Ranges of pause lengths for plots: tenths of a decade, from 1 ns. */
#include "results/plot_canvas.h"
#include <math.h>
#include <string.h>

static const double ns_per_ms = 1e6;

double plot_bin_begin_ms(size_t bin) {
  return pow(10, (double)bin / PLOT_BINS_PER_DECADE) / ns_per_ms;
}

static size_t bin_of(uint64_t ns) {
  double bin = ns > 1 ? floor(log10((double)ns) * PLOT_BINS_PER_DECADE) : 0;
  return bin < PLOT_BINS ? (size_t)bin : PLOT_BINS - 1;
}

void plot_bin_counts(const struct results_histogram *histogram, uint64_t counts[PLOT_BINS]) {
  struct results_histogram_range range = {0};
  memset(counts, 0, PLOT_BINS * sizeof *counts);
  while (results_histogram_next(histogram, &range))
    counts[bin_of(range.middle_value)] += range.count;
}
