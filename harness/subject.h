/* The one workload on one heap that `leaks` and `snapshot` look into, as their flags say it.
 */
#ifndef HARNESS_SUBJECT_H
#define HARNESS_SUBJECT_H

#include "harness/flags.h"
#include <stdint.h>

struct subject {
  const char *collector, *barrier;
  uint64_t heap_bytes, seed;
  bool is_quick;
};

/* The flags that subject_take reads, for lists of flags. */
#define SUBJECT_FLAGS(quick_description)                                                           \
  {"collector", FLAG_VALUE, "C", "collector: a name, or a composition such as mark=stw (stw)"},    \
      {"heap", FLAG_VALUE, "BYTES", "heap limit, with a suffix K, M or G (256M)"},                 \
      {"seed", FLAG_VALUE, "S", "of every random choice (1)"}, {                                   \
    "quick", FLAG_ALONE, "", quick_description                                                     \
  }

/* Bad input is said: also a collector without a heap that could be looked into. */
enum harness_status subject_take(const struct command_line *line, struct subject *subject);

/* The flag's number, which is left as it is where the flag is not given. */
enum harness_status subject_take_number(const struct command_line *line, const char *flag,
                                        uint64_t minimum, uint64_t maximum, uint64_t *number);

#endif
