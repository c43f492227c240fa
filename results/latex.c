/* Writes the LaTeX table of a run; latex.h says what is in it. */
#include "results/latex.h"
#include "results/compare.h"
#include "results/file.h"
#include "results/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const enum results_measure measures[] = {
    RESULTS_MEASURE_cpu_ns,       RESULTS_MEASURE_pause_p50_ns, RESULTS_MEASURE_pause_p99_ns,
    RESULTS_MEASURE_pause_max_ns, RESULTS_MEASURE_mmu_10ms,     RESULTS_MEASURE_peak_heap_bytes};
enum { measure_count = sizeof measures / sizeof *measures };

static void put_escaped(FILE *stream, const char *text) {
  for (; *text; text++) {
    if (strchr("&%$#_{}", *text))
      fprintf(stream, "\\%c", *text);
    else if (*text == '~' || *text == '^')
      fprintf(stream, "\\%c{}", *text);
    else if (*text == '\\')
      fputs("\\textbackslash{}", stream);
    else
      putc(*text, stream);
  }
}

/* A number and its unit do not part; what is not known is a dash. */
static void put_value(FILE *stream, struct results_unit_text value) {
  char *space = strchr(value.text, ' ');
  if (space)
    *space = '~';
  for (const char *at = value.text; *at; at++)
    if (*at == 'u' && at[1] == 's')
      fputs("\\textmu ", stream);
    else
      putc(*at, stream);
}

static struct results_unit_text text_of(double value, enum results_measure measure) {
  const char *unit = results_measure_units[measure];
  if (strcmp(unit, "ns") == 0)
    return results_text_ns(value);
  return strcmp(unit, "bytes") == 0 ? results_text_bytes(value) : results_text_ratio(value);
}

static struct results_interval wall_interval(const struct results_summary *summary) {
  size_t count = summary->statuses[RESULTS_ok], known = 0;
  struct results_interval interval = {NAN, NAN, NAN, NAN};
  double *walls = malloc((count + 1) * sizeof *walls);
  for (size_t trial = 0; walls && trial < count; trial++)
    if (summary->trials[trial].wall_ns > 0)
      walls[known++] = summary->trials[trial].wall_ns;
  if (walls && known)
    interval = results_interval_of_ratios(walls, known, 1, 1);
  free(walls);
  return interval;
}

static void put_row(FILE *stream, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  struct results_interval wall = wall_interval(summary);
  put_escaped(stream, configuration->workload.text);
  fprintf(stream, " & %s", results_text_size(configuration->heap_bytes).text);
  if (!isnan(configuration->heap_multiple))
    fprintf(stream, " (%.3g$\\times$)", configuration->heap_multiple);
  fputs(" & ", stream);
  put_escaped(stream, configuration->collector.text);
  fputs(" & ", stream);
  put_escaped(stream, configuration->barrier.text);
  if (summary->label[0]) {
    fputs(" \\small ", stream);
    put_escaped(stream, summary->label);
  }
  fprintf(stream, " & %llu & ", (unsigned long long)summary->statuses[RESULTS_ok]);
  put_value(stream, results_text_ns(summary->median.wall_ns));
  if (!isnan(wall.low)) {
    fputs(" [", stream);
    put_value(stream, results_text_ns(wall.low));
    fputs(", ", stream);
    put_value(stream, results_text_ns(wall.high));
    putc(']', stream);
  }
  for (size_t index = 0; index < measure_count; index++) {
    fputs(" & ", stream);
    put_value(stream,
              text_of(results_measure_of(&summary->median, measures[index]), measures[index]));
  }
  fputs(" \\\\\n", stream);
}

static void put_table(FILE *stream, const struct results_run *run) {
  fputs(
      "% Needs \\usepackage{booktabs}. Medians across trials; in brackets the interval of 95 % of "
      "the wall time.\n",
      stream);
  if (run->is_quick)
    fputs("% Quick parameters: not for conclusions.\n", stream);
  fputs("\\begin{tabular}{lllrrr", stream);
  for (size_t index = 0; index < measure_count; index++)
    putc('r', stream);
  fputs("}\n\\toprule\nworkload & heap & collector & barrier & trials & wall time", stream);
  for (size_t index = 0; index < measure_count; index++) {
    fputs(" & ", stream);
    put_escaped(stream, results_measure_titles[measures[index]]);
  }
  fputs(" \\\\\n\\midrule\n", stream);
  for (size_t index = 0; index < run->summary_count; index++)
    if (!results_is_floor(&run->summaries[index]) && run->summaries[index].statuses[RESULTS_ok])
      put_row(stream, &run->summaries[index]);
  fputs("\\bottomrule\n\\end{tabular}\n", stream);
}

int results_latex_write(const char *path, const struct results_run *run, char *error,
                        size_t error_size) {
  struct results_file file;
  int status = results_file_create(&file, path, error, error_size);
  if (status)
    return status;
  put_table(file.stream, run);
  return results_file_commit(&file, error, error_size);
}
