/* Writes what is derived from a run: pauses.csv, summary.json, strategies.md, the .hgrm files. */
#include "results/summarize.h"
#include "results/file.h"
#include "results/hgrm.h"
#include "results/pauses_csv.h"
#include "results/run_load.h"
#include "results/summary_file.h"
#include "results/table_peers.h"
#include "results/table_strategies.h"

/* One file of all pauses, and one per kind where a configuration has several. */
static int write_histograms(const struct results_run *run, const struct results_summary *summary,
                            char *error, size_t error_size) {
  char path[PATH_MAX], name[RESULTS_TEXT_SIZE + 64];
  size_t kinds = 0;
  int status = 0;
  for (size_t kind = 0; kind < RESULTS_ALL_KINDS; kind++)
    kinds += summary->histograms[kind].total_count > 0;
  for (size_t kind = 0; !status && kind < RESULTS_KINDS; kind++) {
    const struct results_histogram *histogram = &summary->histograms[kind];
    if (histogram->total_count == 0 || (kind != RESULTS_ALL_KINDS && kinds < 2))
      continue;
    snprintf(name, sizeof name, "%s%s%s.hgrm", summary->slug, kind == RESULTS_ALL_KINDS ? "" : ".",
             kind == RESULTS_ALL_KINDS ? "" : gc_pause_kind_names[kind]);
    status = results_path(path, run->directory, name, error, error_size);
    if (!status)
      status = results_hgrm_write(path, histogram, error, error_size);
  }
  return status;
}

int results_summarize(const char *directory, struct results_run *run, char *error,
                      size_t error_size) {
  char path[PATH_MAX];
  struct results_file csv;
  int status = results_run_check(directory, error, error_size);
  if (!status)
    status = results_path(path, directory, "pauses.csv", error, error_size);
  if (!status)
    status = results_file_create(&csv, path, error, error_size);
  if (status)
    return status;
  results_pauses_csv_header(csv.stream);
  status = results_run_load_with(directory, csv.stream, run, error, error_size);
  if (status) {
    results_file_abandon(&csv);
    return status;
  }
  status = results_file_commit(&csv, error, error_size);
  for (size_t index = 0; !status && index < run->summary_count; index++)
    status = write_histograms(run, &run->summaries[index], error, error_size);
  if (!status)
    status = results_path(path, run->directory, "summary.json", error, error_size);
  if (!status)
    status = results_summary_write(path, run, error, error_size);
  if (!status)
    status = results_path(path, run->directory, "strategies.md", error, error_size);
  if (!status)
    status = results_strategies_write(path, run, error, error_size);
  if (!status)
    status = results_path(path, run->directory, "peers.md", error, error_size);
  if (!status)
    status = results_peers_write(path, run, error, error_size);
  if (status)
    results_run_finish(run);
  return status;
}
