/* The table of lower-bound overhead; lbo.h has the definitions. */
#include "results/table_lbo.h"
#include "results/grid.h"
#include "results/lbo.h"
#include "results/units.h"
#include <math.h>
#include <string.h>

static void name_of(const struct results_summary *summary, char name[RESULTS_GRID_CELL]) {
  struct results_grid_name full =
      results_grid_name(&summary->first.configuration, summary->strategy_label);
  memcpy(name, full.text, RESULTS_GRID_CELL);
}

static void heap_title(const struct results_lbo_heap *heap, char title[RESULTS_GRID_CELL]) {
  const struct results_configuration *configuration = &heap->strategies->heap->first.configuration;
  if (isnan(configuration->heap_multiple))
    snprintf(title, RESULTS_GRID_CELL, "heap %s",
             results_text_size(configuration->heap_bytes).text);
  else
    snprintf(title, RESULTS_GRID_CELL, "heap %.4gx", configuration->heap_multiple);
}

/* Place of the strategy of that name among the heap's; their count when it did not run. */
static size_t place_of(const struct results_lbo_heap *heap, const char *name) {
  char other[RESULTS_GRID_CELL];
  size_t place = 0;
  for (; place < heap->strategies->count; place++) {
    name_of(heap->strategies->items[place].summary, other);
    if (strcmp(name, other) == 0)
      break;
  }
  return place;
}

static bool is_new(const struct results_lbo *lbo, size_t heap, const char *name) {
  for (size_t index = 0; index < heap; index++)
    if (place_of(&lbo->heaps[index], name) < lbo->heaps[index].strategies->count)
      return false;
  return true;
}

static void add_row(struct results_grid *grid, const struct results_lbo *lbo, const char *name) {
  results_grid_add_row(grid);
  results_grid_set(grid, 0, name);
  for (size_t index = 0; index < lbo->heap_count; index++) {
    const struct results_lbo_heap *heap = &lbo->heaps[index];
    size_t place = place_of(heap, name);
    for (size_t metric = 0; metric < RESULTS_LBO_METRICS; metric++) {
      double ratio = place < heap->strategies->count ? heap->means[metric].ratios[place] : NAN;
      char text[RESULTS_GRID_CELL];
      snprintf(text, sizeof text, ratio < 9.995 ? "%.2f" : "%.1f", ratio);
      results_grid_set(grid, 1 + RESULTS_LBO_METRICS * index + metric, isnan(ratio) ? "-" : text);
    }
  }
}

static void fill_grid(struct results_grid *grid, const struct results_lbo *lbo) {
  char text[RESULTS_GRID_CELL];
  results_grid_add_column(grid, "", "strategy, barrier");
  for (size_t index = 0; index < lbo->heap_count; index++) {
    heap_title(&lbo->heaps[index], text);
    results_grid_add_column(grid, text, "wall");
    results_grid_add_column(grid, text, "CPU");
  }
  for (size_t index = 0; index < lbo->heap_count; index++) {
    const struct results_strategies *strategies = lbo->heaps[index].strategies;
    for (size_t place = 0; place < strategies->count; place++) {
      name_of(strategies->items[place].summary, text);
      if (is_new(lbo, index, text))
        add_row(grid, lbo, text);
    }
  }
}

/* "heap 2x, wall: server (…)" for each set that is not all workloads. */
static void print_left_out(const struct table_page *page, const struct results_lbo *lbo) {
  for (size_t index = 0; index < lbo->heap_count; index++) {
    const struct results_lbo_heap *heap = &lbo->heaps[index];
    char text[4 * RESULTS_TEXT_SIZE], title[RESULTS_GRID_CELL];
    size_t used = 0, count = 0;
    heap_title(heap, title);
    used = (size_t)snprintf(text, sizeof text, "%s leaves out", title);
    for (size_t place = 0; place < heap->strategies->left_out_count && used < sizeof text; place++)
      used += (size_t)snprintf(text + used, sizeof text - used, "%s %s", count++ ? "," : "",
                               heap->strategies->left_out[place]);
    for (size_t metric = 0; metric < RESULTS_LBO_METRICS; metric++)
      for (size_t place = 0; place < heap->means[metric].left_out_count && used < sizeof text;
           place++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %s", count++ ? "," : "",
                                 heap->means[metric].left_out[place]);
    if (count)
      table_paragraph(page, TABLE_INDENT, TABLE_BOLD, text);
  }
}

void results_table_lbo_print(const struct table_page *page, const struct results_run *run) {
  struct results_grid grid = {0};
  struct results_lbo lbo;
  if (results_lbo_derive(run, &lbo))
    return;
  fill_grid(&grid, &lbo);
  if (grid.row_count) {
    struct table_line line = {.used = 0};
    table_put(&line, "\nLower bounds of what collection costs");
    table_end_line(page, &line, TABLE_BOLD);
    results_grid_print(&grid, page);
    print_left_out(page, &lbo);
    table_paragraph(page, 0, TABLE_DIM,
                    "Total over the least distilled cost (total less what is known to be the "
                    "collector's) of any configuration of the workload in this run; geometric mean "
                    "over workloads. The true cost is no less; more configurations bring the bound "
                    "closer.");
  }
  results_grid_finish(&grid);
  results_lbo_finish(&lbo);
}
