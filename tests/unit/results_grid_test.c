/* Tables of texts: aligned under the titles of their groups, as paragraphs where a page is narrow,
 * and as Markdown. */
#include "results/grid.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct results_grid *grid) {
  results_grid_add_column(grid, "", "name");
  results_grid_add_column(grid, "", "wall");
  results_grid_add_column(grid, "a title longer than its columns", "mark");
  results_grid_add_column(grid, "a title longer than its columns", "sweep");
  results_grid_add_column(grid, "b", "x");
  results_grid_add_row(grid);
  results_grid_set(grid, 0, "stw|card");
  results_grid_set(grid, 1, "1.00 s");
  results_grid_set(grid, 3, "2 ms");
  results_grid_add_row(grid);
  results_grid_set(grid, 0, "lazy");
  results_grid_set(grid, 4, "12.3 us");
  assert_false(grid->has_failed);
}

static char *printed(size_t columns) {
  struct results_grid grid = {0};
  char *text = NULL;
  size_t size;
  fill(&grid);
  FILE *stream = open_memstream(&text, &size);
  struct table_page page = {.stream = stream, .columns = columns};
  if (columns)
    results_grid_print(&grid, &page);
  else
    results_grid_print_markdown(&grid, stream);
  fclose(stream);
  results_grid_finish(&grid);
  return text;
}

static void assert_printed(size_t columns, const char *expected) {
  char *text = printed(columns);
  assert_string_equal(text, expected);
  free(text);
}

static void columns_stand_under_their_titles(void **state) {
  (void)state;
  assert_printed(70, "                    a title longer than its columns        b\n"
                     "  name        wall  mark                      sweep        x\n"
                     "  stw|card  1.00 s                             2 ms\n"
                     "  lazy                                               12.3 us\n");
}

static void narrow_pages_have_paragraphs(void **state) {
  (void)state;
  assert_printed(58, "  stw|card: wall 1.00 s; a title longer than its columns:\n"
                     "    sweep 2 ms\n"
                     "  lazy: b: x 12.3 us\n");
}

static void markdown_is_a_table(void **state) {
  (void)state;
  assert_printed(0, "| name | wall | a title longer than its columns: mark | "
                    "a title longer than its columns: sweep | b: x |\n"
                    "|---|---:|---:|---:|---:|\n"
                    "| stw\\|card | 1.00 s |  | 2 ms |  |\n"
                    "| lazy |  |  |  | 12.3 us |\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_stand_under_their_titles),
      cmocka_unit_test(narrow_pages_have_paragraphs),
      cmocka_unit_test(markdown_is_a_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
