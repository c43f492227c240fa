/* Export to the .hgrm format of HdrHistogram's plotters: wall times of the pauses that count, in
 * milliseconds. Trials of one configuration are pooled, as in the files beside a run. */
#include "results/hgrm.h"
#include "harness/export/export.h"

static int add(struct export_state *state, const struct export_trial *trial) {
  return results_histogram_add(&state->histogram, &trial->histograms[RESULTS_ALL_KINDS]);
}

static int end(struct export_state *state) {
  results_hgrm_print(state->stream, &state->histogram);
  return 0;
}

const struct exporter exporter_hgrm = {
    .name = "hgrm",
    .file_name = "pauses.hgrm",
    .file = EXPORT_FILE_PER_CONFIGURATION,
    .add = add,
    .end = end,
};
