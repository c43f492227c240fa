/* The terminal's table; table.h says what it shows.
 *
 * Wide, a configuration is as many pairs of lines as it has kinds of pauses: wall time above, CPU
 * time below; its own figures stand beside the first pair. Narrow, they stand in lines of their
 * own. Cells are ASCII, so that a byte is a column.
 */
#include "results/table.h"
#include "results/units.h"
#include <inttypes.h>
#include <stdarg.h>
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
  line_size = 1024
};

struct table {
  FILE *stream;
  const struct results_run *run;
  bool is_styled;
  size_t columns;
  int kind_width;
};

/* Of the wide form. */
static size_t width_of(const struct table *table) {
  return (size_t)(indent + name_width + trials_width + rate_width + indent + table->kind_width +
                  clock_width + count_width + RESULTS_PERCENTILES * time_width + safepoint_width +
                  indent + view_width + RESULTS_WINDOWS * ratio_width);
}

/* --- lines -------------------------------------------------------------------------------------
 */

enum style { style_plain, style_bold, style_dim };
static const char *const style_codes[] = {
    [style_plain] = "", [style_bold] = "\033[1m", [style_dim] = "\033[2m"};

struct line {
  char text[line_size];
  size_t used;
};

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct line *line, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length =
      vsnprintf(line->text + line->used, sizeof line->text - line->used, format, arguments);
  va_end(arguments);
  if (length > 0)
    line->used += (size_t)length;
  if (line->used >= sizeof line->text)
    line->used = sizeof line->text - 1;
}

static void left(struct line *line, int width, const char *text) {
  put(line, "%-*s", width, text);
}

static void right(struct line *line, int width, const char *text) {
  put(line, "%*s", width, text);
}

static void end_line(const struct table *table, struct line *line, enum style style) {
  while (line->used > 0 && line->text[line->used - 1] == ' ')
    line->used--;
  bool is_styled = table->is_styled && style != style_plain;
  fprintf(table->stream, "%s%.*s%s\n", is_styled ? style_codes[style] : "", (int)line->used,
          line->text, is_styled ? "\033[0m" : "");
  line->used = 0;
}

static void rule(const struct table *table) {
  for (size_t column = 0; column < table->columns; column++)
    fputs(table->is_styled ? "\u2500" : "-", table->stream);
  putc('\n', table->stream);
}

/* Wraps at spaces; lines after the first start two columns further. */
static void paragraph(const struct table *table, int from, enum style style, const char *text) {
  struct line line = {.used = 0};
  left(&line, from, "");
  size_t limit = table->columns < 60 ? 60 : table->columns;
  bool is_first = true;
  while (*text) {
    size_t length = strcspn(text, " ");
    if (!is_first && line.used + length + 1 > limit) {
      end_line(table, &line, style);
      left(&line, from ? from + indent : 0, "");
      is_first = true;
    }
    put(&line, "%s%.*s", is_first ? "" : " ", (int)length, text);
    is_first = false;
    text += length;
    text += strspn(text, " ");
  }
  end_line(table, &line, style);
}

/* --- pauses ------------------------------------------------------------------------------------
 */

enum clock { clock_wall, clock_cpu };

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

static void put_pauses(const struct table *table, struct line *line,
                       const struct results_summary *summary, const struct shown_kind *kind,
                       enum clock clock) {
  bool is_wall = clock == clock_wall;
  if (kind->kind == no_kind) {
    left(line, table->kind_width + clock_width + count_width + RESULTS_PERCENTILES * time_width,
         is_wall ? kind->name : "");
    return;
  }
  const struct results_distribution *median =
      is_wall ? &summary->median.wall[kind->kind] : &summary->median.cpu[kind->kind];
  const struct results_distribution *largest =
      is_wall ? &summary->largest.wall[kind->kind] : &summary->largest.cpu[kind->kind];
  double count = is_wall ? summary->sum.wall[kind->kind].count : summary->sum.cpu[kind->kind].count;
  left(line, table->kind_width, is_wall ? kind->name : "");
  left(line, clock_width, is_wall ? "wall" : "cpu");
  right(line, count_width, results_text_count(count).text);
  for (size_t index = RESULTS_P50; index < RESULTS_MAX; index++)
    right(line, time_width, results_text_ns(median->percentile_ns[index]).text);
  right(line, time_width, results_text_ns(largest->percentile_ns[RESULTS_MAX]).text);
}

static bool has_cpu(const struct results_summary *summary, const struct shown_kind *kind) {
  return kind->kind != no_kind && summary->sum.cpu[kind->kind].count > 0;
}

static void put_pause_header(const struct table *table, struct line *line) {
  static const char *const names[] = {"p50", "p90", "p99", "p99.9", "max"};
  left(line, table->kind_width + clock_width, "pauses");
  right(line, count_width, "count");
  for (size_t index = 0; index < RESULTS_PERCENTILES; index++)
    right(line, time_width, names[index]);
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

static void put_trials(struct line *line, const struct results_summary *summary) {
  char text[48];
  snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu64 " ok", summary->statuses[RESULTS_ok],
           summary->trial_count);
  left(line, trials_width, text);
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
    paragraph(table, indent, style_bold, text);
  }
}

/* Barrier slow halves that are too short for a distribution. */
static void print_short_slow_halves(const struct table *table,
                                    const struct results_summary *summary) {
  char text[160];
  if (!(summary->sum.barrier_slow_short_count > 0))
    return;
  snprintf(text, sizeof text, "barrier slow halves under 1 us: %s, %s in all",
           results_text_count(summary->sum.barrier_slow_short_count).text,
           results_text_ns(summary->sum.barrier_slow_short_ns).text);
  paragraph(table, indent, style_dim, text);
}

static void print_heading(const struct table *table, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  struct line line = {.used = 0};
  if (results_is_floor(summary)) {
    put(&line, "platform floor  intervals in which this machine stopped an idle thread");
  } else {
    put(&line, "%s  heap %s", configuration->workload.text,
        results_text_bytes((double)configuration->heap_bytes).text);
    if (configuration->heap_multiple > 0)
      put(&line, " (%.4gx)", configuration->heap_multiple);
  }
  end_line(table, &line, style_bold);
}

static bool same_heading(const struct results_summary *left_one,
                         const struct results_summary *right_one) {
  const struct results_configuration *first = &left_one->first.configuration;
  const struct results_configuration *second = &right_one->first.configuration;
  return first->heap_bytes == second->heap_bytes &&
         strcmp(first->workload.text, second->workload.text) == 0;
}

/* --- wide --------------------------------------------------------------------------------------
 */

static void print_wide_header(const struct table *table) {
  struct line line = {.used = 0};
  left(&line, indent, "");
  left(&line, name_width, "collector");
  left(&line, trials_width, "trials");
  right(&line, rate_width, "operations");
  left(&line, indent, "");
  put_pause_header(table, &line);
  right(&line, safepoint_width, "to safepoint");
  left(&line, indent, "");
  left(&line, view_width, "utilisation");
  right(&line, ratio_width, "1ms");
  right(&line, ratio_width, "10ms");
  right(&line, ratio_width, "100ms");
  end_line(table, &line, style_dim);
  left(&line, indent, "");
  left(&line, name_width, "barrier");
  left(&line, trials_width, "peak heap");
  right(&line, rate_width, "wall time");
  end_line(table, &line, style_dim);
}

static void put_safepoint(struct line *line, double ns, const char *which) {
  char text[RESULTS_UNIT_TEXT + 8];
  snprintf(text, sizeof text, "%s %s", results_text_ns(ns).text, which);
  right(line, safepoint_width, ns >= 0 ? text : "");
  left(line, indent, "");
}

static void put_beside_wall(struct line *line, const struct results_summary *summary) {
  const struct results_figures *median = &summary->median;
  put_safepoint(line, median->time_to_safepoint.percentile_ns[RESULTS_P50], "p50");
  left(line, view_width, "mmu");
  right(line, ratio_width, results_text_ratio(median->mmu_1ms).text);
  right(line, ratio_width, results_text_ratio(median->mmu_10ms).text);
  right(line, ratio_width, results_text_ratio(median->mmu_100ms).text);
}

static void put_beside_cpu(struct line *line, const struct results_summary *summary) {
  const struct results_figures *median = &summary->median;
  put_safepoint(line, summary->largest.time_to_safepoint.percentile_ns[RESULTS_MAX], "max");
  left(line, view_width, "mmu_capacity");
  right(line, ratio_width, results_text_ratio(median->mmu_capacity_1ms).text);
  right(line, ratio_width, results_text_ratio(median->mmu_capacity_10ms).text);
  right(line, ratio_width, results_text_ratio(median->mmu_capacity_100ms).text);
}

static void put_name(struct line *line, const struct results_summary *summary, const char *name) {
  left(line, indent, "");
  left(line, name_width, is_long(summary) ? "" : name);
}

static void put_left_of_wall(struct line *line, const struct results_summary *summary) {
  double rate = summary->median.operations_per_second;
  put_name(line, summary, collector_of(summary));
  put_trials(line, summary);
  right(line, rate_width, results_is_floor(summary) ? "" : results_text_rate(rate).text);
  left(line, indent, "");
}

static void put_left_of_cpu(struct line *line, const struct results_summary *summary) {
  double peak_bytes = summary->largest.peak_heap_bytes;
  put_name(line, summary, barrier_of(summary));
  left(line, trials_width, results_is_floor(summary) ? "" : results_text_bytes(peak_bytes).text);
  right(line, rate_width, results_text_ns(summary->median.wall_ns).text);
  left(line, indent, "");
}

static void print_long_name(const struct table *table, const struct results_summary *summary) {
  struct line line = {.used = 0};
  put(&line, "  %s  %s  %s", collector_of(summary), barrier_of(summary), summary->label);
  end_line(table, &line, style_plain);
}

/* A configuration of which no trial is ok: its names, and in the failures below what happened. */
static void print_wide_failed(const struct table *table, const struct results_summary *summary) {
  struct line line = {.used = 0};
  put_name(&line, summary, collector_of(summary));
  put_trials(&line, summary);
  end_line(table, &line, style_plain);
  put_name(&line, summary, barrier_of(summary));
  end_line(table, &line, style_dim);
}

static void print_wide(const struct table *table, const struct results_summary *summary) {
  struct shown_kind kinds[RESULTS_KINDS + 1];
  size_t count = shown_kinds(summary, kinds);
  struct line line = {.used = 0};
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
  end_line(table, &line, style_plain);
  put_left_of_cpu(&line, summary);
  put_pauses(table, &line, summary, &kinds[0], clock_cpu);
  put_beside_cpu(&line, summary);
  end_line(table, &line, style_dim);
  for (size_t index = 1; index < count; index++) {
    left(&line, left_width, "");
    put_pauses(table, &line, summary, &kinds[index], clock_wall);
    end_line(table, &line, style_plain);
    if (!has_cpu(summary, &kinds[index]))
      continue;
    left(&line, left_width, "");
    put_pauses(table, &line, summary, &kinds[index], clock_cpu);
    end_line(table, &line, style_dim);
  }
}

/* --- narrow ------------------------------------------------------------------------------------
 */

static void print_narrow_figures(const struct table *table, const struct results_summary *summary) {
  const struct results_figures *median = &summary->median;
  struct line line = {.used = 0};
  put(&line, "    ");
  if (!results_is_floor(summary)) {
    put(&line, "%s operations, %s, peak heap %s",
        results_text_rate(median->operations_per_second).text,
        results_text_ns(median->wall_ns).text,
        results_text_bytes(summary->largest.peak_heap_bytes).text);
    end_line(table, &line, style_plain);
    if (summary->sum.time_to_safepoint.count > 0)
      put(&line, "    to safepoint p50 %s, max %s",
          results_text_ns(median->time_to_safepoint.percentile_ns[RESULTS_P50]).text,
          results_text_ns(summary->largest.time_to_safepoint.percentile_ns[RESULTS_MAX]).text);
    if (line.used)
      end_line(table, &line, style_plain);
    put(&line, "    ");
  }
  put(&line, "at 1, 10, 100 ms: mmu %s, %s, %s; ", results_text_ratio(median->mmu_1ms).text,
      results_text_ratio(median->mmu_10ms).text, results_text_ratio(median->mmu_100ms).text);
  put(&line, "mmu_capacity %s, %s, %s", results_text_ratio(median->mmu_capacity_1ms).text,
      results_text_ratio(median->mmu_capacity_10ms).text,
      results_text_ratio(median->mmu_capacity_100ms).text);
  end_line(table, &line, style_plain);
}

static void print_narrow(const struct table *table, const struct results_summary *summary) {
  struct shown_kind kinds[RESULTS_KINDS + 1];
  size_t count = shown_kinds(summary, kinds);
  struct line line = {.used = 0};
  put(&line, "  %s  %s  %s%s", collector_of(summary), barrier_of(summary), summary->label,
      summary->label[0] ? "  " : "");
  put_trials(&line, summary);
  end_line(table, &line, style_plain);
  if (summary->statuses[RESULTS_ok] == 0)
    return;
  print_narrow_figures(table, summary);
  if (kinds[0].kind == no_kind) {
    paragraph(table, 4, style_plain, "no pauses");
    return;
  }
  put(&line, "    ");
  put_pause_header(table, &line);
  end_line(table, &line, style_dim);
  for (size_t index = 0; index < count; index++) {
    put(&line, "    ");
    put_pauses(table, &line, summary, &kinds[index], clock_wall);
    end_line(table, &line, style_plain);
    if (!has_cpu(summary, &kinds[index]))
      continue;
    put(&line, "    ");
    put_pauses(table, &line, summary, &kinds[index], clock_cpu);
    end_line(table, &line, style_dim);
  }
}

/* --- the table ---------------------------------------------------------------------------------
 */

static void print_left_out(const struct table *table) {
  for (size_t index = 0; index < table->run->left_out_count; index++) {
    const struct results_left_out *left_out = &table->run->left_out[index];
    char text[RESULTS_TEXT_SIZE + 64];
    snprintf(text, sizeof text, "! trial %" PRIu64 " is left out: %s", left_out->trial,
             left_out->reason);
    paragraph(table, indent, style_bold, text);
  }
}

static void print_legend(const struct table *table) {
  char text[1024];
  snprintf(
      text, sizeof text,
      "Pauses of the timed part. Counts are of all trials; percentiles are per trial, then the "
      "median of trials; max is the largest of all. \"-\": fewer than 10 samples beyond it, or "
      "not measured. cpu: the pause's critical path, of the pauses from 20 us up. mmu: least "
      "share of any window left to a mutator; mmu_capacity: of the %" PRIu64
      " processors to the program.",
      table->run->cores);
  paragraph(table, 0, style_dim, text);
  if (table->run->is_quick)
    paragraph(table, 0, style_bold,
              "Quick parameters: good for checking that everything runs, not for conclusions.");
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

void results_table_print_width(FILE *stream, const struct results_run *run, size_t columns,
                               enum results_table_style style) {
  struct table table = {.stream = stream,
                        .run = run,
                        .is_styled = style == RESULTS_TABLE_STYLED,
                        .kind_width = kind_width_of(run)};
  bool is_wide = columns >= width_of(&table);
  table.columns = is_wide ? width_of(&table) : columns;
  if (is_wide)
    print_wide_header(&table);
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (index == 0 || !same_heading(summary, summary - 1)) {
      rule(&table);
      print_heading(&table, summary);
    }
    if (is_wide)
      print_wide(&table, summary);
    else
      print_narrow(&table, summary);
    print_short_slow_halves(&table, summary);
    print_failures(&table, summary);
  }
  rule(&table);
  print_left_out(&table);
  print_legend(&table);
}

size_t results_columns_of(FILE *stream) {
  struct winsize size;
  const char *columns = getenv("COLUMNS");
  long wanted = columns ? strtol(columns, NULL, 10) : 0;
  if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return wanted >= 40 ? (size_t)wanted : 160;
}

void results_table_print(FILE *stream, const struct results_run *run) {
  const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
  bool is_styled = isatty(fileno(stream)) && !(no_color && *no_color) &&
                   !(terminal && strcmp(terminal, "dumb") == 0);
  results_table_print_width(stream, run, results_columns_of(stream),
                            is_styled ? RESULTS_TABLE_STYLED : RESULTS_TABLE_PLAIN);
}
