/* Whether pauses kept to --pause-target, and what made the worst of them long.
 *
 * What counts is what enters the distributions of pauses (figures.h): those of the timed part, of
 * every kind. A pause is as long as its critical path, cpu_ns: a host that takes the processor away
 * is no reason to miss a target. Where that was not measured, its wall time stands for it: of a stop
 * under 20 us, and of a mutator that waited. A target of 0 asks for steps that are as short as they can be, and `inf` for
 * none: of neither can be said that it was missed.
 *
 * The target is met when RESULTS_TARGET_MET of the pauses are within it. A collector that stops the
 * world for its whole collections heeds it at most in its scavenges; where it was missed that is said
 * instead.
 *
 * The phase that made a pause long is the one that holds most of its critical path.
 */
#ifndef RESULTS_PAUSE_TARGET_H
#define RESULTS_PAUSE_TARGET_H

#include "results/figures.h"
#include <stdio.h>

struct results_run;
struct results_summary;

#define RESULTS_TARGET_MET 0.999

enum { RESULTS_PHASE_NAME_SIZE = 64 };

/* The pause that took longest. */
struct results_worst_pause {
  uint64_t trial, at_ns, kind, ns;         /* at_ns: since the trial's first moment */
  bool has_cpu;                            /* else ns is wall time */
  char phase[RESULTS_PHASE_NAME_SIZE];     /* empty: it recorded none */
  uint64_t phase_ns;                       /* of its critical path */
  uint64_t survived_bytes, promoted_bytes, /* what its stop did; 0 without one */
      marked_bytes, swept_bytes;
};

/* Of one trial, or of the ok trials of a configuration. All zero: nothing was added. */
struct results_pause_target {
  uint64_t pauses, within;
  uint64_t beyond[GC_PAUSE_KINDS];
  uint64_t whole_collections, parts_of_cycles; /* pauses that are one, and that are part of one */
  struct results_worst_pause worst;
};

/* Whether the trial has a target that can be missed. */
bool results_pause_target_is_asked(const struct results_trial *trial);

/* Adds the pauses of an ok trial that has a target. */
void results_pause_target_add(struct results_pause_target *kept, const struct results_trial *trial,
                              const struct results_events *events,
                              const struct results_pauses_list *pauses);

/* False without a target, and where no pause counted. */
bool results_pause_target_is_known(const struct results_summary *summary);

/* Of the pauses, those within the target; NaN without any. */
double results_pause_target_ratio(const struct results_pause_target *kept);

/* A sentence without its end: of what configuration, how many were within the target, of which kinds those beyond it were,
 * and what the longest did. */
void results_pause_target_say(char *text, size_t size, const struct results_run *run,
                              const struct results_summary *summary);

/* The configurations of which it is known, the least share first. Returns how many `places` holds,
 * which has room for all summaries. */
size_t results_pause_target_order(const struct results_run *run, size_t *places);

/* One line, and one for each configuration that missed its target, up to some. Nothing where it is
 * known of none. */
void results_pause_target_print(FILE *stream, const struct results_run *run);

#endif
