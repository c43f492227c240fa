/* The microbenchmarks' clock: CLOCK_MONOTONIC in nanoseconds. */
#ifndef TRICOLOR_HARNESS_MICROBENCH_CLOCK_H
#define TRICOLOR_HARNESS_MICROBENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t bench_clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

#endif
