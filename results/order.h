/* The order in which tables and plots show workloads, collectors and barriers: that of their lists,
 * so that it is the same in every run, however its trials were shuffled. */
#ifndef RESULTS_ORDER_H
#define RESULTS_ORDER_H

#include <stdbool.h>
#include <stddef.h>

/* Place in the list; its length for a name that is not in it, such as a composition. */
size_t results_workload_place(const char *name);
size_t results_collector_place(const char *name);
size_t results_barrier_place(const char *name);

/* What is no collector of this project's heap: the lists' baselines, and native ports. */
bool results_collector_is_baseline(const char *name);

#endif
