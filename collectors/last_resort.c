/* The option `last-resort`. See last_resort.h. */
#include "collectors/last_resort.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

int gc_last_resort_check(const struct gc_options *options, char *error, size_t error_size) {
  const char *text = options->last_resort;
  if (text[0] == '\0' || strcmp(text, "none") == 0 || strcmp(text, "slide") == 0) {
    return 0;
  }
  snprintf(error, error_size, "the last resort '%s' is neither none nor slide", text);
  return -EINVAL;
}

bool gc_last_resort_slides(const struct gc_options *options,
                           const struct gc_composition *composition) {
  const struct gc_compact_policy *compact = composition->compact;
  if (compact == &gc_compact_policy_sliding) {
    return false; /* every full collection has */
  }
  if (options->last_resort[0] != '\0') {
    return strcmp(options->last_resort, "slide") == 0;
  }
  return strcmp(compact->name, "none") != 0;
}
