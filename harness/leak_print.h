/* What `tricolor leaks` prints of one workload. */
#ifndef HARNESS_LEAK_PRINT_H
#define HARNESS_LEAK_PRINT_H

#include "harness/workload_choice.h"
#include "results/leak_verdict.h"
#include "results/trial.h"
#include <stdio.h>

/* Verdict, culprit with its path, rates, time to the limit, and what each detector saw. */
void leak_print(FILE *stream, const struct results_trial *trial,
                const struct workload_choice *choice, const struct results_leak_samples *samples,
                const struct results_leak_judgement *judgement);

#endif
