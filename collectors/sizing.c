/* Soft limits. See sizing.h. */
#include "collectors/sizing.h"
#include "collectors/cycle.h"
#include <math.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

/* V8's constants; sizes for its 32-bit heaps, times the pointer width in words of 4 bytes. */
#define POINTER_WORDS       (sizeof(void *) / 4)
#define MUTATOR_UTILISATION 0.97
#define FACTOR_MIN          1.1
#define FACTOR_SMALL_MIN    1.3
#define FACTOR_SMALL_MAX    2.0
#define FACTOR_LARGE_HEAPS  4.0
#define HEAP_SMALL_BYTES    (128 * POINTER_WORDS * MIB)
#define HEAP_LARGE_BYTES    (700 * POINTER_WORDS * MIB)
#define FIRST_LIMIT_BYTES   (256 * POINTER_WORDS * MIB)
#define GROWING_STEP_BYTES  (8 * MIB)

double gc_sizing_growing_factor(double speed_ratio, double max_factor) {
  double left = speed_ratio * (1 - MUTATOR_UTILISATION);
  double divisor = left - MUTATOR_UTILISATION;
  if (speed_ratio <= 0 || divisor <= 0) {
    return max_factor;
  }
  return fmin(fmax(left / divisor, FACTOR_MIN), max_factor);
}

double gc_sizing_max_factor(uint64_t max_bytes) {
  if (max_bytes >= HEAP_LARGE_BYTES) {
    return FACTOR_LARGE_HEAPS;
  }
  double above = max_bytes > HEAP_SMALL_BYTES ? (double)(max_bytes - HEAP_SMALL_BYTES) : 0;
  return FACTOR_SMALL_MIN + above * (FACTOR_SMALL_MAX - FACTOR_SMALL_MIN) /
                                (double)(HEAP_LARGE_BYTES - HEAP_SMALL_BYTES);
}

uint64_t gc_sizing_growing_bytes(const struct gc_sizing_input *input) {
  bool is_known = input->collected_per_ms > 0 && input->allocated_per_ms > 0;
  double ratio = is_known ? (double)input->collected_per_ms / (double)input->allocated_per_ms : 0;
  double factor = gc_sizing_growing_factor(ratio, gc_sizing_max_factor(input->max_bytes));
  double live = (double)input->live_bytes;
  double bytes = fmax(live * factor, live + GROWING_STEP_BYTES) + (double)input->nursery_bytes;
  double halfway = (live + (double)input->max_bytes) / 2;
  return (uint64_t)fmin(bytes, halfway);
}

uint64_t gc_sizing_membalancer_bytes(const struct gc_sizing_input *input) {
  double live = (double)input->live_bytes;
  if (input->collected_per_ms == 0 || input->allocated_per_ms == 0) {
    return input->max_bytes; /* no rule without rates */
  }
  double extra = sqrt(live * (double)input->allocated_per_ms /
                      (input->membalancer_c * (double)input->collected_per_ms));
  double bytes = live + fmax(extra, (double)input->nursery_bytes);
  return (uint64_t)fmin(bytes, (double)input->max_bytes);
}

bool gc_sizing_is_known(const char *rule) {
  return strcmp(rule, "fixed") == 0 || strcmp(rule, "growing") == 0 ||
         strcmp(rule, "membalancer") == 0;
}

size_t gc_sizing_first_limit_bytes(const struct gc_heap *heap) {
  if (strcmp(heap->options.sizing, "fixed") == 0) {
    return SIZE_MAX;
  }
  size_t half_bytes = heap->budget.old_limit_bytes / 2;
  return half_bytes < FIRST_LIMIT_BYTES ? half_bytes : FIRST_LIMIT_BYTES;
}

size_t gc_sizing_soft_limit_bytes(const struct gc_cycle *cycle, uint64_t live_bytes) {
  const struct gc_heap *heap = cycle->heap;
  const char *rule = heap->options.sizing;
  struct gc_sizing_input input = {
      .live_bytes = live_bytes,
      .max_bytes = heap->budget.old_limit_bytes,
      .nursery_bytes = heap->nursery.initial_bytes,
      .collected_per_ms = cycle->pacer.marked_per_ms,
      .allocated_per_ms = cycle->pacer.promoted_per_ms,
      .membalancer_c = (double)heap->options.membalancer_c * 1e-12,
  };
  if (strcmp(rule, "growing") == 0) {
    return gc_sizing_growing_bytes(&input);
  }
  return strcmp(rule, "membalancer") == 0 ? gc_sizing_membalancer_bytes(&input) : SIZE_MAX;
}
