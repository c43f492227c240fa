/* How much memory this process can still get: the kernel's own estimate, bounded by limits.
 *
 * Costs: two small files are read and two system calls made; not for hot paths.
 */
#include "workloads/available_memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

static uint64_t system_available_bytes(void) {
  FILE *file = fopen("/proc/meminfo", "re");
  if (file == NULL) {
    return UINT64_MAX;
  }
  uint64_t available_kib = 0;
  uint64_t result_bytes = UINT64_MAX;
  char line[128];
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &available_kib) == 1) {
      result_bytes = available_kib * 1024;
      break;
    }
  }
  fclose(file);
  return result_bytes;
}

/* The file holds the word "max" where there is no limit, and is missing outside version 2. */
static uint64_t control_group_limit_bytes(void) {
  FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
  if (file == NULL) {
    return UINT64_MAX;
  }
  uint64_t limit_bytes = 0;
  if (fscanf(file, "%" SCNu64, &limit_bytes) != 1) {
    limit_bytes = UINT64_MAX;
  }
  fclose(file);
  return limit_bytes;
}

static uint64_t resource_limit_bytes(int resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return UINT64_MAX;
  }
  return limit.rlim_cur;
}

static uint64_t smaller(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

uint64_t available_memory_bytes(void) {
  uint64_t limits_bytes =
      smaller(resource_limit_bytes(RLIMIT_AS), resource_limit_bytes(RLIMIT_DATA));
  return smaller(smaller(system_available_bytes(), control_group_limit_bytes()), limits_bytes);
}
