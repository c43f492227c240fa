/* Programs whose truth is known, for scoring leak detectors: every leak pair in both variants, every
 * scenario that is no leak, and synthetic programs drawn from a seed.
 *
 * Of synthetic programs sizes, lifetimes, depth, stores, bursts, large objects and weak references are
 * drawn; a third loses nothing, the others from 0.001 % to 1 % of their allocation, evenly on a
 * logarithmic scale. No threshold of a detector was chosen by looking at them.
 */
#ifndef HARNESS_LEAK_PROGRAMS_H
#define HARNESS_LEAK_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum leak_program_kind {
  LEAK_PROGRAM_LEAKY,
  LEAK_PROGRAM_FIXED,
  LEAK_PROGRAM_SCENARIO,
  LEAK_PROGRAM_SYNTHETIC,
  LEAK_PROGRAM_KINDS
};

struct leak_program {
  enum leak_program_kind kind;
  uint64_t leak_per_million; /* of the allocations of a synthetic one */
  double lost_ratio;         /* of a synthetic one: objects lost in the run over those alive */
  uint64_t seed;
  char text[320]; /* WORKLOAD:NAME=VALUE,... */
};

struct leak_programs {
  struct leak_program *items;
  size_t count;
};

struct leak_programs_asked {
  uint64_t synthetic_count;
  uint64_t seed;    /* of the first synthetic program, and of everything in the others */
  const char *only; /* programs whose text begins so, up to a comma; null: all */
};

bool leak_program_leaks(const struct leak_program *program);

void leak_programs_make(struct leak_programs *programs, const struct leak_programs_asked *asked);
void leak_programs_finish(struct leak_programs *programs);

#endif
