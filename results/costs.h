/* What the collector is known to have cost a trial, and what the heap made of its memory.
 *
 * The explicit cost is the part of a trial's total that is certainly the collector's (Cai, Blackburn,
 * Bond and Maas 2022); total less explicit, the distilled cost, is at least what the program would
 * cost without any. Whatever is uncertain stays in the distilled cost: barriers, locality, waiting
 * mutators that spin, work whose CPU time was not measured.
 *
 *     wall  the pauses of a mutator, with and without a stop, and the time between its end and the
 *           last mutator's: of all mutators the least, because the others may hide the rest
 *     CPU   the collector's phases: in stops, on mutators and on collector threads; pauses without a
 *           stop of which no phase tells, up to RESULTS_CPU_FLOOR_NS each. Not waiting
 *
 * In an open loop pauses take the place of waiting for the next request: its wall time has no
 * distilled cost.
 */
#ifndef RESULTS_COSTS_H
#define RESULTS_COSTS_H

#include "results/figures.h"

/* Fills the figures of time split, explicit and distilled costs, rates, speeds, survival, fragmentation and
 * peaks of sizes; wall_ns, cpu_ns, allocated_bytes and promoted_bytes are there already, as is
 * without_stop_ns. Returns 0 or -ENOMEM. */
int results_costs_derive(const struct results_trial *trial, const struct results_events *events,
                         const struct results_pauses_list *pauses,
                         const struct results_intervals *timed, struct results_figures *figures);

#endif
