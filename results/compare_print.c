/* The tables of a comparison; compare.h says what is compared. */
#include "results/compare.h"
#include "results/grid.h"
#include "results/table.h"
#include "results/units.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  column_measure,
  column_first,
  column_second,
  column_ratio,
  column_interval,
  column_pairs,
  column_verdict,
  column_count
};

static const char *const column_names[column_count] = {
    "measure", "A", "B", "B/A", "95 % interval", "pairs", "verdict on B"};

static struct results_unit_text text_value(double value, enum results_measure measure) {
  const char *unit = results_measure_units[measure];
  if (strcmp(unit, "ns") == 0)
    return results_text_ns(value);
  return strcmp(unit, "bytes") == 0 ? results_text_bytes(value) : results_text_ratio(value);
}

static struct results_unit_text text_factor(double factor) {
  struct results_unit_text text = {"-"};
  if (!isnan(factor))
    snprintf(text.text, sizeof text.text, "%.*f",
             factor < 9.9995   ? 3
             : factor < 99.995 ? 2
                               : 0,
             factor);
  return text;
}

static void add_row(struct results_grid *grid, const struct results_compared *compared,
                    enum results_measure measure, size_t tested) {
  char interval[RESULTS_GRID_CELL] = "-", pairs[32];
  if (!isnan(compared->ratio.low))
    snprintf(interval, sizeof interval, "[%s, %s]", text_factor(compared->ratio.low).text,
             text_factor(compared->ratio.high).text);
  snprintf(pairs, sizeof pairs, "%zu", compared->pairs);
  results_grid_add_row(grid);
  results_grid_set(grid, column_measure, results_measure_titles[measure]);
  results_grid_set(grid, column_first, text_value(compared->first, measure).text);
  results_grid_set(grid, column_second, text_value(compared->second, measure).text);
  results_grid_set(grid, column_ratio, text_factor(compared->ratio.estimate).text);
  results_grid_set(grid, column_interval, interval);
  results_grid_set(grid, column_pairs, pairs);
  results_grid_set(grid, column_verdict, results_verdict_words(compared, tested).text);
}

/* Requests of a workload that has none, a percentile that neither side's samples support. */
static bool is_known(const struct results_compared *compared) {
  return compared->verdict != RESULTS_NOT_KNOWN || !isnan(compared->first) ||
         !isnan(compared->second);
}

static void print_grid(const struct table_page *page, const struct results_compared *measures,
                       size_t tested) {
  struct results_grid grid = {0};
  for (size_t column = 0; column < column_count; column++)
    results_grid_add_column(&grid, "", column_names[column]);
  for (enum results_measure measure = 0; measure < RESULTS_MEASURE_COUNT; measure++)
    if (measures[measure].is_chosen && is_known(&measures[measure]))
      add_row(&grid, &measures[measure], measure, tested);
  results_grid_print(&grid, page);
  results_grid_finish(&grid);
}

/* "gcbench, heap 51M (3x), nursery_bytes=1048576" */
static void print_title(const struct table_page *page, const struct results_compared_pair *pair) {
  const struct results_configuration *first = &pair->first->first.configuration;
  const struct results_configuration *second = &pair->second->first.configuration;
  char title[8 * RESULTS_TEXT_SIZE], multiple[32] = "";
  if (!isnan(first->heap_multiple))
    snprintf(multiple, sizeof multiple, " (%.4gx)", first->heap_multiple);
  snprintf(title, sizeof title, "%s, heap %s%s: A %s %s%s%s, B %s %s%s%s", first->workload.text,
           results_text_size(first->heap_bytes).text, multiple, first->collector.text,
           first->barrier.text, pair->first->label[0] ? " " : "", pair->first->label,
           second->collector.text, second->barrier.text, pair->second->label[0] ? " " : "",
           pair->second->label);
  table_paragraph(page, 0, TABLE_BOLD, title);
}

static void print_side(const struct table_page *page, const char *letter,
                       const struct results_side *side) {
  char text[PATH_MAX + 4 * RESULTS_TEXT_SIZE];
  snprintf(text, sizeof text, "%s: %s%s%s%s%s", letter, side->run->directory,
           side->collector ? ", collector " : "", side->collector ? side->collector : "",
           side->barrier ? ", barrier " : "", side->barrier ? side->barrier : "");
  table_paragraph(page, 0, TABLE_PLAIN, text);
}

static void print_basis(const struct table_page *page, const struct results_comparison *comparison,
                        bool is_quick) {
  char text[4 * RESULTS_TEXT_SIZE];
  snprintf(
      text, sizeof text,
      "%zu measure%s tested together (Holm, %.0f %%): %zu called worse, %zu better. Medians over "
      "invocations; B/A is the geometric mean of the ratios of paired invocations, of mmu and "
      "utilisation of what was taken, so that above 1 is worse everywhere. What neither side "
      "knows has no row: a percentile needs %d samples beyond it in each invocation.%s",
      comparison->tested, comparison->tested == 1 ? "" : "s", 100 * RESULTS_ERROR_CHANCE,
      comparison->worse, comparison->better, RESULTS_SAMPLES_BEYOND,
      is_quick ? " Quick parameters: not for conclusions." : "");
  table_paragraph(page, 0, TABLE_DIM, text);
  if (comparison->too_few == 0)
    return;
  snprintf(
      text, sizeof text,
      "Too few to call: a verdict and an interval need %d invocations that both sides finished "
      "and that have the measure.",
      RESULTS_CALLED_FROM);
  table_paragraph(page, 0, TABLE_BOLD, text);
}

void results_comparison_print(FILE *stream, const struct results_comparison_request *request,
                              const struct results_comparison *comparison) {
  struct table_page page = {.stream = stream,
                            .columns = results_columns_of(stream),
                            .is_styled = results_style_of(stream) == RESULTS_TABLE_STYLED};
  print_side(&page, "A", &request->first);
  print_side(&page, "B", &request->second);
  for (size_t index = 0; index < comparison->pair_count; index++) {
    putc('\n', stream);
    print_title(&page, &comparison->pairs[index]);
    print_grid(&page, comparison->pairs[index].measures, comparison->tested);
  }
  if (comparison->pair_count > 1) {
    char title[96];
    snprintf(title, sizeof title, "\nAll %zu together, geometric means", comparison->pair_count);
    table_paragraph(&page, 0, TABLE_BOLD, title);
    print_grid(&page, comparison->overall, comparison->tested);
  }
  putc('\n', stream);
  print_basis(&page, comparison, request->first.run->is_quick);
  for (size_t index = 0; index < comparison->note_count; index++)
    table_paragraph(&page, 0, TABLE_BOLD, comparison->notes[index]);
}
