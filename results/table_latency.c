/* The table of latencies; latency.h has the definitions. */
#include "results/table_latency.h"
#include "results/grid.h"
#include "results/units.h"

static const char *const titles[RESULTS_LATENCY_KINDS] = {
    [RESULTS_LATENCY_SIMPLE] = "simple",
    [RESULTS_LATENCY_METERED_100MS] = "metered, 100 ms",
    [RESULTS_LATENCY_METERED_FULL] = "metered, full",
    [RESULTS_LATENCY_RESPONSE] = "response",
    [RESULTS_LATENCY_ORDINARY] = "response, ordinary",
};

enum { column_name, column_kind, column_count, first_percentile };

static bool has_requests(const struct results_summary *summary) {
  return summary->statuses[RESULTS_ok] > 0 &&
         summary->sum.latency[RESULTS_LATENCY_SIMPLE].count > 0;
}

/* In a closed loop the response is the simple latency; where all requests are ordinary, theirs is
 * everybody's. */
static bool is_shown(const struct results_summary *summary, enum results_latency_kind kind) {
  const struct results_latency *largest = summary->largest.latency;
  const struct results_latency *sum = summary->sum.latency;
  if (kind == RESULTS_LATENCY_ORDINARY)
    return sum[kind].count < sum[RESULTS_LATENCY_SIMPLE].count;
  return kind != RESULTS_LATENCY_RESPONSE ||
         largest[kind].percentile_ns[RESULTS_LATENCY_MAX] !=
             largest[RESULTS_LATENCY_SIMPLE].percentile_ns[RESULTS_LATENCY_MAX];
}

static void add_columns(struct results_grid *grid) {
  static const char *const names[RESULTS_LATENCY_PERCENTILES] = {"p50",   "p90",    "p99",
                                                                 "p99.9", "p99.99", "max"};
  results_grid_add_column(grid, "", "collector, barrier");
  results_grid_add_column(grid, "", "latency");
  results_grid_add_column(grid, "", "requests");
  for (size_t index = 0; index < RESULTS_LATENCY_PERCENTILES; index++)
    results_grid_add_column(grid, "", names[index]);
}

static void add_row(struct results_grid *grid, const struct results_summary *summary,
                    enum results_latency_kind kind) {
  const struct results_configuration *configuration = &summary->first.configuration;
  struct results_grid_name name = results_grid_name(configuration, summary->label);
  results_grid_add_row(grid);
  results_grid_set(grid, column_name, kind == RESULTS_LATENCY_SIMPLE ? name.text : "");
  results_grid_set(grid, column_kind, titles[kind]);
  results_grid_set(grid, column_count, results_text_count(summary->sum.latency[kind].count).text);
  for (size_t index = 0; index < RESULTS_LATENCY_PERCENTILES; index++) {
    const struct results_figures *figures =
        index == RESULTS_LATENCY_MAX ? &summary->largest : &summary->median;
    results_grid_set(grid, first_percentile + index,
                     results_text_ns(figures->latency[kind].percentile_ns[index]).text);
  }
}

static void print_group(const struct table_page *page, const struct results_summary *summaries,
                        size_t count) {
  const struct results_configuration *configuration = &summaries[0].first.configuration;
  struct results_grid grid = {0};
  add_columns(&grid);
  for (size_t index = 0; index < count; index++)
    for (enum results_latency_kind kind = 0; kind < RESULTS_LATENCY_KINDS; kind++)
      if (has_requests(&summaries[index]) && is_shown(&summaries[index], kind))
        add_row(&grid, &summaries[index], kind);
  results_grid_print_group(&grid, page, configuration);
  results_grid_finish(&grid);
}

void results_table_latency_print(const struct table_page *page, const struct results_run *run) {
  struct table_line line = {.used = 0};
  size_t shown = 0;
  for (size_t index = 0; index < run->summary_count; index++)
    shown += has_requests(&run->summaries[index]);
  if (shown == 0)
    return;
  table_put(&line, "\nLatency of requests");
  table_end_line(page, &line, TABLE_BOLD);
  for (size_t first = 0, end; first < run->summary_count; first = end) {
    end = results_run_group_end(run, first);
    print_group(page, &run->summaries[first], end - first);
  }
  table_paragraph(page, 0, TABLE_DIM,
                  "simple: begin of a request's service to its end. metered: begins spread evenly, "
                  "over a moving window of 100 ms or over the whole time. response: from the "
                  "intended arrival of an open loop; ordinary: without slow classes of requests. "
                  "Percentiles per trial, then the median of trials; max of all. \"-\": fewer than "
                  "10 requests beyond it.");
}
