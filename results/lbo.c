/* Lower-bound overhead; lbo.h has the definitions. */
#include "results/lbo.h"
#include "results/order.h"
#include "results/statistics.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const results_lbo_names[RESULTS_LBO_METRICS] = {
    [RESULTS_LBO_WALL] = "wall", [RESULTS_LBO_CPU] = "cpu"};

/* Resamples of the same trials are the same in every table. */
enum { INTERVAL_SEED = 1 };

static double total_ns(const struct results_figures *figures, enum results_lbo_metric metric) {
  return metric == RESULTS_LBO_WALL ? figures->wall_ns : figures->cpu_ns;
}

static double distilled_ns(const struct results_figures *figures, enum results_lbo_metric metric) {
  return metric == RESULTS_LBO_WALL ? figures->distilled_wall_ns : figures->distilled_cpu_ns;
}

/* --- configurations ----------------------------------------------------------------------------
 */

static bool same_settings(const struct results_settings *left,
                          const struct results_settings *right) {
  bool is_same = left->count == right->count;
  for (size_t index = 0; is_same && index < left->count; index++)
    is_same = strcmp(left->items[index].name, right->items[index].name) == 0 &&
              strcmp(left->items[index].text, right->items[index].text) == 0;
  return is_same;
}

static bool same_workload(const struct results_summary *left, const struct results_summary *right) {
  const struct results_configuration *first = &left->first.configuration;
  const struct results_configuration *second = &right->first.configuration;
  return strcmp(first->workload.text, second->workload.text) == 0 &&
         first->mutators == second->mutators && first->quick == second->quick &&
         same_settings(&first->parameters, &second->parameters);
}

static void find_minimum(const struct results_run *run, const struct results_summary *summary,
                         enum results_lbo_metric metric, struct results_lbo_cost *cost) {
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *other = &run->summaries[index];
    double ns = distilled_ns(&other->median, metric);
    if (other->statuses[RESULTS_ok] == 0 || !(ns > 0) || !same_workload(summary, other) ||
        results_collector_is_baseline(other->first.configuration.collector.text) ||
        ns >= cost->minimum_ns)
      continue;
    cost->minimum_ns = ns;
    cost->minimum_of = other;
  }
}

static int set_interval(const struct results_summary *summary, enum results_lbo_metric metric,
                        struct results_lbo_cost *cost) {
  size_t count = summary->statuses[RESULTS_ok];
  double *ratios = malloc((count + 1) * sizeof *ratios);
  if (!ratios)
    return -ENOMEM;
  for (size_t index = 0; index < count; index++)
    ratios[index] = total_ns(&summary->trials[index], metric) / cost->minimum_ns;
  struct results_interval interval = results_interval_of_ratios(ratios, count, 1, INTERVAL_SEED);
  cost->low = interval.low;
  cost->high = interval.high;
  free(ratios);
  return 0;
}

static int set_cost(const struct results_run *run, const struct results_summary *summary,
                    enum results_lbo_metric metric, struct results_lbo_cost *cost) {
  *cost = (struct results_lbo_cost){.total_ns = NAN,
                                    .distilled_ns = NAN,
                                    .minimum_ns = INFINITY,
                                    .ratio = NAN,
                                    .low = NAN,
                                    .high = NAN};
  if (!results_is_floor(summary))
    find_minimum(run, summary, metric, cost);
  if (!cost->minimum_of)
    cost->minimum_ns = NAN;
  if (!cost->minimum_of || summary->statuses[RESULTS_ok] == 0)
    return 0;
  cost->total_ns = total_ns(&summary->median, metric);
  cost->distilled_ns = distilled_ns(&summary->median, metric);
  cost->ratio = cost->total_ns / cost->minimum_ns;
  return set_interval(summary, metric, cost);
}

/* --- means per heap ----------------------------------------------------------------------------
 */

static double ratio_of(const struct results_run *run, const struct results_lbo *lbo,
                       const struct results_strategies *strategies, size_t place,
                       const char *workload, enum results_lbo_metric metric) {
  const struct results_summary *summary = results_strategies_find(run, strategies, place, workload);
  return summary ? lbo->costs[summary - run->summaries][metric].ratio : NAN;
}

/* The workloads of which every strategy has a ratio. */
static void find_workloads(const struct results_run *run, const struct results_lbo *lbo,
                           const struct results_strategies *strategies,
                           enum results_lbo_metric metric, struct results_lbo_mean *mean) {
  for (size_t index = 0; index < strategies->workload_count; index++) {
    const char *workload = strategies->workloads[index];
    bool is_known = true;
    for (size_t place = 0; is_known && place < strategies->count; place++)
      is_known = !isnan(ratio_of(run, lbo, strategies, place, workload, metric));
    if (is_known)
      mean->workloads[mean->workload_count++] = workload;
    else
      snprintf(mean->left_out[mean->left_out_count++], RESULTS_TEXT_SIZE,
               "%.120s (its %s time has no distilled cost)", workload,
               metric == RESULTS_LBO_WALL ? "wall" : "CPU");
  }
}

static int make_mean(const struct results_run *run, const struct results_lbo *lbo,
                     const struct results_strategies *strategies, enum results_lbo_metric metric,
                     struct results_lbo_mean *mean) {
  *mean = (struct results_lbo_mean){
      .ratios = calloc(strategies->count + 1, sizeof *mean->ratios),
      .workloads = calloc(strategies->workload_count + 1, sizeof *mean->workloads),
      .left_out = calloc(strategies->workload_count + 1, sizeof *mean->left_out)};
  double *ratios = calloc(strategies->workload_count + 1, sizeof *ratios);
  bool has_memory = mean->ratios && mean->workloads && mean->left_out && ratios;
  if (has_memory)
    find_workloads(run, lbo, strategies, metric, mean);
  for (size_t place = 0; has_memory && place < strategies->count; place++) {
    for (size_t index = 0; index < mean->workload_count; index++)
      ratios[index] = ratio_of(run, lbo, strategies, place, mean->workloads[index], metric);
    mean->ratios[place] =
        mean->workload_count ? results_geometric_mean(ratios, mean->workload_count) : NAN;
  }
  free(ratios);
  return has_memory ? 0 : -ENOMEM;
}

/* --- the run -----------------------------------------------------------------------------------
 */

int results_lbo_derive(const struct results_run *run, struct results_lbo *lbo) {
  *lbo = (struct results_lbo){.costs = calloc(run->summary_count + 1, sizeof *lbo->costs)};
  int status = lbo->costs ? results_strategies_derive_each(run, &lbo->list) : -ENOMEM;
  for (size_t index = 0; !status && index < run->summary_count; index++)
    for (enum results_lbo_metric metric = 0; !status && metric < RESULTS_LBO_METRICS; metric++)
      status = set_cost(run, &run->summaries[index], metric, &lbo->costs[index][metric]);
  lbo->heaps = status ? NULL : calloc(lbo->list.count + 1, sizeof *lbo->heaps);
  if (!lbo->heaps)
    status = -ENOMEM;
  for (; !status && lbo->heap_count < lbo->list.count; lbo->heap_count++) {
    struct results_lbo_heap *heap = &lbo->heaps[lbo->heap_count];
    heap->strategies = &lbo->list.items[lbo->heap_count];
    for (enum results_lbo_metric metric = 0; !status && metric < RESULTS_LBO_METRICS; metric++)
      status = make_mean(run, lbo, heap->strategies, metric, &heap->means[metric]);
  }
  if (status)
    results_lbo_finish(lbo);
  return status;
}

void results_lbo_finish(struct results_lbo *lbo) {
  for (size_t index = 0; lbo->heaps && index < lbo->list.count; index++)
    for (enum results_lbo_metric metric = 0; metric < RESULTS_LBO_METRICS; metric++) {
      free(lbo->heaps[index].means[metric].ratios);
      free(lbo->heaps[index].means[metric].workloads);
      free(lbo->heaps[index].means[metric].left_out);
    }
  free(lbo->heaps);
  results_strategies_finish(&lbo->list);
  free(lbo->costs);
  *lbo = (struct results_lbo){0};
}
