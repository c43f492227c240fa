/* The largest operation; operations.h says what is subtracted. */
#include "results/operations.h"
#include <math.h>

/* The first pause that begins at `begin_ns` or later. */
static size_t first_pause(const struct results_pauses_list *pauses, uint64_t begin_ns) {
  size_t low = 0, high = pauses->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (pauses->items[middle].begin_ns < begin_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* What the mutator may have waited in one of its pauses, at most. Where it stopped the world it works
 * in every phase, and waits for the others in none longer than these worked more than it did. */
static uint64_t waited_ns(const struct results_pause *pause) {
  uint64_t critical_ns = pause->has_cpu ? pause->cpu_ns : pause->wall_ns;
  if (!pause->has_stop)
    return 0;
  if (pause->stop.requester != pause->mutator)
    return critical_ns;
  uint64_t others_ns = pause->cpu_total_ns > critical_ns ? pause->cpu_total_ns - critical_ns : 0;
  if (pause->stop.threads <= 1 || !pause->has_cpu || others_ns >= critical_ns)
    return 0;
  return critical_ns - others_ns;
}

uint64_t results_operation_host_ns(const struct gc_event_operation *operation,
                                   const struct results_pauses_list *pauses) {
  uint64_t wall_ns = operation->end_ns - operation->begin_ns;
  uint64_t known_ns = operation->cpu_ns;
  for (size_t index = first_pause(pauses, operation->begin_ns);
       index < pauses->count && pauses->items[index].begin_ns < operation->end_ns; index++)
    if (pauses->items[index].mutator == operation->mutator)
      known_ns += waited_ns(&pauses->items[index]);
  return wall_ns > known_ns ? wall_ns - known_ns : 0;
}

void results_operations_derive(const struct results_events *events,
                               const struct results_pauses_list *pauses,
                               struct results_figures *figures) {
  figures->operation_max_ns = figures->operation_own_max_ns = NAN;
  for (size_t index = 0; index < events->operation.count; index++) {
    const struct gc_event_operation *operation = &events->operation.items[index];
    double wall_ns = (double)(operation->end_ns - operation->begin_ns);
    double own_ns = wall_ns - (double)results_operation_host_ns(operation, pauses);
    figures->operation_max_ns = fmax(figures->operation_max_ns, wall_ns);
    figures->operation_own_max_ns = fmax(figures->operation_own_max_ns, own_ns);
  }
}
