/* Explicit costs and the heap's own figures; costs.h says what counts. */
#include "results/costs.h"
#include "results/growth.h"
#include "results/work.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* At least 0. */
static double difference(uint64_t from, uint64_t to) {
  return to > from ? (double)(to - from) : 0;
}

/* --- the split of wall time --------------------------------------------------------------------
 */

static void split_figures(const struct results_events *events, struct results_figures *figures) {
  double mutators = events->mutator.count ? (double)events->mutator.count : 1;
  figures->transition_ns = figures->stop_work_ns = figures->without_stop_total_ns = 0;
  for (size_t index = 0; index < events->stop.count; index++) {
    const struct gc_event_stop *stop = &events->stop.items[index];
    figures->transition_ns += difference(stop->request_ns, stop->stopped_ns) +
                              difference(stop->work_end_ns, stop->resumed_ns);
    figures->stop_work_ns += difference(stop->stopped_ns, stop->work_end_ns);
  }
  for (size_t kind = 0; kind < GC_PAUSE_KINDS; kind++)
    figures->without_stop_total_ns += figures->without_stop_ns[kind] / mutators;
  figures->mutator_ns = figures->wall_ns - figures->transition_ns - figures->stop_work_ns -
                        figures->without_stop_total_ns;
}

/* --- wall time ---------------------------------------------------------------------------------
 */

/* Time in which the mutator was paused, whatever overlaps counted once. Pauses are by begin. */
static double paused_ns(const struct results_pauses_list *pauses, uint64_t mutator) {
  uint64_t end_ns = 0;
  double sum_ns = 0;
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    if (pause->mutator != mutator || pause->resumed_ns <= end_ns)
      continue;
    sum_ns += difference(pause->begin_ns > end_ns ? pause->begin_ns : end_ns, pause->resumed_ns);
    end_ns = pause->resumed_ns;
  }
  return sum_ns;
}

static double explicit_wall_ns(const struct results_events *events,
                               const struct results_pauses_list *pauses) {
  uint64_t last_ns = 0;
  double least_ns = NAN;
  for (size_t index = 0; index < events->mutator.count; index++) {
    uint64_t detach_ns = events->mutator.items[index].detach_ns;
    last_ns = detach_ns > last_ns ? detach_ns : last_ns;
  }
  for (size_t index = 0; index < events->mutator.count; index++) {
    const struct gc_event_mutator *mutator = &events->mutator.items[index];
    least_ns = fmin(least_ns,
                    paused_ns(pauses, mutator->mutator) + difference(mutator->detach_ns, last_ns));
  }
  return least_ns;
}

/* --- CPU time ----------------------------------------------------------------------------------
 */

/* Too short for a phase with CPU time of its own; a stall only waits. */
static bool is_told_by_no_phase(const struct results_pause *pause) {
  return pause->stop.stop_id == 0 && !pause->has_cpu && pause->kind != GC_PAUSE_allocation_stall;
}

static double short_pauses_ns(const struct results_pauses_list *pauses) {
  double sum_ns = 0;
  for (size_t index = 0; index < pauses->count; index++)
    if (is_told_by_no_phase(&pauses->items[index]))
      sum_ns += fmin((double)pauses->items[index].wall_ns, RESULTS_CPU_FLOOR_NS);
  return sum_ns;
}

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : NAN;
}

/* Bytes over the CPU time of a phase, wherever it ran. */
static double speed_of(const struct results_events *events, const struct results_phase_work *phases,
                       const char *phase, double bytes) {
  double cpu_ns = 0;
  for (size_t index = 0; index < events->names.phase_count; index++)
    for (enum results_place place = 0; place < RESULTS_PLACES; place++)
      if (strcmp(events->names.phases[index], phase) == 0)
        cpu_ns += (double)phases[index].places[place].cpu_ns;
  return bytes > 0 ? ratio(bytes * 1e9, cpu_ns) : NAN;
}

static void speed_figures(const struct results_heap *heap, const struct results_events *events,
                          const struct results_phase_work *phases,
                          struct results_figures *figures) {
  double copied_bytes = (double)heap->survived_bytes + (double)heap->promoted_bytes;
  figures->scavenge_bytes_per_second = speed_of(events, phases, "scavenge", copied_bytes);
  figures->mark_bytes_per_second = speed_of(events, phases, "mark", (double)heap->marked_bytes);
  figures->sweep_bytes_per_second = speed_of(events, phases, "sweep", (double)heap->swept_bytes);
}

static int cpu_figures(const struct results_trial *trial, const struct results_events *events,
                       const struct results_pauses_list *pauses, struct results_figures *figures) {
  struct results_phase_work *phases = calloc(events->names.phase_count + 1, sizeof *phases);
  int status = phases ? results_work_derive(events, phases) : -ENOMEM;
  double places_ns[RESULTS_PLACES] = {0};
  for (size_t phase = 0; !status && phase < events->names.phase_count; phase++)
    for (enum results_place place = 0; place < RESULTS_PLACES; place++)
      places_ns[place] += (double)phases[phase].places[place].cpu_ns;
  if (!status)
    speed_figures(&trial->heap, events, phases, figures);
  free(phases);
  figures->stopped_cpu_ns = places_ns[RESULTS_STOPPED];
  figures->on_mutators_cpu_ns = places_ns[RESULTS_ON_MUTATORS] + short_pauses_ns(pauses);
  figures->concurrent_cpu_ns = places_ns[RESULTS_BESIDE];
  figures->explicit_cpu_ns =
      figures->stopped_cpu_ns + figures->on_mutators_cpu_ns + figures->concurrent_cpu_ns;
  return status;
}

/* --- memory ------------------------------------------------------------------------------------
 */

static void survival_figures(const struct results_events *events, struct results_figures *figures) {
  double young_bytes = 0, survived_bytes = 0, promoted_bytes = 0;
  for (size_t index = 0; index < events->stop.count; index++) {
    const struct gc_event_stop *stop = &events->stop.items[index];
    if (stop->scavenge_ns == 0)
      continue;
    young_bytes += (double)stop->nursery_before_bytes;
    survived_bytes += (double)stop->survived_bytes;
    promoted_bytes += (double)stop->promoted_bytes;
  }
  figures->survival_ratio = ratio(survived_bytes + promoted_bytes, young_bytes);
  figures->promotion_ratio = ratio(promoted_bytes, young_bytes);
}

/* Files of earlier versions do not say what blocks occupy: where something is in use, it is 0. */
static double fragmentation_of(const struct gc_event_sample *sample) {
  if (sample->old_blocks_bytes == 0 && sample->old_bytes > 0)
    return NAN;
  return ratio(difference(sample->old_bytes, sample->old_blocks_bytes),
               (double)sample->committed_bytes);
}

static void size_figures(const struct results_events *events, const struct results_intervals *timed,
                         struct results_figures *figures) {
  double sum = 0, count = 0;
  figures->peak_committed_bytes = figures->peak_metadata_bytes = NAN;
  figures->peak_external_bytes = NAN;
  for (size_t index = 0; index < events->sample.count; index++) {
    const struct gc_event_sample *sample = &events->sample.items[index];
    figures->peak_committed_bytes =
        fmax(figures->peak_committed_bytes, (double)sample->committed_bytes);
    figures->peak_metadata_bytes =
        fmax(figures->peak_metadata_bytes, (double)sample->metadata_bytes);
    figures->peak_external_bytes =
        fmax(figures->peak_external_bytes,
             fmax((double)sample->external_bytes, (double)sample->external_before_bytes));
    double fragmentation = fragmentation_of(sample);
    struct results_span moment = {sample->time_ns, sample->time_ns};
    if (!results_intervals_meet(timed, moment) || isnan(fragmentation))
      continue;
    sum += fragmentation;
    count++;
  }
  for (size_t index = 0; index < events->usage.count; index++)
    figures->peak_external_bytes =
        fmax(figures->peak_external_bytes, (double)events->usage.items[index].external_bytes);
  figures->fragmentation_ratio = ratio(sum, count);
  figures->metadata_percent =
      100 * ratio(figures->peak_metadata_bytes, figures->peak_committed_bytes);
}

int results_costs_derive(const struct results_trial *trial, const struct results_events *events,
                         const struct results_pauses_list *pauses,
                         const struct results_intervals *timed, struct results_figures *figures) {
  double wall_seconds = figures->wall_ns / 1e9;
  split_figures(events, figures);
  figures->explicit_wall_ns = explicit_wall_ns(events, pauses);
  figures->distilled_wall_ns =
      results_requests_are_open_loop(events) ? NAN : figures->wall_ns - figures->explicit_wall_ns;
  int status = cpu_figures(trial, events, pauses, figures);
  figures->distilled_cpu_ns = fdim(figures->cpu_ns, figures->explicit_cpu_ns);
  figures->allocation_bytes_per_second = ratio(figures->allocated_bytes, wall_seconds);
  figures->promotion_bytes_per_second = ratio(figures->promoted_bytes, wall_seconds);
  const struct results_configuration *configuration = &trial->configuration;
  figures->turnover_ratio = ratio(figures->allocated_bytes * configuration->heap_multiple,
                                  (double)configuration->heap_bytes);
  survival_figures(events, figures);
  size_figures(events, timed, figures);
  return status ? status : results_growth_derive(events, figures);
}
