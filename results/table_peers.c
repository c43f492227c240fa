/* The table of peers; peers.h says what is compared. */
#include "results/table_peers.h"
#include "results/file.h"
#include "results/grid.h"
#include "results/order.h"
#include "results/peers.h"
#include "results/units.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const char legend[] =
    "Wall: of the whole workload, filling included, over the workload's row marked =; geometric "
    "mean over invocations, and its interval of 95 %, or how many there were where they are too "
    "few. "
    "In brackets: a baseline within this framework that takes more than 1.05 of its native port, "
    "which is the one to quote. Largest: of all trials; pauses on the critical path, in the timed "
    "part. "
    "Operations where they were timed (experiment operations), and what is left when the host's "
    "share is subtracted. RSS less external; bound: 1.15 of the heap and 24 MiB. \"-\": not "
    "measured, or none.";

enum columns {
  column_name,
  column_heap,
  column_wall,
  column_native,
  column_pause,
  column_operation,
  column_own,
  column_rss,
  column_bound,
  column_count
};

static void add_columns(struct results_grid *grid) {
  static const struct results_grid_column columns[column_count] = {
      [column_name] = {"", "workload, collector"},
      [column_heap] = {"", "heap"},
      [column_wall] = {"", "wall"},
      [column_native] = {"", "over its port"},
      [column_pause] = {"largest", "pause"},
      [column_operation] = {"largest", "operation"},
      [column_own] = {"largest", "less the host"},
      [column_rss] = {"RSS", "peak"},
      [column_bound] = {"RSS", "of the bound"},
  };
  for (size_t index = 0; index < column_count; index++)
    results_grid_add_column(grid, columns[index].group, columns[index].name);
}

struct ratio_text {
  char text[64];
};

/* "0.33 0.31..0.35", "0.33 (2)" */
static struct ratio_text text_of(const struct results_interval *ratio, size_t pairs) {
  struct ratio_text result = {"-"};
  if (isnan(ratio->estimate))
    return result;
  size_t used = (size_t)snprintf(result.text, sizeof result.text, "%.3g", ratio->estimate);
  if (isnan(ratio->low))
    snprintf(result.text + used, sizeof result.text - used, " (%zu)", pairs);
  else
    snprintf(result.text + used, sizeof result.text - used, " %.3g..%.3g", ratio->low, ratio->high);
  return result;
}

static void set_wall(struct results_grid *grid, size_t column, const struct results_peer *peer) {
  char text[RESULTS_GRID_CELL];
  struct ratio_text ratio = text_of(&peer->wall, peer->pairs);
  if (peer->summary == peer->denominator)
    snprintf(text, sizeof text, "= %s", results_text_ns(peer->summary->median.wall_ns).text);
  else if (results_peer_is_quotable(peer))
    snprintf(text, sizeof text, "%s", ratio.text);
  else
    snprintf(text, sizeof text, "(%s)", ratio.text);
  results_grid_set(grid, column, text);
}

static void set_memory(struct results_grid *grid, const struct results_peer *peer) {
  char text[RESULTS_GRID_CELL] = "-";
  if (!isnan(peer->rss_bound_bytes))
    snprintf(text, sizeof text, "%.2f", peer->rss_bytes / peer->rss_bound_bytes);
  results_grid_set(grid, column_rss, results_text_bytes(peer->rss_bytes).text);
  results_grid_set(grid, column_bound, text);
}

/* "2x, 34M", "2x" where it is the heading of a column. */
enum heap_form { HEAP_WITH_SIZE, HEAP_ALONE };

static void name_heap(const struct results_configuration *configuration, enum heap_form form,
                      char *text, size_t text_size) {
  bool has_multiple = !isnan(configuration->heap_multiple);
  struct results_unit_text size = results_text_size(configuration->heap_bytes);
  if (results_collector_is_baseline(configuration->collector.text))
    snprintf(text, text_size, "its own");
  else if (has_multiple && form == HEAP_ALONE)
    snprintf(text, text_size, "%.4gx", configuration->heap_multiple);
  else if (has_multiple)
    snprintf(text, text_size, "%.4gx, %s", configuration->heap_multiple, size.text);
  else
    snprintf(text, text_size, "%s", size.text);
}

static void set_heap(struct results_grid *grid, const struct results_configuration *configuration) {
  char text[RESULTS_GRID_CELL];
  name_heap(configuration, HEAP_WITH_SIZE, text, sizeof text);
  results_grid_set(grid, column_heap, text);
}

static void add_row(struct results_grid *grid, const struct results_peer *peer) {
  const struct results_summary *summary = peer->summary;
  const struct results_configuration *configuration = &summary->first.configuration;
  const struct results_figures *largest = &summary->largest;
  char name[RESULTS_GRID_CELL];
  snprintf(name, sizeof name, "%.30s %.40s%s%.20s", configuration->workload.text,
           configuration->collector.text, summary->label[0] ? " " : "", summary->label);
  results_grid_add_row(grid);
  results_grid_set(grid, column_name, name);
  set_heap(grid, configuration);
  set_wall(grid, column_wall, peer);
  results_grid_set(grid, column_native, text_of(&peer->framework, peer->pairs).text);
  results_grid_set(
      grid, column_pause,
      results_text_ns(largest->cpu[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX]).text);
  results_grid_set(grid, column_operation, results_text_ns(largest->operation_max_ns).text);
  results_grid_set(grid, column_own, results_text_ns(largest->operation_own_max_ns).text);
  set_memory(grid, peer);
}

static void fill_grid(struct results_grid *grid, const struct results_peers *peers) {
  add_columns(grid);
  for (size_t index = 0; index < peers->count; index++)
    add_row(grid, &peers->items[index]);
}

/* --- the overview ------------------------------------------------------------------------------
 */

static const struct results_configuration *configuration_of(const struct results_peer *peer) {
  return &peer->summary->first.configuration;
}

static bool same_workload(const struct results_peer *left, const struct results_peer *right) {
  return strcmp(configuration_of(left)->workload.text, configuration_of(right)->workload.text) == 0;
}

/* The column of that collector, settings and heap; grid->column_count when there is none yet. */
static size_t column_of(const struct results_grid *grid, const struct results_peer *peer,
                        struct results_grid_column *column) {
  size_t place = 1;
  name_heap(configuration_of(peer), HEAP_ALONE, column->group, sizeof column->group);
  snprintf(column->name, sizeof column->name, "%.40s%s%.40s",
           configuration_of(peer)->collector.text, peer->summary->label[0] ? " " : "",
           peer->summary->label);
  while (place < grid->column_count && (strcmp(grid->columns[place].group, column->group) != 0 ||
                                        strcmp(grid->columns[place].name, column->name) != 0))
    place++;
  return place;
}

/* Columns of one heap next to each other, as they share a heading. */
static void add_columns_of_heap(struct results_grid *grid, const struct results_peers *peers,
                                const char *heap) {
  for (size_t index = 0; index < peers->count; index++) {
    struct results_grid_column column;
    bool is_new = column_of(grid, &peers->items[index], &column) == grid->column_count;
    if (is_new && strcmp(column.group, heap) == 0 && results_peer_is_quotable(&peers->items[index]))
      results_grid_add_column(grid, column.group, column.name);
  }
}

/* A row per workload, a column per collector and heap: wall time over the workload's denominator. */
static void fill_overview(struct results_grid *grid, const struct results_peers *peers) {
  struct results_grid_column column;
  results_grid_add_column(grid, "", "wall time over =");
  for (size_t index = 0; index < peers->count; index++) {
    column_of(grid, &peers->items[index], &column);
    add_columns_of_heap(grid, peers, column.group);
  }
  for (size_t index = 0; index < peers->count; index++) {
    const struct results_peer *peer = &peers->items[index];
    if (index == 0 || !same_workload(peer, peer - 1)) {
      results_grid_add_row(grid);
      results_grid_set(grid, 0, configuration_of(peer)->workload.text);
    }
    size_t place = column_of(grid, peer, &column);
    if (place < grid->column_count)
      set_wall(grid, place, peer);
  }
}

/* --- the page ----------------------------------------------------------------------------------
 */

/* What the machine did to a thread that wanted nothing of anybody. */
static void control_of(const struct results_run *run, char *text, size_t text_size) {
  const struct results_summary *floor = results_run_floor(run);
  text[0] = '\0';
  if (floor)
    snprintf(
        text, text_size,
        "The control trial's thread was kept from running for up to %s, %" PRIu64 " trials.",
        results_text_ns(floor->largest.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX]).text,
        floor->statuses[RESULTS_ok]);
}

void results_table_peers_print(const struct table_page *page, const struct results_run *run) {
  struct results_peers peers;
  struct results_grid grid = {0}, overview = {0};
  struct table_line line = {.used = 0};
  char control[RESULTS_TEXT_SIZE];
  if (results_peers_derive(run, &peers))
    return;
  if (peers.count) {
    fill_overview(&overview, &peers);
    fill_grid(&grid, &peers);
    control_of(run, control, sizeof control);
    table_put(&line, "\nPeers");
    table_end_line(page, &line, TABLE_BOLD);
    results_grid_print(&overview, page);
    table_end_line(page, &line, TABLE_PLAIN);
    results_grid_print(&grid, page);
    table_paragraph(page, 0, TABLE_PLAIN, control);
    table_paragraph(page, 0, TABLE_DIM, legend);
  }
  results_grid_finish(&grid);
  results_grid_finish(&overview);
  results_peers_finish(&peers);
}

static void print_markdown(FILE *stream, const struct results_run *run,
                           const struct results_peers *peers) {
  struct results_grid grid = {0}, overview = {0};
  char control[RESULTS_TEXT_SIZE];
  fill_overview(&overview, peers);
  fill_grid(&grid, peers);
  control_of(run, control, sizeof control);
  results_grid_print_markdown(&overview, stream);
  fputc('\n', stream);
  results_grid_print_markdown(&grid, stream);
  fprintf(stream, "\n%s\n\n%s%s\n", control, legend,
          run->is_quick ? " Quick parameters: not for conclusions." : "");
  results_grid_finish(&grid);
  results_grid_finish(&overview);
}

int results_peers_write(const char *path, const struct results_run *run, char *error,
                        size_t error_size) {
  struct results_peers peers;
  struct results_file file;
  int status = 0;
  if (results_peers_derive(run, &peers))
    return results_fail(-ENOMEM, error, error_size, "%s: out of memory", path);
  if (peers.count == 0) {
    unlink(path);
  } else {
    status = results_file_create(&file, path, error, error_size);
    if (!status) {
      print_markdown(file.stream, run, &peers);
      status = results_file_commit(&file, error, error_size);
    }
  }
  results_peers_finish(&peers);
  return status;
}
