/* The table of where the time went; table_work.h says what is in it.
 *
 * A column stands for a phase in one place, or for a kind of pause that needs no stop; those that no
 * configuration of a group has are left out, so the table is as wide as the run's collectors are
 * different.
 */
#include "results/table_work.h"
#include "results/grid.h"
#include "results/units.h"
#include <math.h>
#include <string.h>

static const char stopped_title[] = "stopped (wall)", mutators_title[] = "on mutators (wall)",
                  beside_title[] = "collector threads (CPU)";

/* Configurations of one workload and heap. */
struct group {
  const struct results_summary *summaries;
  size_t count;
};

static bool is_shown(const struct results_summary *summary) {
  return summary->statuses[RESULTS_ok] > 0 && !results_is_floor(summary);
}

static double mean_of(const struct results_summary *summary, double sum) {
  return sum / (double)summary->statuses[RESULTS_ok];
}

static const struct results_phase_work *work_of(const struct results_summary *summary,
                                                const char *phase) {
  for (size_t index = 0; index < summary->phase_count; index++)
    if (strcmp(summary->phases[index].name, phase) == 0)
      return &summary->phases[index].work;
  return NULL;
}

/* What the column of a phase shows. */
static double phase_ns(const struct results_summary *summary, const char *phase,
                       enum results_place place) {
  const struct results_phase_work *work = work_of(summary, phase);
  if (!work)
    return 0;
  const struct results_work *at = &work->places[place];
  return mean_of(summary, (double)(place == RESULTS_STOPPED ? at->wall_ns : at->cpu_ns));
}

/* CPU time outside stops and collector threads: the program with its barriers, what its threads spin
 * on the way to a stop, and what they do for the collector without having it measured. */
static double mutators_ns(const struct results_summary *summary) {
  double collector_ns = 0;
  for (size_t index = 0; index < summary->phase_count; index++)
    for (enum results_place place = 0; place < RESULTS_PLACES; place++)
      collector_ns += (double)summary->phases[index].work.places[place].cpu_ns;
  return fmax(0, summary->sum.cpu_ns - collector_ns);
}

/* --- columns -----------------------------------------------------------------------------------
 */

/* A phase in one place, or a kind of pause. */
struct column {
  const char *name;
  enum results_place place; /* RESULTS_ON_MUTATORS: a kind */
  size_t kind;
};

enum { first_columns = 6, columns_max = 48 };

static double column_ns(const struct results_summary *summary, const struct column *column) {
  return column->place == RESULTS_ON_MUTATORS
             ? mean_of(summary, summary->sum.without_stop_ns[column->kind])
             : phase_ns(summary, column->name, column->place);
}

static bool has_something(const struct group *group, const struct column *column) {
  for (size_t index = 0; index < group->count; index++)
    if (is_shown(&group->summaries[index]) && column_ns(&group->summaries[index], column) > 0)
      return true;
  return false;
}

static void add_column(const struct group *group, struct column column, struct column *columns,
                       size_t *count) {
  for (size_t index = 0; index < *count; index++)
    if (columns[index].place == column.place && strcmp(columns[index].name, column.name) == 0)
      return;
  if (*count < columns_max && has_something(group, &column))
    columns[(*count)++] = column;
}

static size_t find_columns(const struct group *group, struct column columns[columns_max]) {
  size_t count = 0;
  for (enum results_place place = 0; place < RESULTS_PLACES; place++) {
    for (size_t kind = 0; place == RESULTS_ON_MUTATORS && kind < GC_PAUSE_KINDS; kind++)
      add_column(group, (struct column){gc_pause_kind_names[kind], place, kind}, columns, &count);
    for (size_t index = 0; place != RESULTS_ON_MUTATORS && index < group->count; index++)
      for (size_t phase = 0; phase < group->summaries[index].phase_count; phase++)
        add_column(group, (struct column){group->summaries[index].phases[phase].name, place, 0},
                   columns, &count);
  }
  return count;
}

/* --- rows --------------------------------------------------------------------------------------
 */

static void add_columns(struct results_grid *grid, const struct column *columns, size_t count) {
  static const char *const titles[RESULTS_PLACES] = {[RESULTS_STOPPED] = stopped_title,
                                                     [RESULTS_ON_MUTATORS] = mutators_title,
                                                     [RESULTS_BESIDE] = beside_title};
  results_grid_add_column(grid, "", "collector, barrier");
  results_grid_add_column(grid, "", "wall");
  results_grid_add_column(grid, "", "CPU");
  results_grid_add_column(grid, "", "mutators' own");
  results_grid_add_column(grid, "", "utilisation");
  results_grid_add_column(grid, stopped_title, "all stops");
  for (size_t index = 0; index < count; index++)
    results_grid_add_column(grid, titles[columns[index].place], columns[index].name);
}

static void add_row(struct results_grid *grid, const struct results_summary *summary,
                    const struct column *columns, size_t count) {
  const struct results_configuration *configuration = &summary->first.configuration;
  struct results_grid_name name = results_grid_name(configuration, summary->label);
  const double times_ns[first_columns - 1] = {
      mean_of(summary, summary->sum.wall_ns), mean_of(summary, summary->sum.cpu_ns),
      mean_of(summary, mutators_ns(summary)), NAN, mean_of(summary, summary->sum.stopped_ns)};
  results_grid_add_row(grid);
  results_grid_set(grid, 0, name.text);
  for (size_t index = 0; index < first_columns - 1; index++)
    results_grid_set(grid, index + 1,
                     times_ns[index] > 0 ? results_text_ns(times_ns[index]).text : "");
  results_grid_set(grid, 4, results_text_ratio(summary->median.utilisation).text);
  for (size_t index = 0; index < count; index++) {
    double ns = column_ns(summary, &columns[index]);
    results_grid_set(grid, first_columns + index, ns > 0 ? results_text_ns(ns).text : "");
  }
}

static void print_group(const struct table_page *page, const struct group *group) {
  const struct results_configuration *configuration = &group->summaries[0].first.configuration;
  struct column columns[columns_max];
  struct results_grid grid = {0};
  size_t count = find_columns(group, columns);
  add_columns(&grid, columns, count);
  for (size_t index = 0; index < group->count; index++)
    if (is_shown(&group->summaries[index]))
      add_row(&grid, &group->summaries[index], columns, count);
  results_grid_print_group(&grid, page, configuration);
  results_grid_finish(&grid);
}

void results_table_work_print(const struct table_page *page, const struct results_run *run) {
  struct table_line line = {.used = 0};
  size_t shown = 0;
  for (size_t index = 0; index < run->summary_count; index++)
    shown += is_shown(&run->summaries[index]);
  if (shown == 0)
    return;
  table_put(&line, "\nWhere the time went");
  table_end_line(page, &line, TABLE_BOLD);
  for (size_t first = 0, end; first < run->summary_count; first = end) {
    end = results_run_group_end(run, first);
    struct group group = {&run->summaries[first], end - first};
    print_group(page, &group);
  }
  table_paragraph(
      page, 0, TABLE_DIM,
      "Means of the ok trials, filling included. CPU: of the whole process; mutators' own: outside "
      "stops, measured phases and collector threads. all stops: request to end of the work; beside "
      "the phases it holds the way to the safepoint.");
}
