/* Memory of the ideal kernels, and the bandwidth kernels that scale what is expected of the
 * machine.
 *
 * Ranges are aligned to 2 MiB and advised to use huge pages, because a floor measured on 4 KiB
 * pages measures the TLB. Where the kernel refuses the advice the range works as it is.
 *
 * Costs: reading is four independent sums per step, which leaves the vectoriser enough loads in
 * flight to be limited by memory; copying is the C library's.
 */
#include "harness/microbench/ideal_kernels.h"

#include "harness/clock.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define OS_PAGE_BYTES   ((size_t)4096)

int ideal_memory_open(struct ideal_memory *memory, size_t bytes, enum ideal_touch touch) {
  *memory = (struct ideal_memory){0};
  bytes = (bytes + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1);
  size_t mapped_bytes = bytes + HUGE_PAGE_BYTES;
  unsigned char *mapped = mmap(NULL, mapped_bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    return -errno;
  }
  size_t head = (HUGE_PAGE_BYTES - (uintptr_t)mapped % HUGE_PAGE_BYTES) % HUGE_PAGE_BYTES;
  if (head > 0) {
    munmap(mapped, head);
  }
  munmap(mapped + head + bytes, mapped_bytes - head - bytes);
  madvise(mapped + head, bytes, MADV_HUGEPAGE);
  *memory = (struct ideal_memory){.base = mapped + head, .bytes = bytes};
  if (touch == IDEAL_TOUCH_NOW) {
    for (size_t offset = 0; offset < bytes; offset += OS_PAGE_BYTES) {
      memory->base[offset] = 0;
    }
  }
  return 0;
}

void ideal_memory_close(struct ideal_memory *memory) {
  if (memory->base != NULL) {
    munmap(memory->base, memory->bytes);
  }
  *memory = (struct ideal_memory){0};
}

struct ideal_pass ideal_bandwidth_read(const struct ideal_memory *memory, uint64_t *sum) {
  const uint64_t *words = (const uint64_t *)(const void *)memory->base;
  size_t count = memory->bytes / sizeof(uint64_t);
  uint64_t sums[4] = {0};
  uint64_t begin_ns = clock_now_ns();
  for (size_t i = 0; i < count; i += 4) {
    sums[0] += words[i];
    sums[1] += words[i + 1];
    sums[2] += words[i + 2];
    sums[3] += words[i + 3];
  }
  *sum = sums[0] + sums[1] + sums[2] + sums[3];
  return (struct ideal_pass){.elapsed_ns = clock_now_ns() - begin_ns, .objects = count};
}

struct ideal_pass ideal_bandwidth_copy(struct ideal_memory *to, const struct ideal_memory *from) {
  uint64_t begin_ns = clock_now_ns();
  memcpy(to->base, from->base, from->bytes);
  return (struct ideal_pass){.elapsed_ns = clock_now_ns() - begin_ns,
                             .objects = from->bytes / sizeof(uint64_t)};
}
