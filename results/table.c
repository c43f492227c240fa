/* The terminal's table; table.h says what it shows.
 *
 * Wide, a configuration is as many pairs of lines as it has kinds of pauses: wall time above, CPU
 * time below, and under that, where a scavenge was part of the pause, what the pause cost besides;
 * its own figures stand beside the first pair. Narrow, they stand in lines of their
 * own. Cells are ASCII, so that a byte is a column.
 */
#include "results/table.h"
#include "results/table_floating.h"
#include "results/table_iterations.h"
#include "results/table_latency.h"
#include "results/table_lbo.h"
#include "results/table_leaks.h"
#include "results/table_peers.h"
#include "results/table_scaling.h"
#include "results/table_strategies.h"
#include "results/table_text.h"
#include "results/table_work.h"
#include "results/units.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
  indent = 2,
  name_width = 15,
  trials_width = 10,
  rate_width = 10,
  clock_width = 5,
  count_width = 8,
  time_width = 9,
  safepoint_width = 13,
  view_width = 13,
  ratio_width = 6,
  ratios_shown = 3
};

struct table {
  const struct table_page *page;
  const struct results_run *run;
  int kind_width;
  int total_width; /* 0: there is no room for totals */
};

/* Of the wide form. */
static size_t width_of(const struct table *table) {
  return (size_t)(indent + name_width + trials_width + rate_width + indent + table->kind_width +
                  clock_width + count_width + (RESULTS_PERCENTILES + 1) * time_width +
                  safepoint_width + indent + view_width + ratios_shown * ratio_width);
}

/* Of the lines of pauses in the narrow form. */
static size_t narrow_width_of(const struct table *table) {
  return (size_t)(2 * indent + table->kind_width + clock_width + count_width +
                  (RESULTS_PERCENTILES + 1) * time_width);
}

/* --- pauses ------------------------------------------------------------------------------------
 */

enum clock { clock_wall, clock_cpu, clock_own };
static const char *const clock_names[] = {
    [clock_wall] = "wall", [clock_cpu] = "cpu", [clock_own] = "own"};

/* A kind that is shown; no_kind stands for a configuration without pauses. */
enum { no_kind = RESULTS_KINDS };
struct shown_kind {
  const char *name;
  size_t kind;
};

static size_t shown_kinds(const struct results_summary *summary,
                          struct shown_kind kinds[RESULTS_KINDS]) {
  size_t count = 0;
  for (size_t kind = 0; kind < RESULTS_ALL_KINDS; kind++)
    if (summary->histograms[kind].total_count)
      kinds[count++] = (struct shown_kind){gc_pause_kind_names[kind], kind};
  if (results_is_floor(summary))
    kinds[count++] = (struct shown_kind){"gap", RESULTS_ALL_KINDS};
  else if (count == 0)
    kinds[count++] = (struct shown_kind){summary->statuses[RESULTS_ok] ? "none" : "", no_kind};
  else if (count > 1)
    kinds[count++] = (struct shown_kind){"all", RESULTS_ALL_KINDS};
  return count;
}

static const struct results_distribution *distribution_of(const struct results_figures *figures,
                                                          size_t kind, enum clock clock) {
  return clock == clock_wall  ? &figures->wall[kind]
         : clock == clock_cpu ? &figures->cpu[kind]
                              : &figures->own[kind];
}

static void put_pauses(const struct table *table, struct table_line *line,
                       const struct results_summary *summary, const struct shown_kind *kind,
                       enum clock clock) {
  if (kind->kind == no_kind) {
    int width = table->kind_width + clock_width + count_width + table->total_width +
                RESULTS_PERCENTILES * time_width;
    table_left(line, width, clock == clock_wall ? kind->name : "");
    return;
  }
  const struct results_distribution *sum = distribution_of(&summary->sum, kind->kind, clock);
  const struct results_distribution *median = distribution_of(&summary->median, kind->kind, clock);
  const struct results_distribution *largest =
      distribution_of(&summary->largest, kind->kind, clock);
  table_left(line, table->kind_width, clock == clock_wall ? kind->name : "");
  table_left(line, clock_width, clock_names[clock]);
  table_right(line, count_width, results_text_count(sum->count).text);
  if (table->total_width)
    table_right(line, table->total_width, results_text_ns(sum->total_ns).text);
  for (size_t index = RESULTS_P50; index < RESULTS_MAX; index++)
    table_right(line, time_width, results_text_ns(median->percentile_ns[index]).text);
  table_right(line, time_width, results_text_ns(largest->percentile_ns[RESULTS_MAX]).text);
}

static bool has_cpu(const struct results_summary *summary, const struct shown_kind *kind) {
  return kind->kind != no_kind && summary->sum.cpu[kind->kind].count > 0;
}

/* Where it says something else than the critical path does. */
static bool has_own(const struct results_summary *summary, const struct shown_kind *kind) {
  if (kind->kind == no_kind || !(summary->sum.own[kind->kind].count > 0))
    return false;
  return kind->kind == RESULTS_ALL_KINDS ||
         summary->sum.own[kind->kind].total_ns < summary->sum.cpu[kind->kind].total_ns;
}

/* A line for each clock that tells something, from `first` on. */
static void print_clocks(const struct table *table, int from, const struct results_summary *summary,
                         const struct shown_kind *kind, enum clock first) {
  for (enum clock clock = first; clock <= clock_own; clock++) {
    struct table_line line = {.used = 0};
    if ((clock == clock_cpu && !has_cpu(summary, kind)) ||
        (clock == clock_own && !has_own(summary, kind)))
      continue;
    table_left(&line, from, "");
    put_pauses(table, &line, summary, kind, clock);
    table_end_line(table->page, &line, clock == clock_wall ? TABLE_PLAIN : TABLE_DIM);
  }
}

static void put_pause_header(const struct table *table, struct table_line *line) {
  static const char *const names[] = {"p50", "p90", "p99", "p99.9", "max"};
  table_left(line, table->kind_width + clock_width, "pauses");
  table_right(line, count_width, "count");
  table_right(line, table->total_width, table->total_width ? "total" : "");
  for (size_t index = 0; index < RESULTS_PERCENTILES; index++)
    table_right(line, time_width, names[index]);
}

/* --- what a configuration is called ------------------------------------------------------------
 */

static const char *collector_of(const struct results_summary *summary) {
  return results_is_floor(summary) ? "idle" : summary->first.configuration.collector.text;
}

static const char *barrier_of(const struct results_summary *summary) {
  return results_is_floor(summary) ? "no collector" : summary->first.configuration.barrier.text;
}

static bool is_long(const struct results_summary *summary) {
  return summary->label[0] || strlen(collector_of(summary)) >= name_width ||
         strlen(barrier_of(summary)) >= name_width;
}

static void put_trials(struct table_line *line, const struct results_summary *summary) {
  char text[48];
  snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu64 " ok", summary->statuses[RESULTS_ok],
           summary->trial_count);
  table_left(line, trials_width, text);
}

/* What went wrong, in a sentence per status. */
static void print_failures(const struct table *table, const struct results_summary *summary) {
  for (size_t status = 0; status < RESULTS_STATUSES; status++) {
    char text[RESULTS_TEXT_SIZE + 160];
    if (status == RESULTS_ok || summary->statuses[status] == 0)
      continue;
    snprintf(text, sizeof text, "! %" PRIu64 " of %" PRIu64 " %s", summary->statuses[status],
             summary->trial_count, results_status_words((enum results_status)status));
    size_t used = strlen(text);
    if (status == summary->failed_status)
      snprintf(text + used, sizeof text - used, " (trial %" PRIu64 "%s%s)", summary->failed_trial,
               summary->failure[0] ? ": " : "", summary->failure);
    table_paragraph(table->page, indent, TABLE_BOLD, text);
  }
  if (summary->last_collections.count > 0) {
    struct table_line line = {.used = 0};
    table_put(&line, "last collections: ");
    results_last_collections_put(&summary->last_collections, &line);
    table_paragraph(table->page, 2 * indent, TABLE_PLAIN, line.text);
  }
}

/* Pauses that are too short for a distribution. */
static void print_short_pauses(const struct table *table, const struct results_summary *summary) {
  char text[160];
  if (!(summary->sum.short_count > 0))
    return;
  snprintf(text, sizeof text, "pauses without a stop under 1 us, in no distribution: %s, %s in all",
           results_text_count(summary->sum.short_count).text,
           results_text_ns(summary->sum.short_ns).text);
  table_paragraph(table->page, indent, TABLE_DIM, text);
}

static void print_heading(const struct table *table, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  struct table_line line = {.used = 0};
  if (results_is_floor(summary)) {
    table_put(&line, "platform floor  intervals in which this machine stopped an idle thread");
  } else {
    table_put(&line, "%s  heap %s", configuration->workload.text,
              results_text_bytes((double)configuration->heap_bytes).text);
    if (configuration->heap_multiple > 0)
      table_put(&line, " (%.4gx)", configuration->heap_multiple);
  }
  table_end_line(table->page, &line, TABLE_BOLD);
}

/* --- wide --------------------------------------------------------------------------------------
 */

static void print_wide_header(const struct table *table) {
  struct table_line line = {.used = 0};
  table_left(&line, indent, "");
  table_left(&line, name_width, "collector");
  table_left(&line, trials_width, "trials");
  table_right(&line, rate_width, "operations");
  table_left(&line, indent, "");
  put_pause_header(table, &line);
  table_right(&line, safepoint_width, "to safepoint");
  table_left(&line, indent, "");
  table_left(&line, view_width, "utilisation");
  table_right(&line, ratio_width, "1ms");
  table_right(&line, ratio_width, "10ms");
  table_right(&line, ratio_width, "100ms");
  table_end_line(table->page, &line, TABLE_DIM);
  table_left(&line, indent, "");
  table_left(&line, name_width, "barrier");
  table_left(&line, trials_width, "peak heap");
  table_right(&line, rate_width, "wall time");
  table_end_line(table->page, &line, TABLE_DIM);
}

static void put_safepoint(struct table_line *line, double ns, const char *which) {
  char text[RESULTS_UNIT_TEXT + 8];
  snprintf(text, sizeof text, "%s %s", results_text_ns(ns).text, which);
  table_right(line, safepoint_width, ns >= 0 ? text : "");
  table_left(line, indent, "");
}

static void put_beside_wall(struct table_line *line, const struct results_summary *summary) {
  const struct results_figures *median = &summary->median;
  put_safepoint(line, median->time_to_safepoint.percentile_ns[RESULTS_P50], "p50");
  table_left(line, view_width, "mmu");
  table_right(line, ratio_width, results_text_ratio(median->mmu_1ms).text);
  table_right(line, ratio_width, results_text_ratio(median->mmu_10ms).text);
  table_right(line, ratio_width, results_text_ratio(median->mmu_100ms).text);
}

static void put_beside_cpu(struct table_line *line, const struct results_summary *summary) {
  const struct results_figures *median = &summary->median;
  put_safepoint(line, summary->largest.time_to_safepoint.percentile_ns[RESULTS_MAX], "max");
  table_left(line, view_width, "mmu_capacity");
  table_right(line, ratio_width, results_text_ratio(median->mmu_capacity_1ms).text);
  table_right(line, ratio_width, results_text_ratio(median->mmu_capacity_10ms).text);
  table_right(line, ratio_width, results_text_ratio(median->mmu_capacity_100ms).text);
}

static void put_name(struct table_line *line, const struct results_summary *summary,
                     const char *name) {
  table_left(line, indent, "");
  table_left(line, name_width, is_long(summary) ? "" : name);
}

static void put_left_of_wall(struct table_line *line, const struct results_summary *summary) {
  double rate = summary->median.operations_per_second;
  put_name(line, summary, collector_of(summary));
  put_trials(line, summary);
  table_right(line, rate_width, results_is_floor(summary) ? "" : results_text_rate(rate).text);
  table_left(line, indent, "");
}

static void put_left_of_cpu(struct table_line *line, const struct results_summary *summary) {
  double peak_bytes = summary->largest.peak_heap_bytes;
  put_name(line, summary, barrier_of(summary));
  table_left(line, trials_width,
             results_is_floor(summary) ? "" : results_text_bytes(peak_bytes).text);
  table_right(line, rate_width, results_text_ns(summary->median.wall_ns).text);
  table_left(line, indent, "");
}

static void print_long_name(const struct table *table, const struct results_summary *summary) {
  struct table_line line = {.used = 0};
  table_put(&line, "  %s  %s  %s", collector_of(summary), barrier_of(summary), summary->label);
  table_end_line(table->page, &line, TABLE_PLAIN);
}

/* A configuration of which no trial is ok: its names, and in the failures below what happened. */
static void print_wide_failed(const struct table *table, const struct results_summary *summary) {
  struct table_line line = {.used = 0};
  put_name(&line, summary, collector_of(summary));
  put_trials(&line, summary);
  table_end_line(table->page, &line, TABLE_PLAIN);
  put_name(&line, summary, barrier_of(summary));
  table_end_line(table->page, &line, TABLE_DIM);
}

static void print_wide(const struct table *table, const struct results_summary *summary) {
  struct shown_kind kinds[RESULTS_KINDS + 1];
  size_t count = shown_kinds(summary, kinds);
  struct table_line line = {.used = 0};
  int left_width = indent + name_width + trials_width + rate_width + indent;
  if (is_long(summary))
    print_long_name(table, summary);
  if (summary->statuses[RESULTS_ok] == 0) {
    print_wide_failed(table, summary);
    return;
  }
  put_left_of_wall(&line, summary);
  put_pauses(table, &line, summary, &kinds[0], clock_wall);
  put_beside_wall(&line, summary);
  table_end_line(table->page, &line, TABLE_PLAIN);
  put_left_of_cpu(&line, summary);
  put_pauses(table, &line, summary, &kinds[0], clock_cpu);
  put_beside_cpu(&line, summary);
  table_end_line(table->page, &line, TABLE_DIM);
  print_clocks(table, left_width, summary, &kinds[0], clock_own);
  for (size_t index = 1; index < count; index++)
    print_clocks(table, left_width, summary, &kinds[index], clock_wall);
}

/* --- narrow ------------------------------------------------------------------------------------
 */

static void print_narrow_figures(const struct table *table, const struct results_summary *summary) {
  const struct results_figures *median = &summary->median;
  struct table_line line = {.used = 0};
  table_put(&line, "    ");
  if (!results_is_floor(summary)) {
    table_put(&line, "%s operations, %s, peak heap %s",
              results_text_rate(median->operations_per_second).text,
              results_text_ns(median->wall_ns).text,
              results_text_bytes(summary->largest.peak_heap_bytes).text);
    table_end_line(table->page, &line, TABLE_PLAIN);
    if (summary->sum.time_to_safepoint.count > 0)
      table_put(
          &line, "    to safepoint p50 %s, max %s",
          results_text_ns(median->time_to_safepoint.percentile_ns[RESULTS_P50]).text,
          results_text_ns(summary->largest.time_to_safepoint.percentile_ns[RESULTS_MAX]).text);
    if (line.used)
      table_end_line(table->page, &line, TABLE_PLAIN);
    table_put(&line, "    ");
  }
  table_put(&line, "at 1, 10, 100 ms: mmu %s, %s, %s; ", results_text_ratio(median->mmu_1ms).text,
            results_text_ratio(median->mmu_10ms).text, results_text_ratio(median->mmu_100ms).text);
  table_put(&line, "mmu_capacity %s, %s, %s", results_text_ratio(median->mmu_capacity_1ms).text,
            results_text_ratio(median->mmu_capacity_10ms).text,
            results_text_ratio(median->mmu_capacity_100ms).text);
  table_end_line(table->page, &line, TABLE_PLAIN);
}

static void print_narrow(const struct table *table, const struct results_summary *summary) {
  struct shown_kind kinds[RESULTS_KINDS + 1];
  size_t count = shown_kinds(summary, kinds);
  struct table_line line = {.used = 0};
  table_put(&line, "  %s  %s  %s%s", collector_of(summary), barrier_of(summary), summary->label,
            summary->label[0] ? "  " : "");
  put_trials(&line, summary);
  table_end_line(table->page, &line, TABLE_PLAIN);
  if (summary->statuses[RESULTS_ok] == 0)
    return;
  print_narrow_figures(table, summary);
  if (kinds[0].kind == no_kind) {
    table_paragraph(table->page, 4, TABLE_PLAIN, "no pauses");
    return;
  }
  table_put(&line, "    ");
  put_pause_header(table, &line);
  table_end_line(table->page, &line, TABLE_DIM);
  for (size_t index = 0; index < count; index++)
    print_clocks(table, 4, summary, &kinds[index], clock_wall);
}

/* --- the table ---------------------------------------------------------------------------------
 */

static void print_left_out(const struct table *table) {
  for (size_t index = 0; index < table->run->left_out_count; index++) {
    const struct results_left_out *left_out = &table->run->left_out[index];
    char text[RESULTS_TEXT_SIZE + 64];
    snprintf(text, sizeof text, "! trial %" PRIu64 " is left out: %s", left_out->trial,
             left_out->reason);
    table_paragraph(table->page, indent, TABLE_BOLD, text);
  }
}

static void print_legend(const struct table *table) {
  char text[1024];
  snprintf(
      text, sizeof text,
      "Pauses of the timed part. Counts are of all trials; percentiles are per trial, then the "
      "median of trials; max is the largest of all. \"-\": fewer than 10 samples beyond it, or "
      "not measured. cpu: the pause's critical path, of the pauses from 20 us up. own: what it "
      "cost besides a "
      "scavenge in it; of all: without the plain scavenges. mmu: least "
      "share of any window left to a mutator; mmu_capacity: of the %" PRIu64
      " processors to the program.",
      table->run->cores);
  table_paragraph(table->page, 0, TABLE_DIM, text);
}

/* The widest name of a kind in the run, so that a column is no wider than it must be. */
static int kind_width_of(const struct results_run *run) {
  size_t width = strlen("pauses");
  for (size_t index = 0; index < run->summary_count; index++) {
    struct shown_kind kinds[RESULTS_KINDS + 1];
    size_t count = shown_kinds(&run->summaries[index], kinds);
    for (size_t place = 0; place < count; place++)
      if (strlen(kinds[place].name) > width)
        width = strlen(kinds[place].name);
  }
  return (int)width + indent;
}

static void print_pauses(const struct table *table, bool is_wide) {
  const struct results_run *run = table->run;
  if (is_wide)
    print_wide_header(table);
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (index == 0 || !results_same_group(summary, summary - 1)) {
      table_rule(table->page);
      print_heading(table, summary);
    }
    if (is_wide)
      print_wide(table, summary);
    else
      print_narrow(table, summary);
    print_short_pauses(table, summary);
    print_failures(table, summary);
  }
  table_rule(table->page);
  print_left_out(table);
  print_legend(table);
}

/* Where a run's trials ran, when that was not on one machine. */
static void print_machines(struct table_page *page, const struct results_run *run) {
  char text[2 * RESULTS_TEXT_SIZE], trials[RESULTS_TEXT_SIZE];
  for (size_t index = 0; run->hosts.count > 1 && index < run->hosts.count; index++) {
    const struct results_host *machine = &run->hosts.items[index];
    results_host_trials(machine, trials, sizeof trials);
    snprintf(text, sizeof text, "On %.200s: trials %s.", results_host_name(machine), trials);
    table_paragraph(page, 0, TABLE_PLAIN, text);
  }
  if (run->hosts.count > 1)
    table_paragraph(page, 0, TABLE_BOLD,
                    "Trials of several machines: the figures above are over all of them; "
                    "comparisons (tricolor compare) pair trials of one machine.");
}

void results_table_print_width(FILE *stream, const struct results_run *run, size_t columns,
                               enum results_table_style style) {
  struct table_page page = {.stream = stream, .is_styled = style == RESULTS_TABLE_STYLED};
  struct table table = {
      .page = &page, .run = run, .kind_width = kind_width_of(run), .total_width = time_width};
  bool is_wide = columns >= width_of(&table);
  if (!is_wide && columns < narrow_width_of(&table))
    table.total_width = 0;
  page.columns = is_wide ? width_of(&table) : columns;
  print_pauses(&table, is_wide);
  page.columns = columns;
  results_table_work_print(&page, run);
  results_table_iterations_print(&page, run);
  results_table_latency_print(&page, run);
  results_table_floating_print(&page, run);
  results_table_strategies_print(&page, run);
  results_table_peers_print(&page, run);
  results_table_scaling_print(&page, run);
  results_table_lbo_print(&page, run);
  results_table_leaks_print(&page, run);
  print_machines(&page, run);
  if (run->is_quick)
    table_paragraph(&page, 0, TABLE_BOLD,
                    "Quick parameters: good for checking that everything runs, not for "
                    "conclusions.");
}

size_t results_columns_of(FILE *stream) {
  struct winsize size;
  const char *columns = getenv("COLUMNS");
  long wanted = columns ? strtol(columns, NULL, 10) : 0;
  if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return wanted >= 40 ? (size_t)wanted : 180;
}

enum results_table_style results_style_of(FILE *stream) {
  const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
  bool is_styled = isatty(fileno(stream)) && !(no_color && *no_color) &&
                   !(terminal && strcmp(terminal, "dumb") == 0);
  return is_styled ? RESULTS_TABLE_STYLED : RESULTS_TABLE_PLAIN;
}

void results_table_print(FILE *stream, const struct results_run *run) {
  results_table_print_width(stream, run, results_columns_of(stream), results_style_of(stream));
}
