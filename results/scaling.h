/* How figures grow with what is live: one curve per workload and collector over the configurations of a
 * run, with the exponent fitted.
 *
 * The exponent b is the slope of a straight line through the points on logarithmic axes, by least
 * squares: y = a x^b. Of work that is proportional to what is live it is 1, of work that is not 0.
 * Beside it stands what it hides, the growth: the last point's value over the first one's, from
 * RESULTS_SCALING_FROM_BYTES up.
 *
 * A curve has at least RESULTS_SCALING_POINTS sizes, the largest four times the least; a run in which no
 * collector has one has no scaling to show.
 */
#ifndef RESULTS_SCALING_H
#define RESULTS_SCALING_H

#include "results/summarize.h"

enum { RESULTS_SCALING_POINTS = 3 };
/* Below, what does not grow outweighs what does. */
#define RESULTS_SCALING_FROM_BYTES (128.0 * 1024 * 1024)

enum results_scaling_measure {
  RESULTS_SCALING_PAUSE,    /* largest on the critical path, of all trials */
  RESULTS_SCALING_OWN,      /* of those other than plain scavenges, less the scavenge in them */
  RESULTS_SCALING_SCAVENGE, /* median scavenge on the critical path, median across trials */
  RESULTS_SCALING_SETUP,    /* opening the heap */
  RESULTS_SCALING_METADATA, /* percent of what is committed for objects */
  RESULTS_SCALING_MEASURES
};
extern const char *const results_scaling_titles[RESULTS_SCALING_MEASURES];

struct results_scaling_point {
  const struct results_summary *summary;
  double live_bytes;
  double values[RESULTS_SCALING_MEASURES]; /* times in ns; NaN: not known */
};

/* y = scale * x^exponent; NaN with fewer than RESULTS_SCALING_POINTS known points. */
struct results_scaling_fit {
  double scale, exponent;
  double growth; /* NaN where the range has no two points four times apart */
  double least, largest;
};

struct results_scaling_curve {
  struct results_scaling_point *points; /* by live size */
  size_t count;
  struct results_scaling_fit fits[RESULTS_SCALING_MEASURES];
};

struct results_scaling {
  struct results_scaling_curve *curves; /* by workload, then as the run's summaries */
  size_t count;
};

/* Borrows from the run. Returns 0 or -ENOMEM; then there is nothing to finish. */
int results_scaling_derive(const struct results_run *run, struct results_scaling *scaling);
void results_scaling_finish(struct results_scaling *scaling);

/* For one measure: fills scale and exponent. */
struct results_scaling_fit results_scaling_fit_of(const struct results_scaling_point *points,
                                                  size_t count,
                                                  enum results_scaling_measure measure);

#endif
