/* Plots with a panel per workload and heap, and a series per collector; plot_canvas.h declares the
 * parts that differ between them. */
#include "results/plot_canvas.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

static bool has_block(const size_t *blocks, size_t first, size_t end) {
  for (size_t index = first; index < end; index++)
    if (blocks[index] != SIZE_MAX)
      return true;
  return false;
}

static void put_panel(struct plot *plot, const struct plot_curves *curves, size_t panel,
                      size_t first, const size_t *blocks, size_t floor_block) {
  const struct results_run *run = plot->run;
  char title[RESULTS_TEXT_SIZE];
  plot_group_title(title, sizeof title, &run->summaries[first]);
  struct plot_titles titles = {.panel = title, .x = curves->x_title, .y = curves->y_title};
  plot_panel(plot, panel, &titles);
  fputs("plot ", plot->script);
  if (floor_block != SIZE_MAX) {
    struct plot_series series = {.summary = results_run_floor(run),
                                 .name = "platform floor",
                                 .color = RESULTS_FLOOR_COLOR,
                                 .dash = 1,
                                 .block = floor_block,
                                 .is_floor = true};
    curves->series(plot, &series);
  }
  bool is_first = floor_block == SIZE_MAX;
  for (size_t index = first, end = results_run_group_end(run, first); index < end; index++) {
    if (blocks[index] == SIZE_MAX)
      continue;
    const struct plot_look *look = plot_look_of(plot, &run->summaries[index]);
    struct plot_series series = {.summary = &run->summaries[index],
                                 .name = look->name,
                                 .color = look->color,
                                 .dash = look->dash,
                                 .point = results_marker_point(look->marker),
                                 .block = blocks[index]};
    fputs(is_first ? "" : ", \\\n  ", plot->script);
    curves->series(plot, &series);
    is_first = false;
  }
  fputs("\n", plot->script);
}

static void put_panels(struct plot *plot, const struct plot_curves *curves, const size_t *blocks,
                       size_t floor_block) {
  const struct results_run *run = plot->run;
  size_t panel = 0;
  for (size_t first = 0; first < run->summary_count; first = results_run_group_end(run, first))
    if (has_block(blocks, first, results_run_group_end(run, first)))
      put_panel(plot, curves, panel++, first, blocks, floor_block);
}

int plot_draw_curves(struct plot *plot, const struct plot_curves *curves) {
  const struct results_run *run = plot->run;
  const struct results_summary *floor_summary = results_run_floor(run);
  struct plot_extent extent = {INFINITY, 0, INFINITY, 0};
  size_t *blocks = malloc((run->summary_count + 1) * sizeof *blocks), panel_count = 0;
  if (!blocks)
    return -ENOMEM;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    bool is_series = !results_is_floor(summary) && plot_is_wanted(plot, summary);
    blocks[index] = is_series ? curves->block(plot, summary, &extent) : SIZE_MAX;
    if (blocks[index] != SIZE_MAX)
      plot_look_of(plot, summary)->is_drawn = true;
  }
  for (size_t first = 0; first < run->summary_count; first = results_run_group_end(run, first))
    panel_count += has_block(blocks, first, results_run_group_end(run, first));
  if (panel_count > 0) {
    size_t floor_block = floor_summary ? curves->block(plot, floor_summary, &extent) : SIZE_MAX;
    plot_grid(plot, panel_count, 0);
    plot_begin(plot, curves->title, curves->note);
    curves->axes(plot, &extent);
    put_panels(plot, curves, blocks, floor_block);
    plot_end(plot);
  }
  free(blocks);
  return panel_count ? 0 : -ENODATA;
}

void plot_put_solid_and_dotted(struct plot *plot, const struct plot_series *series,
                               double point_size) {
  if (plot->request->target == RESULTS_PLOT_TERMINAL)
    fprintf(plot->script, "%s index %zu using 1:2 with linespoints title '%s'", plot->source,
            series->block, series->name);
  else
    fprintf(plot->script,
            "%s index %zu using 1:2 with linespoints lc rgb '%s' lw 2 dt %u pt %u ps %.1f, "
            "\\\n  %s index %zu using 1:3 with lines lc rgb '%s' lw 1.6 dt '.'",
            plot->source, series->block, series->color, series->dash, series->point, point_size,
            plot->source, series->block, series->color);
}
