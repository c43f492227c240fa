/* What every workload calls: the brackets around the timed part of a run, its clock, and memory for
 * the requests and slow operations that it records.
 *
 * Both lie in one mapping each per run, which grows by moving; nothing of it is on the heap that is
 * measured.
 */
#define _GNU_SOURCE /* mremap */
#include "workloads/workload.h"
#include <sys/mman.h>
#include <time.h>

/* Mapped at first, and touched before they are timed at most. */
enum { REQUESTS_MIN = 4096, REQUESTS_RESERVED_MAX = 1 << 21 };

/* Of operations: longer ones are kept, so many at most; and how often the CPU clock is read. */
enum { OPERATION_KEPT_FROM_NS = 100000, OPERATIONS_MAX = 1 << 20, CALIBRATE_NS = 1000000 };

uint64_t workload_now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* ---- operations
 * ---------------------------------------------------------------------------------*/

static uint64_t thread_cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The next operation begins afterwards: reading the clocks is no part of any. */
static void calibrate(struct workload_operations *operations) {
  operations->calibrated_cpu_ns = thread_cpu_ns();
  operations->calibrated_ns = workload_now_ns();
  operations->previous_ns = operations->calibrated_ns;
}

static void start_operations(struct workload_operations *operations) {
  void *items =
      mmap(NULL, OPERATIONS_MAX * sizeof *operations->items, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); /* touched as it is used */
  if (items != MAP_FAILED) {
    operations->items = items;
    operations->capacity = OPERATIONS_MAX;
  }
  operations->is_running = true;
  calibrate(operations);
}

/* The CPU clock is read every CALIBRATE_NS; since then the thread is taken to have run until the
 * operation began, as of the control trial's gaps. */
static void keep_operation(struct workload_operations *operations, uint64_t now_ns) {
  uint64_t begin_ns = operations->previous_ns, wall_ns = now_ns - begin_ns;
  uint64_t cpu_at_begin_ns = operations->calibrated_cpu_ns + (begin_ns - operations->calibrated_ns);
  uint64_t cpu_at_end_ns = thread_cpu_ns();
  uint64_t cpu_ns = cpu_at_end_ns > cpu_at_begin_ns ? cpu_at_end_ns - cpu_at_begin_ns : 0;
  if (operations->count == operations->capacity) {
    operations->lost++;
    return;
  }
  operations->items[operations->count++] = (struct workload_operation){
      .begin_ns = begin_ns, .end_ns = now_ns, .cpu_ns = cpu_ns < wall_ns ? cpu_ns : wall_ns};
}

void workload_operation_note(struct workload_run *run) {
  struct workload_operations *operations = &run->operations_timed;
  uint64_t now_ns = workload_now_ns(), wall_ns = now_ns - operations->previous_ns;
  bool is_largest = wall_ns > operations->largest_ns;
  if (GC_UNLIKELY(is_largest || wall_ns >= OPERATION_KEPT_FROM_NS)) {
    keep_operation(operations, now_ns);
    operations->largest_ns = is_largest ? wall_ns : operations->largest_ns;
    calibrate(operations);
  } else if (GC_UNLIKELY(now_ns - operations->calibrated_ns >= CALIBRATE_NS)) {
    calibrate(operations);
  } else {
    operations->previous_ns = now_ns;
  }
}

void workload_operations_finish(struct workload_run *run) {
  if (run->operations_timed.items != NULL) {
    munmap(run->operations_timed.items,
           run->operations_timed.capacity * sizeof *run->operations_timed.items);
  }
  run->operations_timed = (struct workload_operations){0};
}

/* ---- the timed part
 * -----------------------------------------------------------------------------*/

void workload_timed_begin(struct workload_run *run) {
  if (run->operations_timed.is_wanted) {
    start_operations(&run->operations_timed);
  }
  run->timed_begin_ns = workload_now_ns();
}

void workload_timed_end(struct workload_run *run) {
  run->timed_end_ns = workload_now_ns();
  run->operations_timed.is_running = false;
}

/* ---- requests
 * -----------------------------------------------------------------------------------*/

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

/* ---- checkpoints
 * ---------------------------------------------------------------------------------*/

void workload_checkpoint_look(struct workload_run *run, uint64_t done, uint64_t total) {
  struct workload_checkpoints *checkpoints = &run->checkpoints;
  uint64_t ended = total == 0 ? 0 : done * checkpoints->count / total;
  if (ended > checkpoints->taken) {
    checkpoints->taken = ended; /* of several that one step of the work has passed, one is taken */
    checkpoints->take(checkpoints->context, run, done, total);
  }
}
