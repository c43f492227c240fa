/* The cycle: one old-generation collection from first mark to last sweep, and when it is due.
 *
 * Phases, and what holds in each. `remark`, `compact` and everything of a collector that marks with
 * the world stopped happen within one stop.
 *
 *   phase   | world   | shading | promotions | allocated old | sweeps     | invariant
 * --------- + ------- + ------- + ---------- + ------------- + ---------- + -----------------------
 *   idle    | running | off     | white      | white         | the policy | marks are zero in swept
 *           |         |         |            |               |            | blocks
 *   prepare | running | off     | white      | white         | everybody  | at its end:
 *           |         |         |            |               |            | `swept-before-mark`
 *   begin   | stopped | off     | white      | none          | nobody     | nursery and remembered
 *           |         |         |            |               |            | set empty
 *   mark    | running | on      | black or   | black         | nobody     | the barrier's: snapshot
 *           |         |         | grey       |               |            | or strong
 *   remark  | stopped | on      | the same   | none          | nobody     | at its end: `terminated`,
 *           |         |         |            |               |            | `dead-holds-no-young`
 *   compact | stopped | off     | none       | none          | nobody     | slots lead to where
 *           |         |         |            |               |            | objects are
 *   clear   = idle, while weak cells await clearing: blocks await their sweep, and nobody sweeps
 *   sweep   = idle, while blocks await their sweep: live := mark, mark := 0
 *
 * Colour of promotions while marking: black under a barrier that keeps the snapshot, because what
 * they refer to is in it or new; grey under one that keeps the strong invariant, where roots stay
 * grey and remark begins with a full promotion and the roots again (promotion_colour).
 *
 * When: a scavenge answers a full eden. A cycle is due when old space runs short: when the room
 * that promotions have without touching the reserve of the promotion guarantee has fallen under
 * what they will take until the cycle's end (pacer.h, room.h). The scavenge is then the full
 * promotion with which the cycle begins. If headroom is spent before a cycle beside the mutators
 * ends, its rest is done in a pause of kind `degenerated`.
 *
 * Remark is bounded: before it come handshakes, at most GC_HANDSHAKES_MAX, that take what barriers
 * have queued, until one yields little; a remark that meets more than its budget resumes marking
 * (counted as `remark_aborted`), until GC_REMARKS_ABORTED_MAX were.
 *
 * Concurrency: one cycle per heap. `phase` and all of struct gc_cycle are written with the world
 * stopped and collector threads at rest, but for members that say otherwise; threads in a section
 * (heap/background.h) may read them.
 */
#ifndef COLLECTORS_CYCLE_H
#define COLLECTORS_CYCLE_H

#include "collectors/collector.h"
#include "collectors/nursery_target.h"
#include "collectors/pacer.h"
#include "collectors/pretenuring.h"
#include "heap/trace.h"
#include "heap/verify.h"

/* No eden is smaller: it holds two of the largest objects that are allocated in it. */
#define GC_EDEN_BYTES_MIN (2 * GC_LARGE_BYTES)

/* Nor a heap without a nursery: a few blocks for each of a few mutators. */
#define GC_HEAP_BYTES_MIN ((size_t)2 << 20)

#define GC_HANDSHAKES_MAX      8
#define GC_REMARKS_ABORTED_MAX 4

enum gc_cycle_phase { GC_CYCLE_IDLE, GC_CYCLE_PREPARE, GC_CYCLE_MARK };

struct gc_cycle {
  struct gc_heap *heap;
  struct gc_composition composition;
  uint32_t phase; /* atomic; enum gc_cycle_phase; stale outside sections, where it is but a hint */
  bool is_prepared;  /* atomic: compaction has selected for the next cycle */
  bool is_fresh;     /* atomic, relaxed: the sweep of the last cycle has not been seen to end yet */
  bool markers_rest; /* in the stop under way */
  struct gc_pacer pacer;
  struct gc_nursery_target nursery_target; /* of --nursery auto; otherwise without bound */
  struct gc_pretenuring pretenuring;
  size_t soft_limit_bytes;         /* of old and large space (sizing.h); SIZE_MAX: none */
  size_t eden_after_cycle_bytes;   /* the eden's cap when its sweep had ended */
  size_t room_after_cycle_bytes;   /* atomic, relaxed; what promotions could take then (room.h) */
  uint64_t held_after_cycle_bytes; /* atomic, relaxed; what counted against the memory cap then */
  unsigned handshakes, remarks_aborted; /* of the cycle under way */
  uint64_t begin_ns, mark_begin_ns;     /* of the cycle under way */
  uint64_t last_step_ns;                /* atomic, relaxed: when marking was last stepped */
  /* Of the cycle under way: found so far, by whoever came to rest. */
  uint64_t marked_bytes, marked_objects;
  uint64_t live_bytes_at_begin; /* as estimated: the goal of marking */
  /* Allocated old by mutators, large objects included, when the young generation was last asked. */
  uint64_t direct_seen_bytes;
  uint64_t promoted_bytes; /* while it marks; these are live when it ends */
  uint64_t mark_ns;        /* wall time of marking with the world stopped */
  /* The rule of ineffective collections: cycles in a row, and where the last was judged. */
  uint64_t ineffective_cycles, judged_ns, judged_stop_ns;
};

/* Who stops the world for the cycle: a mutator, or a collector thread. */
struct gc_cycle_driver {
  struct gc_mutator *mutator; /* or null */
  struct gc_worker *worker;   /* where mutator is null */
};

extern const struct gc_collector_hooks gc_cycle_hooks;

static inline struct gc_cycle *gc_cycle_of(struct gc_heap *heap) {
  return heap->collector_state;
}

/* --- for policies ------------------------------------------------------------------------------*/

/* Stops the world and marks for about duration_ns; where that leaves nothing grey, tries to finish
 * marking. While the cycle marks; otherwise nothing. */
void gc_cycle_mark_step(struct gc_cycle *cycle, struct gc_cycle_driver driver,
                        uint64_t duration_ns);

/* Markers are dry: a handshake, or remark and everything that follows it. */
void gc_cycle_try_finish_marking(struct gc_cycle *cycle, struct gc_cycle_driver driver);

/* Has blocks and large objects await their sweep, for policies that sweep after the pause. */
void gc_cycle_begin_sweep_stw(struct gc_cycle *cycle);
/* Marks beside the mutators, on the calling thread, until dry or told. GC_TRACE_DRY also where
 * markers were dry before. */
enum gc_trace_end gc_cycle_drain_beside(struct gc_worker *worker, struct gc_trace_limits limits);
/* The same on a mutator's thread, until the deadline or a stop. False: another mutator assists, or
 * there are no collector threads to assist. */
bool gc_cycle_assist(struct gc_cycle *cycle, struct gc_mutator *mutator, uint64_t deadline_ns);

/* A mutator sweeps up to `blocks` blocks, within the pause target. */
void gc_cycle_sweep_slice(struct gc_cycle *cycle, struct gc_mutator *mutator, size_t blocks);
/* The same without a pause's record, until the deadline or a stop. False: nothing is left to take. */
bool gc_cycle_sweep_until(struct gc_cycle *cycle, struct gc_mutator *mutator, uint64_t deadline_ns);
/* A collector thread sweeps until nothing is left, or it is wanted at rest. True: nothing is. */
bool gc_cycle_sweep_beside(struct gc_cycle *cycle, struct gc_worker *worker);

/* --- within the cycle --------------------------------------------------------------------------*/

/* Stops and resumes the world for the driver. False: somebody else did meanwhile. */
bool gc_cycle_stop(struct gc_cycle *cycle, struct gc_cycle_driver driver,
                   enum gc_pause_reason reason);
void gc_cycle_resume(struct gc_cycle *cycle, struct gc_cycle_driver driver,
                     enum gc_pause_kind kind);

/* Markers come to rest; and rest, with sweepers, until the end of the stop. */
void gc_cycle_rest_markers_stw(struct gc_cycle *cycle);
void gc_cycle_resume_threads_stw(struct gc_cycle *cycle);

/* What is expected to be promoted while the next cycle marks; 0 where it stops the world. */
size_t gc_cycle_promoted_meanwhile_bytes(const struct gc_cycle *cycle);

/* Everything of a cycle that marks with the world stopped; compact: the composition's, or what the
 * last resort does. */
void gc_cycle_run_full_stw(struct gc_cycle *cycle, const struct gc_compact_policy *compact);
/* Full promotion, roots, shading on. Everything is swept; markers at rest. */
void gc_cycle_begin_marking_stw(struct gc_cycle *cycle);
/* Remark and what follows it; false when the budget (deadline_ns; 0: none) was spent before marking
 * terminated. Collector threads at rest. */
bool gc_cycle_finish_marking_stw(struct gc_cycle *cycle, enum gc_pause_kind kind,
                                 uint64_t deadline_ns);

/* Whether what is weakly held is cleared beside the mutators; marking has terminated. */
bool gc_cycle_clears_beside(const struct gc_cycle *cycle);
/* All that is left of it, before anything is swept. Nothing where nothing is left. */
void gc_cycle_clear_stw(struct gc_cycle *cycle);
/* Clears on a collector thread until nothing is left, or it is wanted at rest. */
uint64_t gc_cycle_clear_beside(struct gc_cycle *cycle, struct gc_worker *worker);

/* Within a stop that somebody asked for otherwise: a remark, if collector threads are dry and wait
 * for a stop of their own, which mutators that stop the world time and again would put off for
 * ever. True: there was one. */
bool gc_cycle_finish_dry_stw(struct gc_cycle *cycle);

bool gc_cycle_is_swept(struct gc_cycle *cycle);
/* When all is swept it shows how much room the cycle has left: measured once a cycle. World stopped;
 * without a nursery any mutator too. */
void gc_cycle_see_sweep_end(struct gc_cycle *cycle);
/* Sweeps with the world stopped until nothing is left, or the eden's cap is at least
 * eden_bytes. */
void gc_cycle_sweep_stw(struct gc_cycle *cycle, size_t eden_bytes);

/* A scavenge, or what stands for it, within a stop. */
void gc_cycle_collect_young_stw(struct gc_cycle *cycle, enum gc_promotion promotion);

/* What mutators have allocated old, ever. */
uint64_t gc_cycle_direct_bytes(const struct gc_heap *heap);

/* The failure ladder: the request found no room otherwise (cycle_ladder.c). */
enum gc_pause_kind gc_cycle_climb_stw(struct gc_cycle *cycle, struct gc_request *request);
/* Its upper end: everything the collector can do. */
enum gc_pause_kind gc_cycle_collect_all_stw(struct gc_cycle *cycle, struct gc_request *request);
/* True where the request can be served, as far as sizes tell: holes may be too small. */
bool gc_cycle_has_room_stw(struct gc_heap *heap, const struct gc_request *request);
/* An eden this small would turn the program into one long collection: it is closed. */
void gc_cycle_close_useless_eden_stw(struct gc_cycle *cycle);

/* Looks at the whole heap, where --verify asks for it. Collector threads at rest. */
void gc_cycle_verify_stw(struct gc_cycle *cycle, enum gc_verify_moment moment);

/* Tells the pacer what room is left, and records its view. World stopped. */
void gc_cycle_pace_stw(struct gc_cycle *cycle);

/* Sets whether mutators' refills offer help. */
void gc_cycle_update_help(struct gc_cycle *cycle);

#endif
