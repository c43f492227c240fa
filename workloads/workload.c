/* What every workload calls: the brackets around the timed part of a run, its clock, and memory for
 * the requests that it records.
 *
 * Requests lie in one mapping per run, which grows by moving; nothing of it is on the heap that is
 * measured.
 */
#define _GNU_SOURCE /* mremap */
#include "workloads/workload.h"
#include <sys/mman.h>
#include <time.h>

/* Mapped at first, and touched before they are timed at most. */
enum { REQUESTS_MIN = 4096, REQUESTS_RESERVED_MAX = 1 << 21 };

uint64_t workload_now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void workload_timed_begin(struct workload_run *run) {
  run->timed_begin_ns = workload_now_ns();
}

void workload_timed_end(struct workload_run *run) {
  run->timed_end_ns = workload_now_ns();
}

static void *map_items(const struct workload_requests *requests, size_t count) {
  size_t bytes = count * sizeof *requests->items;
  if (requests->items != NULL) {
    return mremap(requests->items, requests->capacity * sizeof *requests->items, bytes,
                  MREMAP_MAYMOVE);
  }
  return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
              0);
}

bool workload_requests_grow(struct workload_run *run, size_t count) {
  struct workload_requests *requests = &run->requests;
  if (requests->is_declined) {
    return false;
  }
  size_t capacity = count < REQUESTS_MIN ? REQUESTS_MIN : count;
  if (capacity > SIZE_MAX / sizeof *requests->items) {
    return false;
  }
  void *items = map_items(requests, capacity);
  if (items == MAP_FAILED) {
    return false;
  }
  requests->items = items;
  requests->capacity = capacity;
  return true;
}

void workload_requests_reserve(struct workload_run *run, size_t count) {
  size_t capacity = count < REQUESTS_RESERVED_MAX ? count : REQUESTS_RESERVED_MAX;
  if (capacity > run->requests.capacity) {
    workload_requests_grow(run, capacity);
  }
}

void workload_requests_finish(struct workload_run *run) {
  if (run->requests.items != NULL) {
    munmap(run->requests.items, run->requests.capacity * sizeof *run->requests.items);
  }
  run->requests = (struct workload_requests){0};
}
