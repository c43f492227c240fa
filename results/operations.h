/* Operations that took long: the largest, as it was and less what the host took.
 *
 * An operation's wall time is its thread's CPU time, and time in which the thread did not run:
 * because it waited for the collector, or because the host or the scheduler gave the processor to
 * somebody else. The last is the host's share. What was waited for the collector is not measured by
 * itself; it is at most the critical path of the pauses in the operation that the thread did not
 * work in, so that the host's share is never taken for too large on that account.
 */
#ifndef RESULTS_OPERATIONS_H
#define RESULTS_OPERATIONS_H

#include "results/derive.h"
#include "results/figures.h"

/* Of one operation; pauses as results_pauses_derive sorts them. */
uint64_t results_operation_host_ns(const struct gc_event_operation *operation,
                                   const struct results_pauses_list *pauses);

/* Fills operation_max_ns and operation_own_max_ns. */
void results_operations_derive(const struct results_events *events,
                               const struct results_pauses_list *pauses,
                               struct results_figures *figures);

#endif
