/* The one clock: CLOCK_MONOTONIC in nanoseconds, and the calling thread's CPU time. */
#ifndef HARNESS_CLOCK_H
#define HARNESS_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static inline uint64_t clock_now_ns(void) {
  return clock_read_ns(CLOCK_MONOTONIC);
}

static inline uint64_t clock_thread_cpu_ns(void) {
  return clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

#endif
