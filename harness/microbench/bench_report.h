/* What tricolor-bench prints: the heap's paths beside their floors.
 *
 * Collects the repetitions of all cases as they come, then prints one line per hot path and thread
 * count: the fastest ideal, ours, ours in percent of the ideal's speed, each as the median of its
 * repetitions with their count. An ideal that is slower than the limits of the machine allow is
 * flagged, because a slow ideal flatters what is compared with it.
 */
#ifndef HARNESS_MICROBENCH_BENCH_REPORT_H
#define HARNESS_MICROBENCH_BENCH_REPORT_H

#include "harness/microbench/bench_case.h"
#include <stdbool.h>
#include <stdio.h>

enum { BENCH_REPETITIONS_MAX = 1000 };

struct bench_report;

/* The cases are borrowed. Null when memory is lacking. */
struct bench_report *bench_report_create(const struct bench_case *const *cases, size_t case_count);
void bench_report_destroy(struct bench_report *report);

/* A bench_receive whose argument is the report. */
void bench_report_receive(void *report, const struct bench_repetition *repetition);

enum bench_comparison {
  BENCH_WITH_LIMITS,    /* sizes are those that the limits were measured with */
  BENCH_WITHOUT_LIMITS, /* they are smaller */
};
void bench_report_print(const struct bench_report *report, FILE *stream,
                        enum bench_comparison comparison);

/* How many cases failed their check. */
size_t bench_report_failures(const struct bench_report *report);

#endif
