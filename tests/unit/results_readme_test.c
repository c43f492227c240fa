/* results/README.md names every field, column, figure, status and event with its unit and meaning,
 * as the lists have them: a row that is missing, changed or left over fails.
 *
 * With the argument --print the rows are printed as they should be.
 */
#include "heap/event.h"
#include "results/figures.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { text_size = 1 << 18 };

static void put(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(char *text, const char *format, ...) {
  va_list arguments;
  size_t used = strlen(text);
  va_start(arguments, format);
  vsnprintf(text + used, text_size - used, format, arguments);
  va_end(arguments);
}

static const char table_head[] = "\n| name | unit | meaning |\n| --- | --- | --- |\n";

static void put_row(char *text, const char *name, const char *unit, const char *description) {
  put(text, "| `%s` | %s | %s |\n", name, unit, description);
}

static void put_events(char *text) {
  for (size_t number = 0; number < GC_EVENT_NUMBERS; number++) {
    const struct gc_event_description *event = &gc_event_descriptions[number];
    put(text, "\n`%s`: %s.\n%s", event->name, event->description, table_head);
    for (size_t index = 0; index < event->field_count; index++)
      put_row(text, event->fields[index].name, event->fields[index].unit,
              event->fields[index].description);
  }
}

static void put_pause_lists(char *text) {
  put(text, "\n| kind | meaning |\n| --- | --- |\n");
#define GC_PAUSE_KIND(name, description) put(text, "| `%s` | %s |\n", #name, description);
#define GC_PAUSE_REASON(name, description)
#include "heap/pause.def"
#undef GC_PAUSE_KIND
#undef GC_PAUSE_REASON
  put(text, "\n| reason | meaning |\n| --- | --- |\n");
#define GC_PAUSE_KIND(name, description)
#define GC_PAUSE_REASON(name, description) put(text, "| `%s` | %s |\n", #name, description);
#include "heap/pause.def"
#undef GC_PAUSE_KIND
#undef GC_PAUSE_REASON
}

/* The sections of README.md that the lists determine, by their names. */
static void put_section(char *text, const char *section) {
  text[0] = 0;
  if (strcmp(section, "status") == 0) {
    put(text, "\n| status | meaning |\n| --- | --- |\n");
#define RESULTS_STATUS(name, description) put(text, "| `%s` | %s |\n", #name, description);
#include "results/schema.def"
  } else if (strcmp(section, "trial") == 0) {
#define RESULTS_GROUP(group, description)                                                          \
  put(text, "\n`%s`: %s.\n%s", #group, description, table_head);
#define RESULTS_FIELD(group, name, type, unit, description)                                        \
  put_row(text, #name, *unit ? unit : #type, description);
#include "results/schema.def"
  } else if (strcmp(section, "pauses.csv") == 0) {
    put(text, "%s", table_head);
#define RESULTS_COLUMN(name, unit, description) put_row(text, #name, #unit, description);
#include "results/schema.def"
  } else if (strcmp(section, "figures") == 0) {
    put(text, "%s", table_head);
#define RESULTS_FIGURE(name, unit, description) put_row(text, #name, unit, description);
#include "results/schema.def"
  } else if (strcmp(section, "events") == 0) {
    put_events(text);
  } else {
    put_pause_lists(text);
  }
}

static const char *const sections[] = {"status",  "trial",  "pauses.csv",
                                       "figures", "events", "kinds and reasons"};
enum { section_count = sizeof sections / sizeof *sections };

static char *read_readme(void) {
  FILE *stream = fopen(TRICOLOR_SOURCE_DIR "/results/README.md", "r");
  assert_non_null(stream);
  char *text = calloc(1, text_size);
  assert_non_null(text);
  assert_true(fread(text, 1, text_size - 1, stream) > 0);
  fclose(stream);
  return text;
}

/* What stands between the section's two marks. */
static char *section_of(const char *readme, const char *section) {
  char begin[96], end[96];
  snprintf(begin, sizeof begin, "<!-- list: %s -->", section);
  snprintf(end, sizeof end, "<!-- end of list: %s -->", section);
  const char *from = strstr(readme, begin), *to = strstr(readme, end);
  if (!from || !to)
    fail_msg("README.md has no section between \"%s\" and \"%s\"", begin, end);
  from += strlen(begin);
  return strndup(from, (size_t)(to - from));
}

static void lists_are_documented(void **state) {
  (void)state;
  char *readme = read_readme(), *expected = calloc(1, text_size);
  assert_non_null(expected);
  for (size_t index = 0; index < section_count; index++) {
    char *actual = section_of(readme, sections[index]);
    put_section(expected, sections[index]);
    size_t line = strspn(actual, "\n"), expected_line = strspn(expected, "\n");
    if (strcmp(actual + line, expected + expected_line) != 0) {
      for (; actual[line] && actual[line] == expected[expected_line]; line++, expected_line++)
        ;
      fail_msg("README.md, list of %s: \"%.60s\" instead of \"%.60s\"", sections[index],
               actual + line, expected + expected_line);
    }
    free(actual);
  }
  free(expected);
  free(readme);
}

int main(int argument_count, char **arguments) {
  static char text[text_size];
  const struct CMUnitTest tests[] = {cmocka_unit_test(lists_are_documented)};
  if (argument_count == 1 || strcmp(arguments[1], "--print") != 0)
    return cmocka_run_group_tests(tests, NULL, NULL);
  for (size_t index = 0; index < section_count; index++) {
    put_section(text, sections[index]);
    printf("<!-- list: %s -->\n%s<!-- end of list: %s -->\n", sections[index],
           text + strspn(text, "\n"), sections[index]);
  }
  return 0;
}
