/* What ran beside the mutators, under the pauses of a timeline: a lane per phase, and the cycles
 * behind everything.
 *
 * A lane shows when a phase ran while the world did, on whichever thread. A cycle is shown from its
 * first phase or stop to its last, plain scavenges apart. Spans closer to each other than a
 * thousandth of the time are one, so that a picture stays small.
 */
#ifndef RESULTS_PLOT_LANES_H
#define RESULTS_PLOT_LANES_H

#include "results/plot_canvas.h"

enum { PLOT_LANES_MAX = 8 };

struct plot_lanes {
  size_t cycles; /* data block; SIZE_MAX: none */
  struct {
    size_t block, lane; /* lanes count from below, the same phase in the same lane everywhere */
    const char *color;
  } items[PLOT_LANES_MAX];
  size_t count;
};

/* Writes data blocks of one trial and adds its phases to the legend. Returns 0 or -ENOMEM. */
int plot_lanes_write(struct plot *plot, const struct results_summary *summary,
                     const struct results_events *events, struct results_span span,
                     struct plot_lanes *lanes);

/* The cycles alone. */
int plot_lanes_write_cycles(struct plot *plot, const struct results_summary *summary,
                            const struct results_events *events, struct results_span span,
                            struct plot_lanes *lanes);

/* The lowest value of the logarithmic axis on which pauses begin at `least`, with room for the lanes
 * of the whole plot. */
double plot_lanes_floor(const struct plot *plot, double least, double largest);

/* Elements of a plot command, each followed by a comma: cycles, then lanes. */
void plot_lanes_put(struct plot *plot, const struct plot_lanes *lanes, double least,
                    double largest);

/* Cycles alone, on an axis of any kind from `least` to `largest`. */
void plot_lanes_put_cycles(struct plot *plot, const struct plot_lanes *lanes, double least,
                           double largest);

#endif
