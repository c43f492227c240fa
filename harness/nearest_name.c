/* The name that a mistyped word probably meant.
 *
 * Algorithm: optimal string alignment distance, three rows of the table at a time.
 */
#include "harness/nearest_name.h"
#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

size_t name_distance(const char *left, const char *right) {
  size_t rows[3][LONGEST + 1];
  size_t left_length = strnlen(left, LONGEST);
  size_t right_length = strnlen(right, LONGEST);
  for (size_t j = 0; j <= right_length; j++) {
    rows[0][j] = j;
  }
  for (size_t i = 1; i <= left_length; i++) {
    size_t *row = rows[i % 3];
    const size_t *above = rows[(i + 2) % 3];
    const size_t *two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= right_length; j++) {
      size_t replaced = above[j - 1] + (left[i - 1] != right[j - 1]);
      row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = least(row[j], two_above[j - 2] + 1);
      }
    }
  }
  return rows[left_length % 3][right_length];
}

const char *nearest_name(const char *word, const char *const *names, size_t count) {
  size_t length = strlen(word);
  size_t best_distance = length < 3 ? 1 : length / 3;
  const char *best = NULL;
  const char *begins = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!names[i]) {
      continue;
    }
    size_t distance = name_distance(word, names[i]);
    if (distance < best_distance || (distance == best_distance && !best)) {
      best_distance = distance;
      best = names[i];
    }
    if (!begins && length >= 2 && strncmp(word, names[i], length) == 0) {
      begins = names[i];
    }
  }
  return best ? best : begins;
}
