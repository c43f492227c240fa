/* The trend of a series: whether it rises, and how fast, without asking how its noise is
 * distributed.
 *
 * Algorithm: the slope is the median of the slopes between all pairs of points (Theil 1950; Sen
 * 1968). Its interval is Sen's: of the ordered slopes those whose ranks lie z standard deviations of
 * Kendall's S beside the middle, rounded outwards. The p value is that of Mann (1945) and Kendall: S,
 * the pairs that rise less those that fall, with the correction for continuity, and the variance
 * corrected for ties; it is normal from about 8 points on.
 *
 * Costs: quadratic in the points, of which at most RESULTS_TREND_POINTS_MAX are taken.
 */
#ifndef RESULTS_TREND_H
#define RESULTS_TREND_H

#include <stddef.h>

enum { RESULTS_TREND_POINTS_MAX = 256 };

struct results_trend {
  size_t points;
  double slope;     /* NaN: fewer than two points */
  double low, high; /* of 95 % */
  double p;         /* two-sided, of no trend; 1 where nothing rises or falls */
};

/* Of points in ascending order of x, no two alike; count is at most RESULTS_TREND_POINTS_MAX.
 * Memory that is lacking answers a slope of NaN. */
struct results_trend results_trend_of(const double *x, const double *y, size_t count);

#endif
