/* The operating system, seen through one seam: address space, clocks, parking, machine facts.
 *
 * Errors: negative errno. Sizes are in bytes and multiples of an OS page unless a comment says
 * otherwise.
 */
#ifndef HEAP_PLATFORM_H
#define HEAP_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

#define GC_OS_PAGE_BYTES_LOG2 12
#define GC_OS_PAGE_BYTES      ((size_t)1 << GC_OS_PAGE_BYTES_LOG2)
#define GC_HUGE_PAGE_BYTES    ((size_t)2 << 20)

/* Reserves address space, readable and writable, zero, backed by memory as it is touched.
 * alignment: a power of two. */
int gc_platform_reserve(size_t bytes, size_t alignment, uintptr_t *start);
/* Makes a range of a reservation fault when touched. */
void gc_platform_forbid(uintptr_t start, size_t bytes);
void gc_platform_unreserve(uintptr_t start, size_t bytes);

/* Advises huge pages. Where the kernel refuses, everything works with small ones. */
void gc_platform_advise_huge(uintptr_t start, size_t bytes);

/* Gives the memory back; the range reads as zeros afterwards. */
void gc_platform_release(uintptr_t start, size_t bytes);

/* Touches every page, so that no page fault is timed later. Nobody writes there meanwhile. */
void gc_platform_touch(uintptr_t start, size_t bytes);
/* Has the system back every page with memory, whoever writes there meanwhile. 0 or negative errno:
 * -EINVAL where the system cannot. */
int gc_platform_populate(uintptr_t start, size_t bytes);

uint64_t gc_platform_now_ns(void);        /* CLOCK_MONOTONIC */
uint64_t gc_platform_thread_cpu_ns(void); /* CPU time of the calling thread */

/* Sleeps while *word holds expected, until woken; may return early. */
void gc_platform_park(uint32_t *word, uint32_t expected);
/* The same, for at most that long. */
void gc_platform_park_for(uint32_t *word, uint32_t expected, uint64_t timeout_ns);
void gc_platform_unpark_all(uint32_t *word);

/* One turn of a spin loop. */
void gc_platform_spin_pause(void);
void gc_platform_yield(void);
void gc_platform_sleep_us(uint64_t duration_us);
/* From now on the calling thread gives way to others that want the core; nice: 1 to 19, where 19 is
 * the least share. */
void gc_platform_give_way(int nice);

uint64_t gc_platform_coarse_now_ns(void); /* CLOCK_MONOTONIC, some ms old, in 5 ns */
uint64_t gc_platform_thread_id(void);
/* What the system calls the thread and whether it runs: "mutator-1, running". */
void gc_platform_describe_thread(uint64_t thread_id, char *text, size_t text_size);

unsigned gc_platform_core_count(void);         /* that this process may use, at least 1 */
uint64_t gc_platform_memory_total_bytes(void); /* of the machine */
/* What the process's control group may have, or one that holds it; 0: no limit is known. */
uint64_t gc_platform_memory_limit_bytes(void);
/* The lesser of the two. */
uint64_t gc_platform_memory_usable_bytes(void);
uint64_t gc_platform_memory_free_bytes(void);
uint64_t gc_platform_rss_bytes(void);

#endif
