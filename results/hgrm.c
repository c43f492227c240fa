/* Writes percentile distributions; hgrm.h states the format. */
#include "results/hgrm.h"
#include "results/file.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ticks_per_half_distance = 5, shortest_digits = 17, fraction_size = 48 };
static const double ns_per_ms = 1e6;

/* The shortest decimal fraction that reads back: its digits, and the power of ten of the first. */
static int shortest(double value, char digits[shortest_digits + 1]) {
  char text[fraction_size];
  int precision = 15;
  do
    snprintf(text, sizeof text, "%.*e", precision - 1, value);
  while (strtod(text, NULL) != value && ++precision <= shortest_digits);
  size_t count = 0;
  for (const char *at = text; *at != 'e'; at++)
    if (*at != '.')
      digits[count++] = *at;
  while (count > 1 && digits[count - 1] == '0')
    count--;
  digits[count] = 0;
  return (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

/* Adds one to the last digit of a decimal number; the first is 0, which takes the last carry. */
static void increment(char *digits, size_t count) {
  while (count-- > 0) {
    if (digits[count] != '9') {
      digits[count]++;
      return;
    }
    digits[count] = '0';
  }
}

void results_format_fixed(char *text, size_t text_size, double value, unsigned decimals) {
  char digits[shortest_digits + 1];
  int exponent = shortest(value, digits);
  int length = (int)strlen(digits);
  int whole = exponent < 0 ? 1 : exponent + 1;
  char number[64] = "0"; /* a leading 0 for the carry, the whole part, the fraction */
  int count = whole + (int)decimals;
  for (int place = 0; place < count; place++) {
    int digit = place - (whole - 1) + exponent;
    number[1 + place] = digit >= 0 && digit < length ? digits[digit] : '0';
  }
  int next = count - (whole - 1) + exponent;
  if (next >= 0 && next < length && digits[next] >= '5')
    increment(number, (size_t)count + 1);
  const char *first = number[0] == '0' ? number + 1 : number;
  int whole_length = number[0] == '0' ? whole : whole + 1;
  snprintf(text, text_size, "%.*s%s%s", whole_length, first, decimals ? "." : "",
           first + whole_length);
}

static const char *fixed(char text[fraction_size], double value, unsigned decimals) {
  results_format_fixed(text, fraction_size, value, decimals);
  return text;
}

/* Steps are equal within each half of the remaining distance to 100 %, and half as long in the
 * next. */
static double next_level(double level) {
  double halves = floor(log2(100 / (100 - level))) + 1;
  return level + 100 / (ticks_per_half_distance * exp2(halves));
}

static void print_row(FILE *stream, const struct results_histogram_range *range, double level) {
  char value[fraction_size], percentile[fraction_size], inverse[fraction_size];
  fprintf(stream, "%12s %s %10" PRIu64, fixed(value, (double)range->highest_value / ns_per_ms, 3),
          fixed(percentile, level / 100, 12), range->count_up_to);
  if (level < 100)
    fprintf(stream, " %14s", fixed(inverse, 1 / (1 - level / 100), 2));
  putc('\n', stream);
}

static void print_rows(FILE *stream, const struct results_histogram *histogram) {
  struct results_histogram_range range = {0};
  double level = 0;
  while (results_histogram_next(histogram, &range)) {
    double reached = 100 * (double)range.count_up_to / (double)histogram->total_count;
    bool is_last = range.count_up_to == histogram->total_count;
    while (reached >= level) {
      print_row(stream, &range, level);
      if (is_last)
        break;
      level = next_level(level);
    }
    if (is_last)
      print_row(stream, &range, 100);
  }
}

void results_hgrm_print(FILE *stream, const struct results_histogram *histogram) {
  char first[fraction_size], second[fraction_size];
  fputs("       Value     Percentile TotalCount 1/(1-Percentile)\n\n", stream);
  print_rows(stream, histogram);
  fprintf(stream, "#[Mean    = %12s, StdDeviation   = %12s]\n",
          fixed(first, results_histogram_mean(histogram) / ns_per_ms, 3),
          fixed(second, results_histogram_deviation(histogram) / ns_per_ms, 3));
  fprintf(stream, "#[Max     = %12s, Total count    = %12" PRIu64 "]\n",
          fixed(first, (double)histogram->maximum_value / ns_per_ms, 3), histogram->total_count);
  fprintf(stream, "#[Buckets = %12" PRIu64 ", SubBuckets     = %12d]\n",
          histogram->bucket_count ? histogram->bucket_count : 1, RESULTS_SUB_BUCKETS);
}

int results_hgrm_write(const char *path, const struct results_histogram *histogram, char *error,
                       size_t error_size) {
  struct results_file file;
  int status = results_file_create(&file, path, error, error_size);
  if (status)
    return status;
  results_hgrm_print(file.stream, histogram);
  return results_file_commit(&file, error, error_size);
}
