/* Exporters: trials of a run in formats of other programs.
 *
 * An exporter is one file in this folder and one line in exporters.def. It is given an open stream
 * and the trials one after another; which trials share a file, it declares. Trials come by
 * configuration, in the order in which the run first met them, then by number; only trials that are
 * ok come.
 *
 * Costs: one trial's events in memory at a time; what is written streams.
 */
#ifndef HARNESS_EXPORT_EXPORT_H
#define HARNESS_EXPORT_EXPORT_H

#include "harness/say.h"
#include "results/summarize.h"
#include <stdbool.h>
#include <stdio.h>

enum export_file { EXPORT_ONE_FILE, EXPORT_FILE_PER_CONFIGURATION, EXPORT_FILE_PER_TRIAL };

/* What an exporter sees of a trial. */
struct export_trial {
  const char *directory; /* of the run */
  const struct results_trial *trial;
  const struct results_events *events;
  const struct results_pauses_list *pauses;
  const struct results_figures *figures;
  const struct results_histogram *histograms; /* one per kind, RESULTS_KINDS */
  const char *label, *slug;                   /* of its configuration */
  uint64_t repetitions;                       /* exported trials of its configuration */
  uint64_t repetition;                        /* its place among them, from 0 */
  uint64_t begin_ns, end_ns;                  /* the first and the last moment of its events */
};

struct export_state;

struct exporter {
  const char *name, *file_name; /* of the format; of the file unless asked otherwise */
  enum export_file file;
  bool has_warmup; /* trials come with what warmed up; figures and pauses, too */
  /* Write errors stay in the stream. Each returns 0 or -ENOMEM. May be null: nothing to do. */
  int (*begin)(struct export_state *state, const struct export_trial *first);
  int (*add)(struct export_state *state, const struct export_trial *trial);
  int (*end)(struct export_state *state);
};

#define EXPORTER(name, help) extern const struct exporter exporter_##name;
#include "harness/export/exporters.def"

/* Of one file, while it is written. */
struct export_state {
  FILE *stream;
  const struct export_request *request;
  size_t items;                       /* written so far, for commas between them */
  struct results_histogram histogram; /* the exporter's own; finished by the driver */
};

struct export_request {
  const char *directory;
  const struct exporter *exporter;
  const char *output;
  const char *workload, *collector; /* null: all */
  uint64_t trial;                   /* 0: all */
  int v8_version;                   /* whose --trace-gc lines, 10 to 15 */
};

/* Bad input, said, when no trial fits or the directory is not a run's. Says which trials are left
 * out, and prints the names of the files. */
enum harness_status export_run(const struct export_request *request);

/* "…" with what JSON escapes. */
void export_put_text(FILE *stream, const char *text);

#endif
