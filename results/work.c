/* Work by phase and place; work.h says what counts where.
 *
 * Algorithm: shares are sorted by stop, phase and thread, so that those of one phase of one stop lie
 * together, and in them those of one thread. O(n log n).
 */
#include "results/work.h"
#include <errno.h>
#include <stdlib.h>

struct share {
  uint64_t stop_id, phase, wall_ns, cpu_ns;
  uint32_t ring;
};

/* Which rings are mutators', by number. */
struct mutator_rings {
  bool *is_mutator;
  size_t count;
};

static uint32_t largest_of(const uint32_t *rings, size_t count, uint32_t largest) {
  for (size_t index = 0; index < count; index++)
    largest = rings[index] > largest ? rings[index] : largest;
  return largest;
}

static int find_mutator_rings(const struct results_events *events, struct mutator_rings *rings) {
  uint32_t largest = largest_of(events->pause.rings, events->pause.count, 0);
  largest = largest_of(events->mutator.rings, events->mutator.count, largest);
  *rings = (struct mutator_rings){.is_mutator = calloc((size_t)largest + 1, sizeof(bool)),
                                  .count = (size_t)largest + 1};
  if (!rings->is_mutator)
    return -ENOMEM;
  for (size_t index = 0; index < events->pause.count; index++)
    rings->is_mutator[events->pause.rings[index]] = true;
  for (size_t index = 0; index < events->mutator.count; index++)
    rings->is_mutator[events->mutator.rings[index]] = true;
  return 0;
}

static int compare_shares(const void *left, const void *right) {
  const struct share *first = left, *second = right;
  if (first->stop_id != second->stop_id)
    return first->stop_id > second->stop_id ? 1 : -1;
  if (first->phase != second->phase)
    return first->phase > second->phase ? 1 : -1;
  return (first->ring > second->ring) - (first->ring < second->ring);
}

static size_t collect_shares(const struct results_events *events, struct share *shares) {
  size_t count = 0;
  for (size_t index = 0; index < events->phase.count; index++) {
    const struct gc_event_phase *phase = &events->phase.items[index];
    uint64_t wall_ns = phase->end_ns > phase->begin_ns ? phase->end_ns - phase->begin_ns : 0;
    if (phase->phase < events->names.phase_count)
      shares[count++] =
          (struct share){phase->stop_id, phase->phase, wall_ns,
                         phase->cpu_ns ? phase->cpu_ns : wall_ns, events->phase.rings[index]};
  }
  qsort(shares, count, sizeof *shares, compare_shares);
  return count;
}

static bool is_same_phase(const struct share *left, const struct share *right) {
  return left->stop_id == right->stop_id && left->phase == right->phase;
}

/* The shares of one phase of one stop; answers how many they are. */
static size_t add_stopped(const struct share *shares, size_t count, struct results_work *work) {
  uint64_t longest_ns = 0, of_thread_ns = 0;
  size_t index = 0;
  for (; index < count && is_same_phase(&shares[index], &shares[0]); index++) {
    bool is_same_thread = index > 0 && shares[index].ring == shares[index - 1].ring;
    of_thread_ns = (is_same_thread ? of_thread_ns : 0) + shares[index].wall_ns;
    longest_ns = of_thread_ns > longest_ns ? of_thread_ns : longest_ns;
    work->cpu_ns += shares[index].cpu_ns;
  }
  work->wall_ns += longest_ns;
  return index;
}

static void add_running(const struct share *share, const struct mutator_rings *rings,
                        struct results_phase_work *phase) {
  bool is_mutator = share->ring < rings->count && rings->is_mutator[share->ring];
  struct results_work *work = &phase->places[is_mutator ? RESULTS_ON_MUTATORS : RESULTS_BESIDE];
  work->wall_ns += share->wall_ns;
  work->cpu_ns += share->cpu_ns;
}

int results_work_derive(const struct results_events *events, struct results_phase_work *phases) {
  struct mutator_rings rings = {0};
  struct share *shares = malloc((events->phase.count + 1) * sizeof *shares);
  int status = shares ? find_mutator_rings(events, &rings) : -ENOMEM;
  size_t count = status ? 0 : collect_shares(events, shares), used = 1;
  for (size_t index = 0; index < count; index += used) {
    struct results_phase_work *phase = &phases[shares[index].phase];
    used = 1;
    if (shares[index].stop_id)
      used = add_stopped(&shares[index], count - index, &phase->places[RESULTS_STOPPED]);
    else
      add_running(&shares[index], &rings, phase);
    phase->count += used;
  }
  free(rings.is_mutator);
  free(shares);
  return status;
}
