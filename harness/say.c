/* What the program says to people: sentences on stderr, sizes and durations as texts. */
#include "harness/say.h"
#include "harness/nearest_name.h"
#include <stdarg.h>
#include <stdio.h>

static struct {
  const char *file; /* null: none */
  size_t line, column;
} place;

void say_from(const char *file, size_t line, size_t column) {
  place.file = file;
  place.line = line;
  place.column = column;
}

static void print_sentence(const char *prefix, const char *format, va_list arguments) {
  fputs(prefix, stderr);
  if (*prefix && place.file) {
    fprintf(stderr, "%s:%zu:%zu: ", place.file, place.line, place.column);
  }
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

void say_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_sentence("tricolor: ", format, arguments);
  va_end(arguments);
}

void say_note(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_sentence("", format, arguments);
  va_end(arguments);
}

enum harness_status say_bad_input(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_sentence("tricolor: ", format, arguments);
  va_end(arguments);
  return HARNESS_BAD_INPUT;
}

enum harness_status say_environment(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_sentence("tricolor: ", format, arguments);
  va_end(arguments);
  return HARNESS_ENVIRONMENT;
}

enum harness_status say_unknown(const char *what, const char *word, const char *const *names,
                                size_t count, const char *see) {
  const char *nearest = nearest_name(word, names, count);
  if (nearest) {
    say_error("there is no %s '%s'; did you mean '%s'? (%s lists them)", what, word, nearest, see);
  } else {
    say_error("there is no %s '%s' (%s lists them)", what, word, see);
  }
  return HARNESS_BAD_INPUT;
}

enum { TEXTS = 4, TEXT_BYTES = 32 };

static char *next_text(void) {
  static char texts[TEXTS][TEXT_BYTES];
  static unsigned next;
  return texts[next++ % TEXTS];
}

const char *say_size(unsigned long long bytes) {
  static const char suffixes[] = {0, 'K', 'M', 'G', 'T'};
  char *text = next_text();
  unsigned power = 0;
  double value = (double)bytes;
  while (value >= 1024 && power + 1 < sizeof suffixes) {
    value /= 1024;
    power++;
  }
  char suffix[2] = {suffixes[power], 0};
  if (power == 0 || value == (double)(unsigned long long)value) {
    snprintf(text, TEXT_BYTES, "%.0f%s", value, suffix);
  } else {
    snprintf(text, TEXT_BYTES, "%.*f%s", value < 10 ? 2 : value < 100 ? 1 : 0, value, suffix);
  }
  return text;
}

const char *say_seconds(double seconds) {
  char *text = next_text();
  if (seconds < 0.1) {
    snprintf(text, TEXT_BYTES, "%.0f ms", seconds * 1e3);
  } else if (seconds < 10) {
    snprintf(text, TEXT_BYTES, "%.1f s", seconds);
  } else if (seconds < 60) {
    snprintf(text, TEXT_BYTES, "%.0f s", seconds);
  } else if (seconds < 3600) {
    unsigned whole = (unsigned)seconds;
    snprintf(text, TEXT_BYTES, "%u min %02u s", whole / 60, whole % 60);
  } else {
    double minutes = seconds / 60 < 1e9 ? seconds / 60 : 1e9;
    unsigned whole = (unsigned)minutes;
    snprintf(text, TEXT_BYTES, "%u h %02u min", whole / 60, whole % 60);
  }
  return text;
}
