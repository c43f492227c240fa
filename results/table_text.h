/* Text on a page of a given width: lines of cells, rules, wrapped paragraphs.
 *
 * Cells are ASCII, so that a byte is a column. Styles appear only on a page that has them.
 */
#ifndef RESULTS_TABLE_TEXT_H
#define RESULTS_TABLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_page {
  FILE *stream;
  size_t columns;
  bool is_styled;
};

enum table_style { TABLE_PLAIN, TABLE_BOLD, TABLE_DIM };

enum { TABLE_LINE_SIZE = 1024, TABLE_INDENT = 2 };
struct table_line {
  char text[TABLE_LINE_SIZE]; /* what does not fit is cut */
  size_t used;
};

void table_put(struct table_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void table_left(struct table_line *line, int width, const char *text);
void table_right(struct table_line *line, int width, const char *text);

/* Prints the line without the spaces at its end, and empties it. */
void table_end_line(const struct table_page *page, struct table_line *line, enum table_style style);

/* As wide as the page. */
void table_rule(const struct table_page *page);

/* Wraps at spaces, `from` columns from the left; lines after the first two columns further where
 * `from` is not 0. */
void table_paragraph(const struct table_page *page, int from, enum table_style style,
                     const char *text);

#endif
