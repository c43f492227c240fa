/* The pacer: when a cycle starts, and how much of it a step does.
 *
 * Goal: marking ends before promotions have used the room that they have without touching the
 * reserve of the promotion guarantee. From what is measured (bytes promoted per nanosecond between
 * scavenges, bytes marked per nanosecond) follows how long a cycle will take and how much will be
 * promoted meanwhile: the room at which it must start (Go's pacer sets such a goal by heap growth;
 * here room is what counts, because the limit is fixed).
 *
 * Debt: while marking is in steps, every allocated byte owes marking: what is left to mark over
 * what may still be allocated. A step is due when the debt is worth one; its length is the pause
 * target's, so where allocation is fast there are more steps, not longer ones. Budgets adapt: debt
 * that was not paid is owed at a higher rate, because room shrank meanwhile.
 *
 * Concurrency: the rates are written with the world stopped. Debt is atomic and relaxed: several
 * mutators add to it, and who finds it due takes the step.
 */
#ifndef COLLECTORS_PACER_H
#define COLLECTORS_PACER_H

#include <gc/atomics.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_pacer {
  uint64_t step_ns;   /* of a mark step, from the pause target; constant */
  uint64_t remark_ns; /* budget of a remark's drain; constant */

  /* Smoothed rates; 0: not measured yet. Bytes per millisecond. */
  uint64_t promoted_per_ms;  /* of the mutators' time */
  uint64_t allocated_per_ms; /* of the mutators' time */
  uint64_t marked_per_ms;    /* of a marker's time */
  uint64_t last_scavenge_end_ns;

  /* Of the cycle under way. */
  uint64_t goal_bytes;   /* to mark, as estimated at its start */
  uint64_t marked_bytes; /* in steps so far; atomic, relaxed */
  uint64_t owed_per_mib; /* bytes of marking owed for a MiB allocated; atomic, relaxed */
  uint64_t debt_bytes;   /* atomic, relaxed */
};

void gc_pacer_init(struct gc_pacer *pacer, uint64_t pause_target_ns);

/* After a scavenge: what mutators allocated and it promoted since the last one ended. */
void gc_pacer_scavenged(struct gc_pacer *pacer, uint64_t begin_ns, uint64_t end_ns,
                        uint64_t allocated_bytes, uint64_t promoted_bytes);
/* After marking work of one thread. */
void gc_pacer_marked(struct gc_pacer *pacer, uint64_t work_ns, uint64_t marked_bytes);

/* Bytes that will be promoted while a cycle marks live_bytes, when mutators run for as long as
 * marking works: beside them on another core, or in turns with steps that take half of the time. */
uint64_t gc_pacer_promoted_while_marking(const struct gc_pacer *pacer, uint64_t live_bytes);

/* A cycle begins that has live_bytes to mark. */
void gc_pacer_begin_cycle(struct gc_pacer *pacer, uint64_t live_bytes);
/* After a scavenge or a step: room_bytes is what promotions may still take. */
void gc_pacer_set_room(struct gc_pacer *pacer, uint64_t room_bytes);
void gc_pacer_allocated(struct gc_pacer *pacer, uint64_t bytes);
void gc_pacer_stepped(struct gc_pacer *pacer, uint64_t work_ns, uint64_t marked_bytes);

/* Markers beside the mutators have found so much since the cycle began: what is new pays debt. */
void gc_pacer_set_progress(struct gc_pacer *pacer, uint64_t marked_bytes);

/* Bytes that a step marks. */
uint64_t gc_pacer_step_bytes(const struct gc_pacer *pacer);

static inline bool gc_pacer_owes_step(const struct gc_pacer *pacer) {
  return gc_atomic_load_relaxed(&pacer->debt_bytes) >= gc_pacer_step_bytes(pacer);
}

#endif
