/* Figures with units; units.h shows them. */
#include "results/units.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Three significant digits below 1000. */
static int decimals_of(double value) {
  return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

/* Scales by `step` while a rounded value would need four digits. */
enum whole { whole_of_first_unit, whole_of_any_unit }; /* which units drop decimals of 0 */

static struct results_unit_text scaled(double value, double step, double limit,
                                       const char *const *units, size_t unit_count,
                                       enum whole whole) {
  struct results_unit_text result;
  size_t unit = 0;
  if (isnan(value)) {
    strcpy(result.text, "-");
    return result;
  }
  while (value >= limit && unit + 1 < unit_count) {
    value /= step;
    unit++;
  }
  bool may_drop = unit == 0 || whole == whole_of_any_unit;
  int decimals = may_drop && value == floor(value) ? 0 : decimals_of(value);
  snprintf(result.text, sizeof result.text, "%.*f%s", decimals, value, units[unit]);
  return result;
}

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct results_unit_text results_text_ns(double ns) {
  static const char *const units[] = {" ns", " us", " ms", " s"};
  return scaled(ns, 1000, 999.5, units, COUNT_OF(units), whole_of_first_unit);
}

struct results_unit_text results_text_bytes(double bytes) {
  static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
  return scaled(bytes, 1024, 1023.5, units, COUNT_OF(units), whole_of_any_unit);
}

struct results_unit_text results_text_rate(double per_second) {
  static const char *const units[] = {" /s", " k/s", " M/s", " G/s"};
  return scaled(per_second, 1000, 999.5, units, COUNT_OF(units), whole_of_first_unit);
}

struct results_unit_text results_text_count(double count) {
  struct results_unit_text result;
  if (isnan(count)) {
    strcpy(result.text, "-");
    return result;
  }
  char digits[RESULTS_UNIT_TEXT];
  int length = snprintf(digits, sizeof digits, "%.0f", fmin(fabs(count), 1e18));
  size_t at = 0;
  for (int index = 0; index < length; index++) {
    if (index > 0 && (length - index) % 3 == 0)
      result.text[at++] = ',';
    result.text[at++] = digits[index];
  }
  result.text[at] = 0;
  return result;
}

/* Never rounds up to 1: a share of 0.9996 is not all. */
struct results_unit_text results_text_ratio(double ratio) {
  struct results_unit_text result;
  if (isnan(ratio))
    strcpy(result.text, "-");
  else if (ratio <= 0 || ratio >= 1)
    snprintf(result.text, sizeof result.text, "%.0f", ratio);
  else
    snprintf(result.text, sizeof result.text, "%.3f", floor(ratio * 1000) / 1000);
  return result;
}

struct results_unit_text results_text_size(uint64_t bytes) {
  struct results_unit_text result;
  static const char suffixes[] = " KMGT";
  size_t suffix = 0;
  while (bytes && bytes % 1024 == 0 && suffix + 1 < strlen(suffixes)) {
    bytes /= 1024;
    suffix++;
  }
  if (suffix)
    snprintf(result.text, sizeof result.text, "%" PRIu64 "%c", bytes, suffixes[suffix]);
  else
    snprintf(result.text, sizeof result.text, "%" PRIu64, bytes);
  return result;
}
