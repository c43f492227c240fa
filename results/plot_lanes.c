/* Lanes of phases and bands of cycles in a timeline; plot_lanes.h says what they show. */
#include "results/plot_lanes.h"
#include "results/derive.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ns_per_s = 1e9;
static const uint64_t part_count = 1000; /* spans closer than this part of the time are one */

static const char cycle_color[] = "#FBE7C6";
static const char *const lane_colors[PLOT_LANES_MAX] = {"#D55E00", "#009E73", "#0072B2", "#CC79A7",
                                                        "#7A5195", "#882255", "#B8A900", "#444444"};

/* Heights in shares of the axis: of a lane, and of what of it is drawn. */
static const double lane_share = 0.06, drawn_share = 0.045;

/* --- spans -------------------------------------------------------------------------------------
 */

static int compare_spans(const void *left, const void *right) {
  const struct results_span *first = left, *second = right;
  return (first->begin_ns > second->begin_ns) - (first->begin_ns < second->begin_ns);
}

/* Sorts; spans less than `gap_ns` apart become one. Answers how many are left. */
static size_t merge_spans(struct results_span *spans, size_t count, uint64_t gap_ns) {
  size_t kept = 0;
  qsort(spans, count, sizeof *spans, compare_spans);
  for (size_t index = 0; index < count; index++) {
    struct results_span *last = kept ? &spans[kept - 1] : NULL;
    if (!last || spans[index].begin_ns > last->end_ns + gap_ns)
      spans[kept++] = spans[index];
    else if (spans[index].end_ns > last->end_ns)
      last->end_ns = spans[index].end_ns;
  }
  return kept;
}

static double seconds_at(uint64_t time_ns, struct results_span whole) {
  return time_ns > whole.begin_ns ? (double)(time_ns - whole.begin_ns) / ns_per_s : 0;
}

static size_t write_spans(struct plot *plot, const struct results_summary *summary,
                          const char *what, const struct results_span *spans, size_t count,
                          struct results_span whole) {
  size_t block = plot_block(plot, what, summary);
  for (size_t index = 0; index < count; index++)
    fprintf(plot->data, "%.6f %.6f\n", seconds_at(spans[index].begin_ns, whole),
            seconds_at(spans[index].end_ns, whole));
  return block;
}

/* --- cycles ------------------------------------------------------------------------------------
 */

/* Widens the cycle's span; cycles count from 1. */
static void widen(struct results_span *cycles, uint64_t cycle, uint64_t begin_ns, uint64_t end_ns) {
  struct results_span *span = &cycles[cycle];
  if (span->end_ns == 0 || begin_ns < span->begin_ns)
    span->begin_ns = begin_ns;
  if (end_ns > span->end_ns)
    span->end_ns = end_ns;
}

static uint64_t largest_cycle(const struct results_events *events) {
  uint64_t largest = 0;
  for (size_t index = 0; index < events->stop.count; index++)
    largest = events->stop.items[index].cycle > largest ? events->stop.items[index].cycle : largest;
  for (size_t index = 0; index < events->phase.count; index++)
    largest =
        events->phase.items[index].cycle > largest ? events->phase.items[index].cycle : largest;
  return largest;
}

/* A plain scavenge bears the number of the last cycle, under way or not. */
static int find_cycles(const struct results_events *events, struct results_span **spans,
                       size_t *count) {
  uint64_t largest = largest_cycle(events);
  size_t most = events->stop.count + events->phase.count;
  *count = 0;
  if (largest > most) /* no file of ours */
    largest = most;
  struct results_span *cycles = calloc(largest + 1, sizeof *cycles);
  if (!cycles)
    return -ENOMEM;
  for (size_t index = 0; index < events->stop.count; index++) {
    const struct gc_event_stop *stop = &events->stop.items[index];
    if (stop->kind != GC_PAUSE_scavenge && stop->cycle && stop->cycle <= largest)
      widen(cycles, stop->cycle, stop->request_ns, stop->resumed_ns);
  }
  for (size_t index = 0; index < events->phase.count; index++) {
    const struct gc_event_phase *phase = &events->phase.items[index];
    if (phase->stop_id == 0 && phase->cycle && phase->cycle <= largest)
      widen(cycles, phase->cycle, phase->begin_ns, phase->end_ns);
  }
  for (uint64_t cycle = 1; cycle <= largest; cycle++)
    if (cycles[cycle].end_ns)
      cycles[(*count)++] = cycles[cycle];
  *spans = cycles;
  return 0;
}

/* --- lanes -------------------------------------------------------------------------------------
 */

/* A phase's place in the legend is its lane. The legend borrows the summary's text. SIZE_MAX: there
 * is no lane left. */
static size_t lane_of(struct plot *plot, const struct results_summary *summary, const char *phase) {
  for (size_t index = 0; index < summary->phase_count; index++) {
    const char *name = summary->phases[index].name;
    if (strcmp(name, phase) != 0)
      continue;
    if (plot->legend_count < PLOT_LANES_MAX)
      plot_add_legend(plot, name, lane_colors[plot->legend_count]);
    for (size_t lane = 0; lane < plot->legend_count; lane++)
      if (strcmp(plot->legend[lane].name, name) == 0)
        return lane;
  }
  return SIZE_MAX;
}

static void write_lane(struct plot *plot, const struct results_summary *summary,
                       const struct results_events *events, size_t phase, struct results_span whole,
                       struct results_span *spans, struct plot_lanes *lanes) {
  const char *name = events->names.phases[phase];
  size_t count = 0;
  for (size_t index = 0; index < events->phase.count; index++) {
    const struct gc_event_phase *share = &events->phase.items[index];
    if (share->stop_id == 0 && share->phase == phase)
      spans[count++] = (struct results_span){share->begin_ns, share->end_ns};
  }
  size_t lane = count && lanes->count < PLOT_LANES_MAX ? lane_of(plot, summary, name) : SIZE_MAX;
  if (lane == SIZE_MAX)
    return;
  count = merge_spans(spans, count, (whole.end_ns - whole.begin_ns) / part_count);
  lanes->items[lanes->count].block =
      write_spans(plot, summary, "a phase beside the mutators: from, to in s", spans, count, whole);
  lanes->items[lanes->count].lane = lane;
  lanes->items[lanes->count].color = plot->legend[lane].color;
  lanes->count++;
}

int plot_lanes_write_cycles(struct plot *plot, const struct results_summary *summary,
                            const struct results_events *events, struct results_span span,
                            struct plot_lanes *lanes) {
  struct results_span *cycles = NULL;
  size_t count;
  *lanes = (struct plot_lanes){.cycles = SIZE_MAX};
  int status = find_cycles(events, &cycles, &count);
  if (!status && count) {
    count = merge_spans(cycles, count, 0);
    lanes->cycles = write_spans(plot, summary, "cycles: from, to in s", cycles, count, span);
  }
  free(cycles);
  return status;
}

int plot_lanes_write(struct plot *plot, const struct results_summary *summary,
                     const struct results_events *events, struct results_span span,
                     struct plot_lanes *lanes) {
  struct results_span *spans = malloc((events->phase.count + 1) * sizeof *spans);
  int status = plot_lanes_write_cycles(plot, summary, events, span, lanes);
  status = spans ? status : -ENOMEM;
  for (size_t phase = 0; !status && phase < events->names.phase_count; phase++)
    write_lane(plot, summary, events, phase, span, spans, lanes);
  free(spans);
  return status;
}

/* --- the script --------------------------------------------------------------------------------
 */

double plot_lanes_floor(const struct plot *plot, double least, double largest) {
  double share = lane_share * (double)plot->legend_count;
  return largest / pow(largest / least, 1 / (1 - share));
}

/* Boxes over a share of the axis, in numbers that gnuplot computes from columns 1 and 2. */
static void put_boxes(struct plot *plot, size_t block, double low, double high, const char *color) {
  fprintf(plot->script,
          "%s index %zu using (($1+$2)/2):(%.6g):1:2:(%.6g):(%.6g) with boxxyerror fc rgb '%s' "
          "fs solid 1 noborder, \\\n  ",
          plot->source, block, low, low, high, color);
}

void plot_lanes_put_cycles(struct plot *plot, const struct plot_lanes *lanes, double least,
                           double largest) {
  if (lanes->cycles != SIZE_MAX)
    put_boxes(plot, lanes->cycles, least, largest, cycle_color);
}

void plot_lanes_put(struct plot *plot, const struct plot_lanes *lanes, double least,
                    double largest) {
  double range = largest / least;
  plot_lanes_put_cycles(plot, lanes, least, largest);
  for (size_t index = 0; index < lanes->count; index++) {
    double from = lane_share * ((double)lanes->items[index].lane + 0.2);
    put_boxes(plot, lanes->items[index].block, least * pow(range, from),
              least * pow(range, from + drawn_share), lanes->items[index].color);
  }
}
