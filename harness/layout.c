/* Where things lie in a trial's memory: the environment's size and the heap's base. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, personality */
#include "harness/layout.h"
#include "harness/text_list.h"
#include "workloads/workload.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>

#define VARIABLE "TRICOLOR_LAYOUT"

/* A stack's worth of alignment, and 1 GiB: more than any alignment that a heap asks for. */
enum { ENVIRONMENT_BYTES_MAX = 4096, SHIFT_PAGES_MAX = 1 << 18 };

char *layout_variable(uint64_t seed) {
  static const char format[] = VARIABLE "=%06u:";
  size_t padding = workload_random_below(&seed, ENVIRONMENT_BYTES_MAX);
  unsigned pages = (unsigned)workload_random_below(&seed, SHIFT_PAGES_MAX);
  size_t room = sizeof format + 16;
  char *text = memory_resize(NULL, room + padding, 1);
  int length = snprintf(text, room, format, pages);
  memset(text + length, 'x', padding);
  text[(size_t)length + padding] = 0;
  return text;
}

void layout_fix_addresses(void) {
  int current = personality(UINT32_MAX); /* asks only */
  if (current >= 0) {
    personality((unsigned long)current | ADDR_NO_RANDOMIZE);
  }
}

void layout_shift_mappings(void) {
  const char *text = getenv(VARIABLE);
  unsigned long pages = text ? strtoul(text, NULL, 10) : 0;
  if (pages > 0 && pages < SHIFT_PAGES_MAX) {
    /* Kept until the process ends; costs address space and no memory. */
    mmap(NULL, pages * (size_t)sysconf(_SC_PAGESIZE), PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
}
