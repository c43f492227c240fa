/* Curves over live sizes; scaling.h says what is fitted. */
#include "results/scaling.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const results_scaling_titles[RESULTS_SCALING_MEASURES] = {
    [RESULTS_SCALING_PAUSE] = "largest pause",
    [RESULTS_SCALING_OWN] = "largest pause, less scavenges",
    [RESULTS_SCALING_SCAVENGE] = "median scavenge",
    [RESULTS_SCALING_SETUP] = "start-up",
    [RESULTS_SCALING_METADATA] = "metadata",
};

/* Sizes count as different, and a range as one, from this factor up. */
static const double range_ratio = 4;

static bool same_curve(const struct results_summary *left, const struct results_summary *right) {
  const struct results_configuration *first = &left->first.configuration;
  const struct results_configuration *second = &right->first.configuration;
  return strcmp(first->workload.text, second->workload.text) == 0 &&
         strcmp(first->collector.text, second->collector.text) == 0 &&
         strcmp(first->barrier.text, second->barrier.text) == 0 &&
         first->mutators == second->mutators;
}

static bool has_point(const struct results_summary *summary) {
  return !results_is_floor(summary) && summary->statuses[RESULTS_ok] > 0 &&
         summary->median.live_bytes > 0;
}

static struct results_scaling_point point_of(const struct results_summary *summary) {
  const struct results_figures *median = &summary->median, *largest = &summary->largest;
  const struct results_distribution *scavenges = &median->cpu[GC_PAUSE_scavenge];
  return (struct results_scaling_point){
      .summary = summary,
      .live_bytes = median->live_bytes,
      .values = {
          [RESULTS_SCALING_PAUSE] = largest->cpu[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX],
          [RESULTS_SCALING_OWN] = largest->own[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX],
          [RESULTS_SCALING_SCAVENGE] = scavenges->percentile_ns[RESULTS_P50],
          [RESULTS_SCALING_SETUP] = median->setup_ns,
          [RESULTS_SCALING_METADATA] = largest->metadata_percent,
      }};
}

static int compare_points(const void *left, const void *right) {
  double first = ((const struct results_scaling_point *)left)->live_bytes;
  double second = ((const struct results_scaling_point *)right)->live_bytes;
  return (first > second) - (first < second);
}

/* --- fitting -----------------------------------------------------------------------------------
 */

static double growth_of(const struct results_scaling_point *points, size_t count,
                        enum results_scaling_measure measure) {
  const struct results_scaling_point *first = NULL, *last = NULL;
  for (size_t index = 0; index < count; index++) {
    if (points[index].live_bytes < 0.9 * RESULTS_SCALING_FROM_BYTES ||
        !(points[index].values[measure] > 0))
      continue;
    first = first ? first : &points[index];
    last = &points[index];
  }
  return first && last->live_bytes >= range_ratio * first->live_bytes
             ? last->values[measure] / first->values[measure]
             : NAN;
}

struct results_scaling_fit results_scaling_fit_of(const struct results_scaling_point *points,
                                                  size_t count,
                                                  enum results_scaling_measure measure) {
  struct results_scaling_fit fit = {NAN, NAN, growth_of(points, count, measure), NAN, NAN};
  double sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0, known = 0;
  for (size_t index = 0; index < count; index++) {
    double value = points[index].values[measure];
    if (!(value > 0))
      continue;
    double x = log(points[index].live_bytes), y = log(value);
    sum_x += x;
    sum_y += y;
    sum_xx += x * x;
    sum_xy += x * y;
    known++;
    fit.least = fmin(fit.least, value);
    fit.largest = fmax(fit.largest, value);
  }
  double spread = known * sum_xx - sum_x * sum_x;
  if (known >= RESULTS_SCALING_POINTS && spread > 0) {
    fit.exponent = (known * sum_xy - sum_x * sum_y) / spread;
    fit.scale = exp((sum_y - fit.exponent * sum_x) / known);
  }
  return fit;
}

/* --- curves ------------------------------------------------------------------------------------
 */

static bool is_wide_enough(const struct results_scaling_curve *curve) {
  return curve->count >= RESULTS_SCALING_POINTS &&
         curve->points[curve->count - 1].live_bytes >= range_ratio * curve->points[0].live_bytes;
}

/* False for a curve that an earlier summary has begun. */
static bool begins_curve(const struct results_run *run, size_t place) {
  for (size_t index = 0; index < place; index++)
    if (has_point(&run->summaries[index]) &&
        same_curve(&run->summaries[index], &run->summaries[place]))
      return false;
  return has_point(&run->summaries[place]);
}

static int make_curve(const struct results_run *run, size_t first,
                      struct results_scaling_curve *curve) {
  *curve = (struct results_scaling_curve){
      .points = malloc((run->summary_count - first) * sizeof *curve->points)};
  if (!curve->points)
    return -ENOMEM;
  for (size_t index = first; index < run->summary_count; index++)
    if (has_point(&run->summaries[index]) &&
        same_curve(&run->summaries[index], &run->summaries[first]))
      curve->points[curve->count++] = point_of(&run->summaries[index]);
  qsort(curve->points, curve->count, sizeof *curve->points, compare_points);
  for (size_t measure = 0; measure < RESULTS_SCALING_MEASURES; measure++)
    curve->fits[measure] =
        results_scaling_fit_of(curve->points, curve->count, (enum results_scaling_measure)measure);
  return 0;
}

int results_scaling_derive(const struct results_run *run, struct results_scaling *scaling) {
  int status = 0;
  *scaling =
      (struct results_scaling){.curves = calloc(run->summary_count + 1, sizeof *scaling->curves)};
  if (!scaling->curves)
    return -ENOMEM;
  for (size_t index = 0; !status && index < run->summary_count; index++) {
    struct results_scaling_curve *curve = &scaling->curves[scaling->count];
    if (!begins_curve(run, index))
      continue;
    status = make_curve(run, index, curve);
    if (!status && is_wide_enough(curve))
      scaling->count++;
    else
      free(curve->points);
  }
  if (status)
    results_scaling_finish(scaling);
  return status;
}

void results_scaling_finish(struct results_scaling *scaling) {
  for (size_t index = 0; index < scaling->count; index++)
    free(scaling->curves[index].points);
  free(scaling->curves);
  *scaling = (struct results_scaling){0};
}
