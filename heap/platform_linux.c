/* The operating-system seam on Linux. See platform.h for what each function promises.
 *
 * Address space is mapped readable, writable and without swap reservation: a page costs memory only
 * when touched, so committing is bookkeeping and needs no system call. Parking is a futex on a
 * 32-bit word (Franke, Russell and Kirkwood 2002).
 */
#define _GNU_SOURCE
#include "heap/platform.h"
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int gc_platform_reserve(size_t bytes, size_t alignment, uintptr_t *start) {
  size_t padded_bytes = bytes + alignment;
  void *mapping = mmap(NULL, padded_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) {
    return -errno;
  }
  uintptr_t first = (uintptr_t)mapping;
  uintptr_t aligned = (first + alignment - 1) & ~(alignment - 1);
  if (aligned > first) {
    munmap(mapping, aligned - first);
  }
  size_t tail_bytes = first + padded_bytes - (aligned + bytes);
  if (tail_bytes > 0) {
    munmap((void *)(aligned + bytes), tail_bytes);
  }
  *start = aligned;
  return 0;
}

void gc_platform_forbid(uintptr_t start, size_t bytes) {
  (void)mprotect((void *)start, bytes, PROT_NONE);
}

void gc_platform_unreserve(uintptr_t start, size_t bytes) {
  if (bytes > 0) {
    munmap((void *)start, bytes);
  }
}

void gc_platform_advise_huge(uintptr_t start, size_t bytes) {
  (void)madvise((void *)start, bytes, MADV_HUGEPAGE);
}

void gc_platform_release(uintptr_t start, size_t bytes) {
  (void)madvise((void *)start, bytes, MADV_DONTNEED);
}

int gc_platform_populate(uintptr_t start, size_t bytes) {
  uintptr_t page = start & ~(GC_OS_PAGE_BYTES - 1);
  return madvise((void *)page, start + bytes - page, MADV_POPULATE_WRITE) == 0 ? 0 : -errno;
}

void gc_platform_touch(uintptr_t start, size_t bytes) {
  if (bytes > 0 && gc_platform_populate(start, bytes) == 0) {
    return;
  }
  for (uintptr_t page = start; page < start + bytes; page += GC_OS_PAGE_BYTES) {
    uint8_t *byte = (uint8_t *)page;
    __atomic_store_n(byte, __atomic_load_n(byte, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
  }
}

static uint64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t gc_platform_now_ns(void) {
  return clock_ns(CLOCK_MONOTONIC);
}

uint64_t gc_platform_coarse_now_ns(void) {
  return clock_ns(CLOCK_MONOTONIC_COARSE);
}

uint64_t gc_platform_thread_cpu_ns(void) {
  return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

void gc_platform_park(uint32_t *word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void gc_platform_park_for(uint32_t *word, uint32_t expected, uint64_t timeout_ns) {
  struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000),
                             .tv_nsec = (long)(timeout_ns % 1000000000)};
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, &timeout, NULL, 0);
}

void gc_platform_unpark_all(uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

#if defined(__x86_64__) || defined(__i386__)
void gc_platform_spin_pause(void) {
  __builtin_ia32_pause();
}
#else
void gc_platform_spin_pause(void) {
  __asm__ __volatile__("" ::: "memory");
}
#endif

void gc_platform_yield(void) {
  sched_yield();
}

void gc_platform_sleep_us(uint64_t duration_us) {
  struct timespec duration = {.tv_sec = (time_t)(duration_us / 1000000),
                              .tv_nsec = (long)(duration_us % 1000000) * 1000};
  nanosleep(&duration, NULL);
}

unsigned gc_platform_core_count(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    int count = CPU_COUNT(&allowed);
    return count > 0 ? (unsigned)count : 1;
  }
  return 1;
}

static uint64_t read_first_number(const char *path, const char *prefix) {
  FILE *file = fopen(path, "re");
  if (file == NULL) {
    return 0;
  }
  char line[256];
  uint64_t value = 0;
  size_t prefix_length = strlen(prefix);
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long long number;
    if (strncmp(line, prefix, prefix_length) == 0 &&
        sscanf(line + prefix_length, " %llu", &number) == 1) {
      value = number;
      break;
    }
  }
  fclose(file);
  return value;
}

uint64_t gc_platform_memory_total_bytes(void) {
  return read_first_number("/proc/meminfo", "MemTotal:") * 1024;
}

/* The least limit of a group and those that hold it, up to the root; 0: none. Where the limit is
 * "max", or version 1's largest number, there is none. */
static uint64_t group_limit_bytes(const char *root, const char *group, const char *file) {
  char path[512], directory[400];
  uint64_t least_bytes = 0;
  snprintf(directory, sizeof directory, "%s", group);
  for (char *end = directory + strlen(directory); end != NULL; end = strrchr(directory, '/')) {
    *end = '\0';
    snprintf(path, sizeof path, "%s%s/%s", root, directory, file);
    uint64_t limit_bytes = read_first_number(path, "");
    if (limit_bytes > 0 && limit_bytes < UINT64_C(1) << 60 &&
        (least_bytes == 0 || limit_bytes < least_bytes)) {
      least_bytes = limit_bytes;
    }
  }
  return least_bytes;
}

/* Lines are "number:controllers:group"; version 2's has no controllers. */
uint64_t gc_platform_memory_limit_bytes(void) {
  FILE *file = fopen("/proc/self/cgroup", "re");
  char line[512];
  uint64_t limit_bytes = 0;
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (group == NULL) {
      continue;
    }
    *group++ = '\0';
    if (strcmp(controllers + 1, "memory") == 0) {
      limit_bytes = group_limit_bytes("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    } else if (controllers[1] == '\0' && limit_bytes == 0) {
      limit_bytes = group_limit_bytes("/sys/fs/cgroup", group, "memory.max");
    }
  }
  if (file != NULL) {
    fclose(file);
  }
  return limit_bytes;
}

uint64_t gc_platform_memory_usable_bytes(void) {
  uint64_t total_bytes = gc_platform_memory_total_bytes();
  uint64_t limit_bytes = gc_platform_memory_limit_bytes();
  return limit_bytes > 0 && limit_bytes < total_bytes ? limit_bytes : total_bytes;
}

uint64_t gc_platform_memory_free_bytes(void) {
  return read_first_number("/proc/meminfo", "MemAvailable:") * 1024;
}

uint64_t gc_platform_rss_bytes(void) {
  FILE *file = fopen("/proc/self/statm", "re");
  if (file == NULL) {
    return 0;
  }
  unsigned long long size_pages = 0, resident_pages = 0;
  int fields = fscanf(file, "%llu %llu", &size_pages, &resident_pages);
  fclose(file);
  return fields == 2 ? resident_pages * GC_OS_PAGE_BYTES : 0;
}
