/* From the pauses of a trial to its figures; figures.h says what NaN means. */
#include "results/figures.h"
#include "results/costs.h"
#include "results/operations.h"
#include "results/pause_target.h"
#include "results/statistics.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct results_figures) % sizeof(double) == 0, "nothing but doubles");

static const double percentile_fractions[] = {
    [RESULTS_P50] = 0.5, [RESULTS_P90] = 0.9, [RESULTS_P99] = 0.99, [RESULTS_P99_9] = 0.999};

/* Sorts the values. */
static struct results_distribution distribution_of(uint64_t *values, size_t count) {
  struct results_distribution distribution = {.count = (double)count};
  results_sort(values, count);
  for (size_t index = 0; index < count; index++)
    distribution.total_ns += (double)values[index];
  for (size_t index = RESULTS_P50; index < RESULTS_MAX; index++)
    distribution.percentile_ns[index] =
        results_percentile(values, count, percentile_fractions[index]);
  distribution.percentile_ns[RESULTS_MAX] = count ? (double)values[count - 1] : NAN;
  return distribution;
}

/* --- samples -----------------------------------------------------------------------------------
 */

static bool is_short(const struct results_pause *pause) {
  return pause->stop.stop_id == 0 && pause->wall_ns < RESULTS_PAUSE_FLOOR_NS;
}

bool results_pause_counts(const struct results_pause *pause) {
  return pause->is_timed && !is_short(pause);
}

static bool counts_as(const struct results_pause *pause, size_t kind) {
  return results_pause_counts(pause) && (kind == RESULTS_ALL_KINDS || pause->kind == kind);
}

static size_t wall_samples(const struct results_pauses_list *pauses, size_t kind,
                           uint64_t *values) {
  size_t count = 0;
  for (size_t index = 0; index < pauses->count; index++)
    if (counts_as(&pauses->items[index], kind))
      values[count++] = pauses->items[index].wall_ns;
  return count;
}

static size_t cpu_samples(const struct results_pauses_list *pauses, size_t kind, uint64_t *values) {
  size_t count = 0;
  for (size_t index = 0; index < pauses->count; index++)
    if (counts_as(&pauses->items[index], kind) && pauses->items[index].has_cpu)
      values[count++] = pauses->items[index].cpu_ns;
  return count;
}

static size_t own_samples(const struct results_pauses_list *pauses, size_t kind, uint64_t *values) {
  size_t count = 0;
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    if (counts_as(pause, kind) && pause->has_own && pause->kind != GC_PAUSE_scavenge)
      values[count++] = pause->own_ns;
  }
  return count;
}

static int record_all(struct results_histogram *histogram, const uint64_t *ascending,
                      size_t count) {
  int status = 0;
  for (size_t index = 0, run; !status && index < count; index += run) {
    for (run = 1; index + run < count && ascending[index + run] == ascending[index]; run++)
      ;
    status = results_histogram_record(histogram, ascending[index], run);
  }
  return status;
}

static int pause_figures(const struct results_pauses_list *pauses, uint64_t *values,
                         struct results_figures *figures, struct results_histogram *histograms) {
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++) {
    size_t count = wall_samples(pauses, kind, values);
    figures->wall[kind] = distribution_of(values, count);
    int status = record_all(&histograms[kind], values, count);
    if (status)
      return status;
    figures->cpu[kind] = distribution_of(values, cpu_samples(pauses, kind, values));
    figures->own[kind] = distribution_of(values, own_samples(pauses, kind, values));
  }
  figures->short_count = figures->short_ns = 0;
  memset(figures->without_stop_ns, 0, sizeof figures->without_stop_ns);
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    if (pause->stop.stop_id == 0)
      figures->without_stop_ns[pause->kind] += (double)pause->wall_ns;
    if (!pause->is_timed || !is_short(pause))
      continue;
    figures->short_count++;
    figures->short_ns += (double)pause->wall_ns;
  }
  return 0;
}

/* The control trial's gaps stand where pauses of all kinds do. */
static int gap_figures(const struct results_events *events, uint64_t *values,
                       struct results_figures *figures, struct results_histogram *histograms) {
  size_t count = 0;
  for (size_t index = 0; index < events->gap.count; index++)
    values[count++] = events->gap.items[index].end_ns - events->gap.items[index].begin_ns;
  figures->wall[RESULTS_ALL_KINDS] = distribution_of(values, count);
  int status = record_all(&histograms[RESULTS_ALL_KINDS], values, count);
  count = 0;
  for (size_t index = 0; index < events->gap.count; index++) {
    const struct gc_event_gap *gap = &events->gap.items[index];
    if (gap->end_ns - gap->begin_ns >= RESULTS_CPU_FLOOR_NS)
      values[count++] = gap->cpu_ns;
  }
  figures->cpu[RESULTS_ALL_KINDS] = distribution_of(values, count);
  figures->own[RESULTS_ALL_KINDS] = distribution_of(values, 0);
  return status;
}

static void safepoint_figures(const struct results_events *events,
                              const struct results_intervals *timed, uint64_t *values,
                              struct results_figures *figures) {
  size_t count = 0;
  for (size_t index = 0; index < events->stop.count; index++) {
    const struct gc_event_stop *stop = &events->stop.items[index];
    if (results_intervals_meet(timed, (struct results_span){stop->request_ns, stop->resumed_ns}))
      values[count++] =
          stop->stopped_ns > stop->request_ns ? stop->stopped_ns - stop->request_ns : 0;
  }
  figures->time_to_safepoint = distribution_of(values, count);
}

/* --- the trial ---------------------------------------------------------------------------------
 */

/* Sizes and times of 0 were not measured. */
static double known(uint64_t value) {
  return value ? (double)value : NAN;
}

/* At least 0. */
static uint64_t less(uint64_t whole, uint64_t part) {
  return whole > part ? whole - part : 0;
}

/* The trial's own clock ran while time was taken out of its events. */
static uint64_t timed_ns(const struct results_trial *trial, const struct results_events *events,
                         const struct results_intervals *timed) {
  uint64_t sum_ns = 0;
  for (size_t index = 0; index < timed->count; index++)
    sum_ns += timed->items[index].end_ns - timed->items[index].begin_ns;
  return events->taken_out_ns > 0 ? sum_ns : trial->result.timed_ns;
}

static void plain_figures(const struct results_trial *trial, const struct results_events *events,
                          const struct results_intervals *timed, struct results_figures *figures) {
  uint64_t all_timed_ns = timed_ns(trial, events, timed);
  uint64_t cpu_ns = trial->result.cpu_user_ns + trial->result.cpu_system_ns;
  double timed_seconds = (double)all_timed_ns / 1e9;
  figures->operations_per_second =
      timed_seconds > 0 ? known(trial->result.operations) / timed_seconds : NAN;
  figures->wall_ns = known(less(trial->result.wall_ns, events->taken_out_ns));
  figures->timed_ns = known(all_timed_ns);
  figures->cpu_ns = known(less(cpu_ns, events->taken_out_cpu_ns));
  figures->live_bytes = known(trial->heap.last_live_bytes);
  figures->setup_ns = known(trial->result.setup_ns);
  figures->peak_heap_bytes = known(trial->heap.peak_heap_bytes);
  figures->peak_rss_bytes = known(trial->result.peak_rss_bytes);
  figures->allocated_bytes = (double)trial->heap.allocated_bytes;
  figures->promoted_bytes = (double)trial->heap.promoted_bytes;
  figures->stopped_ns = (double)less(trial->heap.stop_ns, events->taken_out_ns);
  figures->steal_ticks = (double)trial->machine.steal_ticks;
  figures->cycles = trial->machine.cycles;
  figures->instructions = trial->machine.instructions;
  figures->cache_misses = trial->machine.cache_misses;
}

/* Of trials without `iteration` events the timed part is the only one. */
static void iteration_figures(const struct results_events *events,
                              const struct results_intervals *timed,
                              struct results_figures *figures) {
  uint64_t warmup_ns = 0, begin_ns = UINT64_MAX, end_ns = 0;
  for (size_t index = 0; index < events->iteration.count; index++) {
    const struct gc_event_iteration *iteration = &events->iteration.items[index];
    if (!iteration->is_warmup)
      continue;
    begin_ns = iteration->begin_ns < begin_ns ? iteration->begin_ns : begin_ns;
    end_ns = iteration->end_ns > end_ns ? iteration->end_ns : end_ns;
    warmup_ns = end_ns - begin_ns;
  }
  figures->warmup_ns = known(warmup_ns);
  figures->iteration_ns = figures->last_iteration_ns = NAN;
  if (timed->count > 0) {
    const struct results_span *last = &timed->items[timed->count - 1];
    figures->iteration_ns = figures->timed_ns / (double)timed->count;
    figures->last_iteration_ns = (double)(last->end_ns - last->begin_ns);
  }
}

static void floating_figures(const struct results_events *events, struct results_figures *figures) {
  double floating_bytes = 0, marked_bytes = 0, count = 0;
  for (size_t index = 0; index < events->floating_garbage.count; index++) {
    const struct gc_event_floating_garbage *found = &events->floating_garbage.items[index];
    if (!found->is_known)
      continue;
    floating_bytes += (double)found->floating_bytes;
    marked_bytes += (double)found->marked_bytes;
    count++;
  }
  figures->floating_bytes = count > 0 ? floating_bytes / count : NAN;
  figures->floating_ratio = marked_bytes > 0 ? floating_bytes / marked_bytes : NAN;
  figures->floating_finding_ns = known(events->taken_out_ns);
}

static void target_figure(const struct results_trial *trial, const struct results_events *events,
                          const struct results_pauses_list *pauses,
                          struct results_figures *figures) {
  struct results_pause_target kept = {0};
  if (results_pause_target_is_asked(trial))
    results_pause_target_add(&kept, trial, events, pauses);
  figures->within_target_ratio = results_pause_target_ratio(&kept);
}

static void utilisation_figures(const struct results_utilisation_figures *from,
                                struct results_figures *figures) {
  figures->utilisation = from->utilisation;
  figures->mmu_1ms = from->mmu[0];
  figures->mmu_10ms = from->mmu[1];
  figures->mmu_50ms = from->mmu[2];
  figures->mmu_100ms = from->mmu[3];
  figures->mmu_capacity_1ms = from->mmu_capacity[0];
  figures->mmu_capacity_10ms = from->mmu_capacity[1];
  figures->mmu_capacity_50ms = from->mmu_capacity[2];
  figures->mmu_capacity_100ms = from->mmu_capacity[3];
  figures->mutator_curve = from->mutator_curve;
  figures->capacity_curve = from->capacity_curve;
}

int results_figures_derive(const struct results_trial *trial, const struct results_events *events,
                           const struct results_pauses_list *pauses,
                           struct results_figures *figures,
                           struct results_histogram histograms[RESULTS_KINDS]) {
  struct results_utilisation_figures utilisation;
  struct results_intervals timed = {0};
  size_t samples_max = pauses->count + events->gap.count + events->stop.count + 1;
  uint64_t *values = malloc(samples_max * sizeof *values);
  int status = values ? results_timed_intervals(events, &timed) : -ENOMEM;
  plain_figures(trial, events, &timed, figures);
  iteration_figures(events, &timed, figures);
  floating_figures(events, figures);
  if (!status)
    status = pause_figures(pauses, values, figures, histograms);
  if (!status && events->gap.count)
    status = gap_figures(events, values, figures, histograms);
  if (!status)
    status = results_utilisation_derive(events, pauses, trial->machine.cores, &utilisation);
  if (!status) {
    safepoint_figures(events, &timed, values, figures);
    utilisation_figures(&utilisation, figures);
    target_figure(trial, events, pauses, figures);
    results_operations_derive(events, pauses, figures);
    status = results_costs_derive(trial, events, pauses, &timed, figures);
  }
  if (!status)
    status = results_latency_derive(events, &timed, figures->latency);
  results_intervals_finish(&timed);
  free(values);
  return status;
}

/* --- several trials ----------------------------------------------------------------------------
 */

static double aggregate_of(double *values, size_t count, enum results_aggregate aggregate) {
  double result = NAN;
  if (aggregate == RESULTS_MEDIAN)
    return results_median(values, count);
  for (size_t index = 0; index < count; index++) {
    if (isnan(values[index]))
      continue;
    if (isnan(result))
      result = values[index];
    else if (aggregate == RESULTS_SUM)
      result += values[index];
    else if ((aggregate == RESULTS_LEAST) == (values[index] < result))
      result = values[index];
  }
  return result;
}

struct results_figures results_figures_aggregate(const struct results_figures *trials, size_t count,
                                                 enum results_aggregate aggregate) {
  union {
    struct results_figures figures;
    double values[RESULTS_FIGURE_COUNT];
  } result;
  double *column = malloc((count + 1) * sizeof *column);
  for (size_t figure = 0; figure < RESULTS_FIGURE_COUNT; figure++) {
    for (size_t trial = 0; column && trial < count; trial++)
      memcpy(&column[trial], (const char *)&trials[trial] + figure * sizeof *column,
             sizeof *column);
    result.values[figure] = column ? aggregate_of(column, count, aggregate) : NAN;
  }
  free(column);
  return result.figures;
}
