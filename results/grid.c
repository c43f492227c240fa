/* Tables of texts; grid.h says what they look like. */
#include "results/grid.h"
#include "results/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { gap = 2, line_room = TABLE_LINE_SIZE - 1 };

/* --- filling -----------------------------------------------------------------------------------
 */

void results_grid_add_column(struct results_grid *grid, const char *group, const char *name) {
  struct results_grid_column *columns =
      realloc(grid->columns, (grid->column_count + 1) * sizeof *columns);
  if (!columns) {
    grid->has_failed = true;
    return;
  }
  grid->columns = columns;
  struct results_grid_column *column = &columns[grid->column_count++];
  snprintf(column->group, sizeof column->group, "%s", group);
  snprintf(column->name, sizeof column->name, "%s", name);
}

void results_grid_add_row(struct results_grid *grid) {
  size_t cells = (grid->row_count + 1) * grid->column_count;
  char(*more)[RESULTS_GRID_CELL] = realloc(grid->cells, cells * sizeof *more);
  if (!more) {
    grid->has_failed = true;
    return;
  }
  grid->cells = more;
  memset(more + grid->row_count * grid->column_count, 0, grid->column_count * sizeof *more);
  grid->row_count++;
}

void results_grid_set(struct results_grid *grid, size_t column, const char *text) {
  if (!grid->has_failed)
    snprintf(grid->cells[(grid->row_count - 1) * grid->column_count + column], RESULTS_GRID_CELL,
             "%s", text);
}

void results_grid_finish(struct results_grid *grid) {
  free(grid->columns);
  free(grid->cells);
  *grid = (struct results_grid){0};
}

static const char *cell(const struct results_grid *grid, size_t row, size_t column) {
  return grid->cells[row * grid->column_count + column];
}

/* --- a terminal --------------------------------------------------------------------------------
 */

static size_t group_end(const struct results_grid *grid, size_t first) {
  size_t end = first + 1;
  while (end < grid->column_count && grid->columns[first].group[0] &&
         strcmp(grid->columns[end].group, grid->columns[first].group) == 0)
    end++;
  return end;
}

/* Of the longest text, with the gap before it; of a group's last column so much that the title fits
 * above the group. */
static size_t column_width(const struct results_grid *grid, size_t column) {
  size_t width = strlen(grid->columns[column].name);
  for (size_t row = 0; row < grid->row_count; row++)
    width = strlen(cell(grid, row, column)) > width ? strlen(cell(grid, row, column)) : width;
  return width + gap;
}

static size_t group_width(const struct results_grid *grid, size_t first) {
  size_t width = 0, title = strlen(grid->columns[first].group) + gap;
  for (size_t column = first; column < group_end(grid, first); column++)
    width += column_width(grid, column);
  return width > title ? width : title;
}

static size_t grid_width(const struct results_grid *grid) {
  size_t width = 0;
  for (size_t first = 0; first < grid->column_count; first = group_end(grid, first))
    width += group_width(grid, first);
  return width;
}

/* Names of columns, or the cells of a row, under their groups. */
static void print_row(const struct results_grid *grid, const struct table_page *page, size_t row,
                      bool is_head) {
  struct table_line line = {.used = 0};
  for (size_t first = 0; first < grid->column_count; first = group_end(grid, first)) {
    size_t end = group_end(grid, first), room = group_width(grid, first);
    for (size_t column = first; column < end; column++) {
      const char *text = is_head ? grid->columns[column].name : cell(grid, row, column);
      size_t width = column + 1 < end ? column_width(grid, column) : room;
      room -= width;
      if (column == 0)
        table_put(&line, "%*s%-*s", gap, "", (int)width - gap, text);
      else
        table_right(&line, (int)width, text);
    }
  }
  table_end_line(page, &line, is_head ? TABLE_DIM : TABLE_PLAIN);
}

static void print_groups(const struct results_grid *grid, const struct table_page *page) {
  struct table_line line = {.used = 0};
  bool is_empty = true;
  for (size_t first = 0; first < grid->column_count; first = group_end(grid, first)) {
    table_right(&line, (int)group_width(grid, first), grid->columns[first].group);
    is_empty &= !grid->columns[first].group[0];
  }
  if (!is_empty)
    table_end_line(page, &line, TABLE_DIM);
}

static void print_paragraph(const struct results_grid *grid, const struct table_page *page,
                            size_t row) {
  char text[TABLE_LINE_SIZE * 2];
  size_t used = (size_t)snprintf(text, sizeof text, "%s:", cell(grid, row, 0));
  const struct results_grid_column *previous = NULL;
  for (size_t column = 1; column < grid->column_count && used < sizeof text; column++) {
    const struct results_grid_column *head = &grid->columns[column];
    if (!cell(grid, row, column)[0])
      continue;
    bool is_new = !previous || strcmp(previous->group, head->group) != 0;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s %s%s%s %s",
                             !previous ? ""
                             : is_new  ? ";"
                                       : ",",
                             is_new ? head->group : "", is_new && head->group[0] ? ": " : "",
                             head->name, cell(grid, row, column));
    previous = head;
  }
  table_paragraph(page, TABLE_INDENT, TABLE_PLAIN, text);
}

struct results_grid_name results_grid_name(const struct results_configuration *configuration,
                                           const char *label) {
  struct results_grid_name name;
  bool is_labelled = label[0] != 0;
  bool is_long = strlen(label) > 20;
  snprintf(name.text, sizeof name.text, "%.*s %.*s%s%.44s", is_long ? 28 : 40,
           configuration->collector.text, is_long ? 20 : 32, configuration->barrier.text,
           is_labelled ? " " : "", label);
  return name;
}

void results_grid_print(const struct results_grid *grid, const struct table_page *page) {
  size_t width = grid_width(grid);
  bool is_wide = width <= page->columns && width < line_room;
  if (is_wide) {
    print_groups(grid, page);
    print_row(grid, page, 0, true);
  }
  for (size_t row = 0; row < grid->row_count; row++) {
    if (is_wide)
      print_row(grid, page, row, false);
    else
      print_paragraph(grid, page, row);
  }
}

/* --- Markdown ----------------------------------------------------------------------------------
 */

/* A bar would begin another cell. */
static void put_markdown(FILE *stream, const char *text) {
  for (; *text; text++)
    fprintf(stream, *text == '|' ? "\\|" : "%c", *text);
}

void results_grid_print_group(const struct results_grid *grid, const struct table_page *page,
                              const struct results_configuration *configuration) {
  struct table_line line = {.used = 0};
  if (grid->row_count == 0)
    return;
  table_put(&line, "%s  heap %s", configuration->workload.text,
            results_text_bytes((double)configuration->heap_bytes).text);
  table_end_line(page, &line, TABLE_BOLD);
  results_grid_print(grid, page);
}

void results_grid_print_markdown(const struct results_grid *grid, FILE *stream) {
  for (size_t column = 0; column < grid->column_count; column++) {
    const struct results_grid_column *head = &grid->columns[column];
    fputs(column ? " | " : "| ", stream);
    put_markdown(stream, head->group);
    fputs(head->group[0] ? ": " : "", stream);
    put_markdown(stream, head->name);
  }
  fputs(" |\n", stream);
  for (size_t column = 0; column < grid->column_count; column++)
    fputs(column ? "---:|" : "|---|", stream);
  fputs("\n", stream);
  for (size_t row = 0; row < grid->row_count; row++) {
    for (size_t column = 0; column < grid->column_count; column++) {
      fputs(column ? " | " : "| ", stream);
      put_markdown(stream, cell(grid, row, column));
    }
    fputs(" |\n", stream);
  }
}
