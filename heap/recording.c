/* The option `record`. See recording.h. */
#include "heap/recording.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

int gc_record_parse(const char *text, enum gc_record *record, char *error, size_t error_size) {
  static const char *const names[] = {[GC_RECORD_EVERYTHING] = "everything",
                                      [GC_RECORD_NO_REQUESTS] = "no-requests",
                                      [GC_RECORD_NOTHING] = "nothing",
                                      [GC_RECORD_OPERATIONS] = "operations"};
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    if (strcmp(text, names[index]) == 0) {
      *record = (enum gc_record)index;
      return 0;
    }
  }
  snprintf(error, error_size,
           "what is recorded is everything, no-requests, nothing or operations, not '%s'", text);
  return -EINVAL;
}
