/* Which trials are of one configuration, and what configurations are called.
 *
 * Two trials are of one configuration when everything but seed and invocation is equal. A
 * configuration is shown by workload, collector, barrier and heap; where that does not tell it from
 * another of the run, its label adds the settings in which they differ: "nursery_bytes=1048576".
 */
#ifndef RESULTS_CONFIGURATION_H
#define RESULTS_CONFIGURATION_H

#include "results/summarize.h"
#include "results/trial.h"

bool results_configuration_equal(const struct results_configuration *left,
                                 const struct results_configuration *right);

/* Fills label and slug of every summary. Returns 0 or -ENOMEM. */
int results_configurations_name(struct results_summary *summaries, size_t count);

/* In a sentence: "stw on gcbench, heap 51M", with the barrier and the label where the run has others. */
void results_configuration_say(char *text, size_t size, const struct results_run *run,
                               const struct results_summary *summary);

#endif
