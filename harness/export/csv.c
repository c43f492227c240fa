/* Export to a long table of figures, a row per trial and measure; results/tidy.h says which. */
#include "harness/export/export.h"
#include "results/tidy.h"

static int begin(struct export_state *state, const struct export_trial *first) {
  (void)first;
  results_tidy_header(state->stream);
  return 0;
}

static int add(struct export_state *state, const struct export_trial *trial) {
  results_tidy_rows(state->stream, &trial->trial->configuration, trial->label, trial->trial->trial,
                    trial->figures);
  return 0;
}

const struct exporter exporter_csv = {
    .name = "csv",
    .file_name = "measures.csv",
    .file = EXPORT_ONE_FILE,
    .begin = begin,
    .add = add,
};
