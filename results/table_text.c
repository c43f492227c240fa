/* Lines, rules and paragraphs; table_text.h says what they are. */
#include "results/table_text.h"
#include <stdarg.h>
#include <string.h>

static const char *const style_codes[] = {
    [TABLE_PLAIN] = "", [TABLE_BOLD] = "\033[1m", [TABLE_DIM] = "\033[2m"};

void table_put(struct table_line *line, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length =
      vsnprintf(line->text + line->used, sizeof line->text - line->used, format, arguments);
  va_end(arguments);
  if (length > 0)
    line->used += (size_t)length;
  if (line->used >= sizeof line->text)
    line->used = sizeof line->text - 1;
}

void table_left(struct table_line *line, int width, const char *text) {
  table_put(line, "%-*s", width, text);
}

void table_right(struct table_line *line, int width, const char *text) {
  table_put(line, "%*s", width, text);
}

void table_end_line(const struct table_page *page, struct table_line *line,
                    enum table_style style) {
  while (line->used > 0 && line->text[line->used - 1] == ' ')
    line->used--;
  bool is_styled = page->is_styled && style != TABLE_PLAIN;
  fprintf(page->stream, "%s%.*s%s\n", is_styled ? style_codes[style] : "", (int)line->used,
          line->text, is_styled ? "\033[0m" : "");
  line->used = 0;
}

void table_rule(const struct table_page *page) {
  for (size_t column = 0; column < page->columns; column++)
    fputs(page->is_styled ? "\u2500" : "-", page->stream);
  putc('\n', page->stream);
}

void table_paragraph(const struct table_page *page, int from, enum table_style style,
                     const char *text) {
  struct table_line line = {.used = 0};
  table_left(&line, from, "");
  size_t limit = page->columns < 60 ? 60 : page->columns;
  bool is_first = true;
  while (*text) {
    size_t length = strcspn(text, " ");
    if (!is_first && line.used + length + 1 > limit) {
      table_end_line(page, &line, style);
      table_left(&line, from ? from + TABLE_INDENT : 0, "");
      is_first = true;
    }
    table_put(&line, "%s%.*s", is_first ? "" : " ", (int)length, text);
    is_first = false;
    text += length;
    text += strspn(text, " ");
  }
  table_end_line(page, &line, style);
}
