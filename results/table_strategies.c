/* The table of strategies; strategies.h says how they are compared. */
#include "results/table_strategies.h"
#include "results/file.h"
#include "results/grid.h"
#include "results/units.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const char legend[] =
    "Wall, CPU and peak heap: geometric mean over the workloads of the ratio to the baseline. "
    "Pauses, mmu and utilisation: of the worst workload; \"largest, own\": the largest of pauses "
    "other than plain scavenges, on the critical path, less the scavenge in them. Barrier alone: "
    "wall time under it when nothing is collected, over that without a barrier, where the run has "
    "such trials (--barrier-costs). \"-\": not measured.";

enum columns {
  column_name,
  column_wall,
  column_cpu,
  column_peak,
  column_p99,
  column_largest,
  column_own,
  column_mmu_1ms,
  column_mmu_10ms,
  column_mmu_50ms,
  column_utilisation,
  column_barrier,
  column_count
};

static struct results_unit_text text_factor(double ratio) {
  struct results_unit_text result;
  if (isnan(ratio))
    strcpy(result.text, "-");
  else
    snprintf(result.text, sizeof result.text, ratio < 9.995 ? "%.2f" : "%.1f", ratio);
  return result;
}

static const char *collector_of(const struct results_strategy *strategy) {
  return strategy->summary->first.configuration.collector.text;
}

static void add_columns(struct results_grid *grid, const struct results_strategies *table) {
  char ratios[RESULTS_GRID_CELL];
  snprintf(ratios, sizeof ratios, "over %.60s", collector_of(&table->items[table->baseline]));
  const struct results_grid_column columns[column_count] = {
      [column_name] = {"", "strategy, barrier"},
      [column_wall] = {"", "wall"},
      [column_cpu] = {"", "CPU"},
      [column_peak] = {"", "peak heap"},
      [column_p99] = {"pauses", "p99"},
      [column_largest] = {"pauses", "largest"},
      [column_own] = {"pauses", "largest, own"},
      [column_mmu_1ms] = {"mmu", "1 ms"},
      [column_mmu_10ms] = {"mmu", "10 ms"},
      [column_mmu_50ms] = {"mmu", "50 ms"},
      [column_utilisation] = {"", "utilisation"},
      [column_barrier] = {"", "barrier alone"},
  };
  for (size_t index = 0; index < column_count; index++) {
    bool is_ratio = index == column_wall || index == column_cpu || index == column_peak;
    results_grid_add_column(grid, is_ratio ? ratios : columns[index].group, columns[index].name);
  }
}

static void add_row(struct results_grid *grid, const struct results_strategy *strategy) {
  const struct results_summary *summary = strategy->summary;
  struct results_grid_name name =
      results_grid_name(&summary->first.configuration, summary->strategy_label);
  results_grid_add_row(grid);
  results_grid_set(grid, column_name, name.text);
  results_grid_set(grid, column_wall, text_factor(strategy->wall_ratio).text);
  results_grid_set(grid, column_cpu, text_factor(strategy->cpu_ratio).text);
  results_grid_set(grid, column_peak, text_factor(strategy->peak_heap_ratio).text);
  results_grid_set(grid, column_p99, results_text_ns(strategy->p99_ns).text);
  results_grid_set(grid, column_largest, results_text_ns(strategy->largest_ns).text);
  results_grid_set(grid, column_own, results_text_ns(strategy->own_largest_ns).text);
  results_grid_set(grid, column_mmu_1ms, results_text_ratio(strategy->mmu_1ms).text);
  results_grid_set(grid, column_mmu_10ms, results_text_ratio(strategy->mmu_10ms).text);
  results_grid_set(grid, column_mmu_50ms, results_text_ratio(strategy->mmu_50ms).text);
  results_grid_set(grid, column_utilisation, results_text_ratio(strategy->utilisation).text);
  results_grid_set(grid, column_barrier, text_factor(strategy->barrier_ratio).text);
}

static void fill_grid(struct results_grid *grid, const struct results_strategies *table) {
  add_columns(grid, table);
  for (size_t index = 0; table->workload_count && index < table->count; index++)
    add_row(grid, &table->items[index]);
}

/* "heap 3x, over gcbench, lru_cache" */
static void title_of(const struct results_strategies *table, char *title, size_t title_size) {
  const struct results_configuration *configuration = &table->heap->first.configuration;
  size_t used;
  if (isnan(configuration->heap_multiple))
    used = (size_t)snprintf(title, title_size, "heap %s",
                            results_text_size(configuration->heap_bytes).text);
  else
    used = (size_t)snprintf(title, title_size, "heap %.4gx", configuration->heap_multiple);
  for (size_t index = 0; index < table->workload_count && used < title_size; index++)
    used += (size_t)snprintf(title + used, title_size - used, "%s %s", index ? "," : ", over",
                             table->workloads[index]);
}

static void left_out_of(const struct results_strategies *table, char *text, size_t text_size) {
  size_t used = (size_t)snprintf(text, text_size, "%s", table->left_out_count ? "Left out:" : "");
  for (size_t index = 0; index < table->left_out_count && used < text_size; index++)
    used += (size_t)snprintf(text + used, text_size - used, "%s %s", index ? "," : "",
                             table->left_out[index]);
  if (table->workload_count == 0 && used < text_size)
    snprintf(text + used, text_size - used, "%sno workload was finished by every strategy.",
             used ? ". There is nothing to compare: " : "");
}

static void print_table(const struct table_page *page, const struct results_strategies *table) {
  struct results_grid grid = {0};
  char title[2 * RESULTS_TEXT_SIZE], left_out[4 * RESULTS_TEXT_SIZE];
  title_of(table, title, sizeof title);
  left_out_of(table, left_out, sizeof left_out);
  table_paragraph(page, 0, TABLE_BOLD, title);
  fill_grid(&grid, table);
  if (grid.row_count)
    results_grid_print(&grid, page);
  if (left_out[0])
    table_paragraph(page, TABLE_INDENT, TABLE_BOLD, left_out);
  results_grid_finish(&grid);
}

void results_table_strategies_print(const struct table_page *page, const struct results_run *run) {
  struct results_strategies_list list;
  struct table_line line = {.used = 0};
  if (results_strategies_derive(run, &list))
    return;
  if (list.count) {
    table_put(&line, "\nStrategies");
    table_end_line(page, &line, TABLE_BOLD);
    for (size_t index = 0; index < list.count; index++)
      print_table(page, &list.items[index]);
    table_paragraph(page, 0, TABLE_DIM, legend);
  }
  results_strategies_finish(&list);
}

/* --- Markdown ----------------------------------------------------------------------------------
 */

static void print_markdown(FILE *stream, const struct results_strategies_list *list,
                           bool is_quick) {
  for (size_t index = 0; index < list->count; index++) {
    struct results_grid grid = {0};
    char title[2 * RESULTS_TEXT_SIZE], left_out[4 * RESULTS_TEXT_SIZE];
    title_of(&list->items[index], title, sizeof title);
    left_out_of(&list->items[index], left_out, sizeof left_out);
    fprintf(stream, "%sStrategies, %s.\n\n", index ? "\n" : "", title);
    fill_grid(&grid, &list->items[index]);
    if (grid.row_count)
      results_grid_print_markdown(&grid, stream);
    if (left_out[0])
      fprintf(stream, "\n%s\n", left_out);
    results_grid_finish(&grid);
  }
  fprintf(stream, "\n%s%s\n", legend, is_quick ? " Quick parameters: not for conclusions." : "");
}

int results_strategies_write(const char *path, const struct results_run *run, char *error,
                             size_t error_size) {
  struct results_strategies_list list;
  struct results_file file;
  if (results_strategies_derive(run, &list))
    return results_fail(-ENOMEM, error, error_size, "%s: out of memory", path);
  int status = 0;
  if (list.count == 0) {
    unlink(path);
  } else {
    status = results_file_create(&file, path, error, error_size);
    if (!status) {
      print_markdown(file.stream, &list, run->is_quick);
      status = results_file_commit(&file, error, error_size);
    }
  }
  results_strategies_finish(&list);
  return status;
}
