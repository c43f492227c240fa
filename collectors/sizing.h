/* Sizing: the soft limit, at which a cycle is due before the heap's limit is reached.
 *
 * `fixed`        no soft limit: a cycle is due when the heap's room is spent. The default, because
 *                in experiments the heap's size is what is compared.
 * `growing`      V8's rule since 2013: a factor over the live size, from the ratio of the speeds of
 *                collector and mutator, so that mutator utilisation would be 97 %; at most half of
 *                the way from the live size to the limit.
 * `membalancer`  live + sqrt(live * g / (c * s)) (Kirisame, Shenoy and Panchekha 2022 s.3): for a
 *                machine with several heaps, the total time of collection is least for a given
 *                total memory when every heap has the same c.
 *
 * Limits are computed when a cycle's marking has ended, from the rates of the cycle, wherever it
 * ran; so they serve concurrent collectors too.
 *
 * Units: bytes, and bytes per millisecond; 0 for a rate that is not known yet.
 */
#ifndef COLLECTORS_SIZING_H
#define COLLECTORS_SIZING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_heap;
struct gc_cycle;

/* What a rule may look at. */
struct gc_sizing_input {
  uint64_t live_bytes;       /* old and large, after the cycle */
  uint64_t max_bytes;        /* that old and large space may have */
  uint64_t nursery_bytes;    /* eden and survivor areas */
  uint64_t collected_per_ms; /* speed of the collector: bytes it marks in a millisecond of work */
  uint64_t allocated_per_ms; /* old bytes that mutators make in a millisecond */
  double membalancer_c;      /* per byte */
};

/* V8's factor for a ratio of collector speed to mutator speed (0: unknown), at most max_factor. */
double gc_sizing_growing_factor(double speed_ratio, double max_factor);
/* V8's largest factor for a heap of at most max_bytes. */
double gc_sizing_max_factor(uint64_t max_bytes);

uint64_t gc_sizing_growing_bytes(const struct gc_sizing_input *input);
uint64_t gc_sizing_membalancer_bytes(const struct gc_sizing_input *input);

/* The rule's name is one of the three. */
bool gc_sizing_is_known(const char *rule);

/* Before the first cycle has measured anything, as V8: half of what the heap may have, at most
 * 512 MiB with pointers of 64 bits. */
size_t gc_sizing_first_limit_bytes(const struct gc_heap *heap);

/* Marking has ended: the next cycle's soft limit, for old and large space together; SIZE_MAX where
 * the rule is `fixed`. */
size_t gc_sizing_soft_limit_bytes(const struct gc_cycle *cycle, uint64_t live_bytes);

#endif
