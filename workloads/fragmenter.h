/* fragmenter: places of its parameters, and what its rounds are made of. */
#ifndef WORKLOADS_FRAGMENTER_H
#define WORKLOADS_FRAGMENTER_H

#include "workloads/workload.h"

enum fragmenter_parameter { FRAGMENTER_LIVE_BYTES, FRAGMENTER_ROUNDS, FRAGMENTER_PARAMETERS };

enum { FRAGMENTER_FIRST_BYTES = 64, FRAGMENTER_ROUNDS_MAX = 9 };

/* An object's raw bytes begin with these. */
struct fragmenter_object {
  uint64_t gc_header;
  uint64_t number; /* counted over all rounds */
  uint64_t seal;   /* follows from it */
};

/* Of an object of a round, header included: twice that of the round before. */
static inline uint64_t fragmenter_object_bytes(unsigned round) {
  return (uint64_t)FRAGMENTER_FIRST_BYTES << round;
}

/* The first round fills everything; the others what the thinning left free. */
static inline uint64_t fragmenter_objects(const struct workload_input *input, unsigned round) {
  uint64_t live_bytes = input->integers[FRAGMENTER_LIVE_BYTES];
  return live_bytes / (round == 0 ? 1 : 2) / fragmenter_object_bytes(round);
}

#endif
