/* The order of the trials of an invocation; plan.h says which. */
#include "harness/plan.h"
#include <stdlib.h>
#include <string.h>

/* Fewer heap sizes are no sweep. */
enum { SWEEP_HEAPS = 3 };

static void shuffle(size_t *items, size_t count, uint64_t *random) {
  for (size_t i = count; i > 1; i--) {
    size_t other = workload_random_below(random, i);
    size_t item = items[i - 1];
    items[i - 1] = items[other];
    items[other] = item;
  }
}

void plan_ends_and_middle_first(size_t count, size_t *ranks) {
  struct {
    size_t low, high;
  } gaps[count + 1];
  size_t first = 0, last = 0, filled = 0;
  if (count > 0) {
    ranks[filled++] = 0;
  }
  if (count > 1) {
    ranks[filled++] = count - 1;
    gaps[last].low = 0;
    gaps[last++].high = count - 1;
  }
  for (; first < last; first++) {
    size_t low = gaps[first].low, high = gaps[first].high, middle = (low + high) / 2;
    if (middle == low) {
      continue;
    }
    ranks[filled++] = middle;
    if (middle - low > 1) {
      gaps[last].low = low;
      gaps[last++].high = middle;
    }
    if (high - middle > 1) {
      gaps[last].low = middle;
      gaps[last++].high = high;
    }
  }
}

/* Appends the configurations of a workload, all or those of one heap, in random order. */
static size_t append(const struct plan *plan, size_t workload, size_t heap, size_t *order,
                     size_t count, uint64_t *random) {
  size_t first = count;
  for (size_t i = 0; i + 1 < plan->configuration_count; i++) {
    if (plan->workload_of[i] == workload && (heap == SIZE_MAX || plan->heap_of[i] == heap)) {
      order[count++] = i;
    }
  }
  if (workload == plan->workload_count) { /* the control trial's group */
    order[count++] = plan->configuration_count - 1;
  }
  shuffle(order + first, count - first, random);
  return count;
}

static size_t heap_count(const struct plan *plan) {
  size_t count = 0;
  for (size_t i = 0; i + 1 < plan->configuration_count; i++) {
    count = plan->heap_of[i] + 1 > count ? plan->heap_of[i] + 1 : count;
  }
  return count;
}

static void order_by_heap(const struct plan *plan, size_t heaps, size_t *order, uint64_t *random) {
  size_t *ranks = memory_resize(NULL, heaps, sizeof *ranks);
  size_t *groups = memory_resize(NULL, plan->workload_count + 1, sizeof *groups);
  size_t count = append(plan, plan->workload_count, SIZE_MAX, order, 0, random);
  plan_ends_and_middle_first(heaps, ranks);
  for (size_t h = 0; h < heaps; h++) {
    for (size_t i = 0; i < plan->workload_count; i++) {
      groups[i] = i;
    }
    shuffle(groups, plan->workload_count, random);
    for (size_t i = 0; i < plan->workload_count; i++) {
      count = append(plan, groups[i], ranks[h], order, count, random);
    }
  }
  free(ranks);
  free(groups);
}

static void order_by_workload(const struct plan *plan, size_t *order, uint64_t *random) {
  size_t *groups = memory_resize(NULL, plan->workload_count + 1, sizeof *groups);
  size_t count = 0;
  for (size_t i = 0; i <= plan->workload_count; i++) {
    groups[i] = i; /* the last is the control trial's */
  }
  shuffle(groups, plan->workload_count + 1, random);
  for (size_t i = 0; i <= plan->workload_count; i++) {
    count = append(plan, groups[i], SIZE_MAX, order, count, random);
  }
  free(groups);
}

void plan_order(const struct plan *plan, uint64_t invocation, size_t *order) {
  uint64_t random =
      experiment_seed(plan->experiment, 1) ^ invocation * UINT64_C(0x9e3779b97f4a7c15);
  size_t heaps = heap_count(plan);
  if (invocation == 1 && heaps >= SWEEP_HEAPS) {
    order_by_heap(plan, heaps, order, &random);
  } else {
    order_by_workload(plan, order, &random);
  }
}
