/* Counters of the processor, through perf_event_open; processor_counters.h says what they count. */
#define _GNU_SOURCE /* syscall */
#include "harness/processor_counters.h"
#include <linux/perf_event.h>
#include <math.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint64_t events[PROCESSOR_COUNTERS] = {
    [PROCESSOR_CYCLES] = PERF_COUNT_HW_CPU_CYCLES,
    [PROCESSOR_INSTRUCTIONS] = PERF_COUNT_HW_INSTRUCTIONS,
    [PROCESSOR_CACHE_MISSES] = PERF_COUNT_HW_CACHE_MISSES,
};

static int open_event(uint64_t event) {
  struct perf_event_attr attributes = {
      .type = PERF_TYPE_HARDWARE,
      .size = sizeof attributes,
      .config = event,
      .inherit = 1,
      .exclude_kernel = 1,
      .exclude_hv = 1,
      .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
  };
  return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

void processor_counters_open(struct processor_counters *counters) {
  for (enum processor_counter counter = 0; counter < PROCESSOR_COUNTERS; counter++) {
    counters->descriptors[counter] = open_event(events[counter]);
  }
}

static double read_event(int descriptor) {
  struct {
    uint64_t value, enabled_ns, running_ns;
  } record;
  if (descriptor < 0 || read(descriptor, &record, sizeof record) != sizeof record ||
      record.running_ns == 0) {
    return NAN;
  }
  return (double)record.value * ((double)record.enabled_ns / (double)record.running_ns);
}

void processor_counters_read(const struct processor_counters *counters,
                             double values[PROCESSOR_COUNTERS]) {
  for (enum processor_counter counter = 0; counter < PROCESSOR_COUNTERS; counter++) {
    values[counter] = read_event(counters->descriptors[counter]);
  }
}

void processor_counters_close(struct processor_counters *counters) {
  for (enum processor_counter counter = 0; counter < PROCESSOR_COUNTERS; counter++) {
    if (counters->descriptors[counter] >= 0) {
      close(counters->descriptors[counter]);
    }
  }
}
