/* What every workload calls: the brackets around the timed part of a run. */
#include "workloads/workload.h"
#include <time.h>

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void workload_timed_begin(struct workload_run *run) {
  run->timed_begin_ns = now_ns();
}

void workload_timed_end(struct workload_run *run) {
  run->timed_end_ns = now_ns();
}
