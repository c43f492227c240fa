/* How a collector is drawn: colour, dash and marker, the same in every plot and on every page.
 *
 * look.def has those of the collectors of the tree. Any other name has one that follows from its
 * letters alone, so that it too looks the same in every run: a colour that no named collector has,
 * and one of the dashes and markers.
 */
#ifndef RESULTS_LOOK_H
#define RESULTS_LOOK_H

#include <stddef.h>

#define RESULTS_FLOOR_COLOR "#BEBEBE" /* of the platform floor, a broad line without a marker */

enum results_marker {
  RESULTS_MARKER_circle,
  RESULTS_MARKER_square,
  RESULTS_MARKER_triangle_up,
  RESULTS_MARKER_triangle_down,
  RESULTS_MARKER_diamond,
  RESULTS_MARKER_cross,
  RESULTS_MARKERS
};
extern const char *const results_marker_names[RESULTS_MARKERS]; /* as Vega knows them */

struct results_look {
  const char *color; /* #RRGGBB */
  unsigned dash;     /* gnuplot's dash type, from 1 */
  enum results_marker marker;
};

/* Of the `variant`-th configuration of a collector that one plot tells apart, from 0, which has the
 * collector's own look; the others have its colour with other dashes and markers. */
struct results_look results_look_of(const char *collector, size_t variant);

/* gnuplot's point type. */
unsigned results_marker_point(enum results_marker marker);

#endif
