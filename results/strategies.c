/* Strategies over a set of workloads; strategies.h says how they are compared. */
#include "results/strategies.h"
#include "results/statistics.h"
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char baseline_collector[] = "stw", control_collector[] = "epsilon",
                  control_barrier[] = "none";

static const struct results_configuration *configuration_of(const struct results_summary *summary) {
  return &summary->first.configuration;
}

static bool has_collector(const struct results_summary *summary, const char *collector) {
  return strcmp(configuration_of(summary)->collector.text, collector) == 0;
}

static bool has_barrier(const struct results_summary *summary, const char *barrier) {
  return strcmp(configuration_of(summary)->barrier.text, barrier) == 0;
}

static bool has_workload(const struct results_summary *summary, const char *workload) {
  return strcmp(summary->work, workload) == 0;
}

static bool is_ok(const struct results_summary *summary) {
  return summary && summary->statuses[RESULTS_ok] > 0;
}

static bool same_strategy(const struct results_summary *left, const struct results_summary *right) {
  return has_collector(left, configuration_of(right)->collector.text) &&
         has_barrier(left, configuration_of(right)->barrier.text) &&
         strcmp(left->strategy_label, right->strategy_label) == 0;
}

static bool same_heap(const struct results_summary *left, const struct results_summary *right) {
  const struct results_configuration *first = configuration_of(left);
  const struct results_configuration *second = configuration_of(right);
  if (isnan(first->heap_multiple) || isnan(second->heap_multiple))
    return isnan(first->heap_multiple) && isnan(second->heap_multiple) &&
           first->heap_bytes == second->heap_bytes;
  return fabs(first->heap_multiple - second->heap_multiple) < 1e-9;
}

/* One heap of a run, while its table is made. */
struct comparison {
  const struct results_run *run;
  struct results_strategies *table;
};

static const struct results_summary *find_at(const struct results_run *run,
                                             const struct results_strategies *table,
                                             const struct results_summary *strategy,
                                             const char *workload) {
  for (size_t index = 0; index < run->summary_count; index++)
    if (!results_is_floor(&run->summaries[index]) &&
        same_heap(&run->summaries[index], table->heap) &&
        has_workload(&run->summaries[index], workload) &&
        same_strategy(&run->summaries[index], strategy))
      return &run->summaries[index];
  return NULL;
}

const struct results_summary *results_strategies_find(const struct results_run *run,
                                                      const struct results_strategies *table,
                                                      size_t place, const char *workload) {
  return find_at(run, table, table->items[place].summary, workload);
}

static const struct results_summary *find(const struct comparison *comparison,
                                          const struct results_summary *strategy,
                                          const char *workload) {
  return find_at(comparison->run, comparison->table, strategy, workload);
}

static bool is_of_heap(const struct comparison *comparison, const struct results_summary *summary) {
  return !results_is_floor(summary) && same_heap(summary, comparison->table->heap);
}

/* --- rows --------------------------------------------------------------------------------------
 */

/* False for a strategy that an earlier summary of this heap has. */
static bool is_new_strategy(const struct comparison *comparison, size_t place) {
  const struct results_summary *summaries = comparison->run->summaries;
  for (size_t index = 0; index < place; index++)
    if (is_of_heap(comparison, &summaries[index]) &&
        same_strategy(&summaries[index], &summaries[place]))
      return false;
  return true;
}

static bool is_ok_anywhere(const struct comparison *comparison,
                           const struct results_summary *strategy) {
  const struct results_run *run = comparison->run;
  for (size_t index = 0; index < run->summary_count; index++)
    if (is_of_heap(comparison, &run->summaries[index]) &&
        same_strategy(&run->summaries[index], strategy) && is_ok(&run->summaries[index]))
      return true;
  return false;
}

static bool has_control(const struct comparison *comparison) {
  const struct results_run *run = comparison->run;
  for (size_t index = 0; index < run->summary_count; index++)
    if (is_of_heap(comparison, &run->summaries[index]) &&
        has_collector(&run->summaries[index], control_collector) &&
        has_barrier(&run->summaries[index], control_barrier) && is_ok(&run->summaries[index]))
      return true;
  return false;
}

static void leave_out(struct results_strategies *table, const char *what, const char *of,
                      const struct results_summary *reason) {
  char *text = table->left_out[table->left_out_count++];
  enum results_status status = reason ? reason->failed_status : RESULTS_ok;
  snprintf(text, RESULTS_TEXT_SIZE, "%.120s (%.120s: %s)", what, of,
           status == RESULTS_ok ? "did not run" : results_status_words(status));
}

/* A row per strategy that finished something. Where the control collector runs without a barrier,
 * its other barriers only tell what they cost. */
static void find_rows(struct comparison *comparison) {
  struct results_strategies *table = comparison->table;
  bool is_controlled = has_control(comparison);
  for (size_t index = 0; index < comparison->run->summary_count; index++) {
    const struct results_summary *summary = &comparison->run->summaries[index];
    bool is_control = is_controlled && has_collector(summary, control_collector) &&
                      !has_barrier(summary, control_barrier);
    if (!is_of_heap(comparison, summary) || is_control || !is_new_strategy(comparison, index))
      continue;
    if (is_ok_anywhere(comparison, summary))
      table->items[table->count++] = (struct results_strategy){.summary = summary};
    else
      leave_out(table, configuration_of(summary)->collector.text,
                configuration_of(summary)->barrier.text, summary);
  }
}

/* A place in items: `stw`, else the first that collects. */
static size_t find_baseline(const struct results_strategies *table) {
  for (size_t index = 0; index < table->count; index++)
    if (has_collector(table->items[index].summary, baseline_collector))
      return index;
  for (size_t index = 0; index < table->count; index++)
    if (!has_collector(table->items[index].summary, control_collector))
      return index;
  return 0;
}

/* --- workloads ---------------------------------------------------------------------------------
 */

static bool is_known_workload(const struct comparison *comparison, size_t before,
                              const char *workload) {
  for (size_t index = 0; index < before; index++)
    if (is_of_heap(comparison, &comparison->run->summaries[index]) &&
        has_workload(&comparison->run->summaries[index], workload))
      return true;
  return false;
}

/* The first strategy that did not finish the workload; null: all did. */
static const struct results_strategy *find_unfinished(const struct comparison *comparison,
                                                      const char *workload) {
  for (size_t index = 0; index < comparison->table->count; index++) {
    const struct results_strategy *strategy = &comparison->table->items[index];
    if (!is_ok(find(comparison, strategy->summary, workload)))
      return strategy;
  }
  return NULL;
}

static void find_workloads(struct comparison *comparison) {
  struct results_strategies *table = comparison->table;
  for (size_t index = 0; index < comparison->run->summary_count; index++) {
    const struct results_summary *summary = &comparison->run->summaries[index];
    const char *workload = summary->work;
    if (!is_of_heap(comparison, summary) || is_known_workload(comparison, index, workload))
      continue;
    const struct results_strategy *unfinished = find_unfinished(comparison, workload);
    if (!unfinished)
      table->workloads[table->workload_count++] = workload;
    else
      leave_out(table, workload, configuration_of(unfinished->summary)->collector.text,
                find(comparison, unfinished->summary, workload));
  }
}

/* --- figures -----------------------------------------------------------------------------------
 */

static void take_largest(double *largest, double value) {
  if (!isnan(value) && !(value <= *largest))
    *largest = value;
}

static void take_least(double *least, double value) {
  if (!isnan(value) && !(value >= *least))
    *least = value;
}

static void add_pauses(struct results_strategy *strategy, const struct results_summary *summary) {
  take_largest(&strategy->p99_ns,
               summary->median.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_P99]);
  take_largest(&strategy->largest_ns,
               summary->largest.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX]);
  take_largest(&strategy->own_largest_ns,
               summary->largest.own[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX]);
  take_least(&strategy->mmu_1ms, summary->median.mmu_1ms);
  take_least(&strategy->mmu_10ms, summary->median.mmu_10ms);
  take_least(&strategy->mmu_50ms, summary->median.mmu_50ms);
  take_least(&strategy->utilisation, summary->median.utilisation);
}

/* Geometric mean over the set of a figure of one over that of the other; NaN when a workload lacks
 * either. `ratios` has room for the set. */
static double mean_ratio(const struct comparison *comparison, const struct results_summary *of,
                         const struct results_summary *over, size_t figure_offset, double *ratios) {
  const struct results_strategies *table = comparison->table;
  for (size_t index = 0; index < table->workload_count; index++) {
    const struct results_summary *first = find(comparison, of, table->workloads[index]);
    const struct results_summary *second = find(comparison, over, table->workloads[index]);
    if (!is_ok(first) || !is_ok(second))
      return NAN;
    double one = *(const double *)((const char *)&first->median + figure_offset);
    double other = *(const double *)((const char *)&second->median + figure_offset);
    ratios[index] = one / other;
    if (!(ratios[index] > 0))
      return NAN;
  }
  return results_geometric_mean(ratios, table->workload_count);
}

/* Any summary of that collector and barrier at this heap. */
static const struct results_summary *find_pair(const struct comparison *comparison,
                                               const char *collector, const char *barrier) {
  for (size_t index = 0; index < comparison->run->summary_count; index++) {
    const struct results_summary *summary = &comparison->run->summaries[index];
    if (is_of_heap(comparison, summary) && has_collector(summary, collector) &&
        has_barrier(summary, barrier))
      return summary;
  }
  return NULL;
}

/* Of the control collector: under the barrier, over none. */
static double barrier_ratio(const struct comparison *comparison, const char *barrier,
                            double *ratios) {
  const struct results_summary *of = find_pair(comparison, control_collector, barrier);
  const struct results_summary *over = find_pair(comparison, control_collector, control_barrier);
  return of && over
             ? mean_ratio(comparison, of, over, offsetof(struct results_figures, wall_ns), ratios)
             : NAN;
}

static void fill_row(const struct comparison *comparison, struct results_strategy *strategy,
                     double *ratios) {
  const struct results_strategies *table = comparison->table;
  const struct results_summary *baseline = table->items[table->baseline].summary;
  const struct results_summary *summary = strategy->summary;
  *strategy = (struct results_strategy){
      .summary = summary,
      .p99_ns = NAN,
      .largest_ns = NAN,
      .own_largest_ns = NAN,
      .mmu_1ms = NAN,
      .mmu_10ms = NAN,
      .mmu_50ms = NAN,
      .utilisation = NAN,
  };
  strategy->wall_ratio =
      mean_ratio(comparison, summary, baseline, offsetof(struct results_figures, wall_ns), ratios);
  strategy->cpu_ratio =
      mean_ratio(comparison, summary, baseline, offsetof(struct results_figures, cpu_ns), ratios);
  strategy->peak_heap_ratio = mean_ratio(comparison, summary, baseline,
                                         offsetof(struct results_figures, peak_heap_bytes), ratios);
  strategy->barrier_ratio =
      barrier_ratio(comparison, configuration_of(summary)->barrier.text, ratios);
  for (size_t index = 0; index < table->workload_count; index++)
    add_pauses(strategy, find(comparison, summary, table->workloads[index]));
}

/* --- tables ------------------------------------------------------------------------------------
 */

static void table_finish(struct results_strategies *table) {
  free(table->items);
  free(table->workloads);
  free(table->left_out);
}

static int make_table(const struct results_run *run, const struct results_summary *heap,
                      struct results_strategies *table) {
  size_t most = run->summary_count + 1;
  *table = (struct results_strategies){.heap = heap,
                                       .items = calloc(most, sizeof *table->items),
                                       .workloads = calloc(most, sizeof *table->workloads),
                                       .left_out = calloc(2 * most, sizeof *table->left_out)};
  double *ratios = malloc(most * sizeof *ratios);
  struct comparison comparison = {run, table};
  bool has_memory = table->items && table->workloads && table->left_out && ratios;
  if (has_memory) {
    find_rows(&comparison);
    table->baseline = find_baseline(table);
    find_workloads(&comparison);
    for (size_t index = 0; index < table->count; index++)
      fill_row(&comparison, &table->items[index], ratios);
  } else {
    table_finish(table);
  }
  free(ratios);
  return has_memory ? 0 : -ENOMEM;
}

static bool has_table(const struct results_strategies_list *list,
                      const struct results_summary *heap) {
  for (size_t index = 0; index < list->count; index++)
    if (same_heap(list->items[index].heap, heap))
      return true;
  return false;
}

int results_strategies_derive_each(const struct results_run *run,
                                   struct results_strategies_list *list) {
  *list = (struct results_strategies_list){.items =
                                               calloc(run->summary_count + 1, sizeof *list->items)};
  int status = list->items ? 0 : -ENOMEM;
  for (size_t index = 0; !status && index < run->summary_count; index++) {
    const struct results_summary *heap = &run->summaries[index];
    if (results_is_floor(heap) || has_table(list, heap))
      continue;
    status = make_table(run, heap, &list->items[list->count]);
    list->count += !status;
  }
  if (status)
    results_strategies_finish(list);
  return status;
}

int results_strategies_derive(const struct results_run *run, struct results_strategies_list *list) {
  int status = results_strategies_derive_each(run, list);
  size_t kept = 0;
  for (size_t index = 0; index < list->count; index++) {
    if (list->items[index].count > 1)
      list->items[kept++] = list->items[index];
    else
      table_finish(&list->items[index]);
  }
  list->count = kept;
  return status;
}

void results_strategies_finish(struct results_strategies_list *list) {
  for (size_t index = 0; index < list->count; index++)
    table_finish(&list->items[index]);
  free(list->items);
  *list = (struct results_strategies_list){0};
}
