/* The table of leak pairs; leak_pairs.h says what is looked at. */
#include "results/table_leaks.h"
#include "results/grid.h"
#include "results/leak_pairs.h"
#include "results/order.h"
#include "results/units.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { UNEXPECTED_SHOWN = 12, GAP = 2 };

static const char first_column[] = "collector";
static const char legend[] =
    "limit: ran out of memory, which a leak comes to; rises: what cycles find live, or external "
    "memory, rises to the end; flat: neither does; few: cycles, too few to tell. Several trials: "
    "how "
    "many ended so.";

static const struct results_configuration *configuration_of(const struct results_leak_pair *pair) {
  return &pair->summary->first.configuration;
}

/* "limit"; "flat 2, rises 1" of several that differ. */
static void end_text(const struct results_leak_pair *pair, struct table_line *line) {
  size_t kinds = 0;
  line->used = 0;
  for (size_t end = 0; end < RESULTS_PAIR_ENDS; end++)
    kinds += pair->ends[end] > 0;
  for (size_t end = 0; end < RESULTS_PAIR_ENDS; end++) {
    if (pair->ends[end] == 0)
      continue;
    table_put(line, "%s%s", line->used > 0 ? ", " : "", results_pair_end_names[end]);
    if (kinds > 1)
      table_put(line, " %" PRIu64, pair->ends[end]);
  }
}

/* --- rows and columns --------------------------------------------------------------------------
 */

/* What differs between configurations of a collector: a row's name has it only then. */
struct row_form {
  bool has_barrier, has_heap;
};

static struct row_form form_of(const struct results_leak_pairs *pairs) {
  struct row_form form = {false, false};
  for (size_t i = 0; i < pairs->count; i++)
    for (size_t j = 0; j < i; j++) {
      const struct results_configuration *left = configuration_of(&pairs->items[i]);
      const struct results_configuration *right = configuration_of(&pairs->items[j]);
      form.has_heap |= left->heap_bytes != right->heap_bytes;
      form.has_barrier |= strcmp(left->collector.text, right->collector.text) == 0 &&
                          strcmp(left->barrier.text, right->barrier.text) != 0;
    }
  return form;
}

static void name_row(const struct results_leak_pair *pair, const struct row_form *form,
                     char name[RESULTS_GRID_CELL]) {
  const struct results_configuration *configuration = configuration_of(pair);
  struct table_line line = {.used = 0};
  table_put(&line, "%s", configuration->collector.text);
  if (form->has_barrier)
    table_put(&line, " %s", configuration->barrier.text);
  if (form->has_heap)
    table_put(&line, " %s", results_text_size(configuration->heap_bytes).text);
  if (pair->summary->strategy_label[0])
    table_put(&line, " %s", pair->summary->strategy_label);
  snprintf(name, RESULTS_GRID_CELL, "%.*s", RESULTS_GRID_CELL - 1, line.text);
}

/* Its row; grid->row_count when there is none yet. */
static size_t row_of(const struct results_grid *grid, const char *name) {
  size_t row = 0;
  while (row < grid->row_count && strcmp(grid->cells[row * grid->column_count], name) != 0)
    row++;
  return row;
}

static size_t column_of(const struct results_grid *grid, const struct results_leak_pair *pair) {
  const char *variant = results_pair_variant_names[pair->variant];
  size_t column = 1;
  while (column < grid->column_count && (strcmp(grid->columns[column].group, pair->pair) != 0 ||
                                         strcmp(grid->columns[column].name, variant) != 0))
    column++;
  return column;
}

static void add_columns(struct results_grid *grid, const struct results_leak_pairs *pairs) {
  results_grid_add_column(grid, "", first_column);
  for (size_t i = 0; i < pairs->count; i++) {
    const char *name = pairs->items[i].pair;
    if (i > 0 && strcmp(name, pairs->items[i - 1].pair) == 0)
      continue;
    for (size_t variant = 0; variant < RESULTS_PAIR_VARIANTS; variant++)
      results_grid_add_column(grid, name, results_pair_variant_names[variant]);
  }
}

/* Collectors as their list has them. */
static int compare_by_collector(const void *left, const void *right) {
  const struct results_leak_pair *first = *(const struct results_leak_pair *const *)left;
  const struct results_leak_pair *second = *(const struct results_leak_pair *const *)right;
  size_t first_place = results_collector_place(configuration_of(first)->collector.text);
  size_t second_place = results_collector_place(configuration_of(second)->collector.text);
  if (first_place != second_place)
    return first_place < second_place ? -1 : 1;
  return (first > second) * 2 - 1;
}

/* --- cells -------------------------------------------------------------------------------------
 */

static void fill_cell(struct results_grid *grid, size_t row, const struct results_leak_pair *pair) {
  struct table_line line;
  size_t column = column_of(grid, pair);
  if (grid->has_failed || row >= grid->row_count || column >= grid->column_count)
    return;
  char *cell = grid->cells[row * grid->column_count + column];
  end_text(pair, &line);
  if (!cell[0] || !results_leak_pair_is_expected(pair))
    snprintf(cell, RESULTS_GRID_CELL, "%.*s", RESULTS_GRID_CELL - 1, line.text);
}

static void fill_grid(struct results_grid *grid, const struct results_leak_pairs *pairs) {
  struct row_form form = form_of(pairs);
  const struct results_leak_pair **ordered = malloc((pairs->count + 1) * sizeof *ordered);
  grid->has_failed = ordered == NULL;
  add_columns(grid, pairs);
  for (size_t i = 0; ordered && i < pairs->count; i++)
    ordered[i] = &pairs->items[i];
  if (ordered && pairs->count > 1)
    qsort(ordered, pairs->count, sizeof *ordered, compare_by_collector);
  for (size_t i = 0; ordered && i < pairs->count; i++) {
    char name[RESULTS_GRID_CELL];
    name_row(ordered[i], &form, name);
    size_t row = row_of(grid, name);
    if (row == grid->row_count) {
      results_grid_add_row(grid);
      results_grid_set(grid, 0, name);
    }
    fill_cell(grid, row, ordered[i]);
  }
  free(ordered);
}

/* --- the verdict -------------------------------------------------------------------------------
 */

static void print_unexpected(const struct table_page *page,
                             const struct results_leak_pairs *pairs) {
  size_t shown = 0, unexpected = 0;
  for (size_t i = 0; i < pairs->count; i++) {
    const struct results_leak_pair *pair = &pairs->items[i];
    struct table_line line = {.used = 0}, end;
    if (results_leak_pair_is_expected(pair) || ++unexpected > UNEXPECTED_SHOWN)
      continue;
    shown++;
    end_text(pair, &end);
    table_put(&line, "! %s %s under %s: %s", pair->pair, results_pair_variant_names[pair->variant],
              configuration_of(pair)->collector.text, end.text);
    table_paragraph(page, TABLE_INDENT, TABLE_BOLD, line.text);
  }
  if (unexpected > shown) {
    struct table_line line = {.used = 0};
    table_put(&line, "! and %zu more", unexpected - shown);
    table_paragraph(page, TABLE_INDENT, TABLE_BOLD, line.text);
  }
}

/* "leaks: 22 of 22 leaky configurations reached their limit (20) or rise (2); 22 of 22 fixed ones are
 * flat". */
static void print_verdict(const struct table_page *page, const struct results_leak_pairs *pairs) {
  uint64_t counts[RESULTS_PAIR_VARIANTS] = {0}, expected[RESULTS_PAIR_VARIANTS] = {0}, rising = 0;
  for (size_t i = 0; i < pairs->count; i++) {
    const struct results_leak_pair *pair = &pairs->items[i];
    bool is_expected = results_leak_pair_is_expected(pair);
    counts[pair->variant]++;
    expected[pair->variant] += is_expected;
    rising +=
        is_expected && pair->variant == RESULTS_PAIR_LEAKY && pair->ends[RESULTS_PAIR_RISES] > 0;
  }
  struct table_line line = {.used = 0};
  table_put(&line, "leaks: %" PRIu64 " of %" PRIu64 " leaky configurations reached their limit",
            expected[RESULTS_PAIR_LEAKY], counts[RESULTS_PAIR_LEAKY]);
  if (rising > 0)
    table_put(&line, " or rise (%" PRIu64 ")", rising);
  table_put(&line, "; %" PRIu64 " of %" PRIu64 " fixed ones are flat", expected[RESULTS_PAIR_FIXED],
            counts[RESULTS_PAIR_FIXED]);
  table_paragraph(page, 0, TABLE_BOLD, line.text);
}

/* --- pages -------------------------------------------------------------------------------------
 */

/* The items of the pair that `first` belongs to. */
static size_t pair_end(const struct results_leak_pairs *pairs, size_t first) {
  size_t end = first + 1;
  while (end < pairs->count && strcmp(pairs->items[end].pair, pairs->items[first].pair) == 0)
    end++;
  return end;
}

/* Of its columns in a grid. */
static size_t pair_width(const struct results_leak_pairs *pairs, size_t first) {
  size_t widths[RESULTS_PAIR_VARIANTS], name_width = GAP + strlen(pairs->items[first].pair);
  size_t width = RESULTS_PAIR_VARIANTS * GAP;
  for (size_t variant = 0; variant < RESULTS_PAIR_VARIANTS; variant++)
    widths[variant] = strlen(results_pair_variant_names[variant]);
  for (size_t i = first; i < pair_end(pairs, first); i++) {
    struct table_line line;
    size_t *widest = &widths[pairs->items[i].variant];
    end_text(&pairs->items[i], &line);
    *widest = line.used > *widest ? line.used : *widest;
  }
  for (size_t variant = 0; variant < RESULTS_PAIR_VARIANTS; variant++)
    width += widths[variant];
  return width > name_width ? width : name_width;
}

static size_t name_width(const struct results_leak_pairs *pairs) {
  struct row_form form = form_of(pairs);
  size_t width = strlen(first_column);
  for (size_t i = 0; i < pairs->count; i++) {
    char name[RESULTS_GRID_CELL];
    name_row(&pairs->items[i], &form, name);
    width = strlen(name) > width ? strlen(name) : width;
  }
  return width + GAP;
}

/* As many pairs side by side as the page has room for, the others below them. */
static void print_grids(const struct table_page *page, const struct results_leak_pairs *pairs) {
  size_t names = name_width(pairs);
  for (size_t first = 0, end; first < pairs->count; first = end) {
    struct results_grid grid = {0};
    size_t width = names + pair_width(pairs, first);
    end = pair_end(pairs, first);
    while (end < pairs->count && width + pair_width(pairs, end) <= page->columns) {
      width += pair_width(pairs, end);
      end = pair_end(pairs, end);
    }
    struct results_leak_pairs part = {.items = pairs->items + first, .count = end - first};
    fill_grid(&grid, &part);
    results_grid_print(&grid, page);
    results_grid_finish(&grid);
  }
}

void results_table_leaks_print(const struct table_page *page, const struct results_run *run) {
  struct results_leak_pairs pairs;
  struct table_line title = {.used = 0};
  if (results_leak_pairs_derive(run, &pairs))
    return;
  if (pairs.count > 0) {
    table_put(&title, "\nLeaks");
    table_end_line(page, &title, TABLE_BOLD);
    print_grids(page, &pairs);
    table_paragraph(page, 0, TABLE_DIM, legend);
    print_unexpected(page, &pairs);
    print_verdict(page, &pairs);
  }
  results_leak_pairs_finish(&pairs);
}
