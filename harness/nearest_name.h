/* The name that a mistyped word probably meant. */
#ifndef HARNESS_NEAREST_NAME_H
#define HARNESS_NEAREST_NAME_H

#include <stddef.h>

/* Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other
 * (optimal string alignment). Words longer than 63 bytes are compared by their first 63. */
size_t name_distance(const char *left, const char *right);

/* The nearest of the names, or null when none is near: more than a third of the word would have to
 * change, and the word is no beginning of any. Null names are skipped. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

#endif
