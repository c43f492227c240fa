/* Rates, goals and debt. See pacer.h. */
#include "collectors/pacer.h"

#define NS_PER_MS UINT64_C(1000000)
#define MIB       (UINT64_C(1) << 20)

/* Assumed until it is measured: LIMITS' scattered graph of small objects. */
#define MARKED_PER_MS_FIRST (UINT64_C(500) << 10)

/* A pause of the length asked for holds a stop and its phases too. */
#define STEP_PERCENT_OF_TARGET   85
#define REMARK_PERCENT_OF_TARGET 50
#define STEP_NS_MIN              UINT64_C(10000)

/* Marking is to end when so much of the room is used: what is promoted meanwhile floats until the
 * next cycle, which comes the earlier for it. Where that would leave mutators less than half of the
 * time, they keep half of it, up to the second share. */
#define ROOM_PERCENT_TO_USE      25
#define ROOM_PERCENT_TO_USE_MOST 70

/* Where little is promoted, marking is spread over so many milliseconds of allocation at most, as
 * V8's schedule (V8 uses 500). */
#define CYCLE_MS_MAX 500

/* Estimates are taken times this: rates vary. */
#define SAFETY_PERCENT 125

static uint64_t smooth(uint64_t old, uint64_t sample) {
  return old == 0 ? sample : (3 * old + sample) / 4;
}

static uint64_t max(uint64_t left, uint64_t right) {
  return left > right ? left : right;
}

void gc_pacer_init(struct gc_pacer *pacer, uint64_t pause_target_ns) {
  *pacer = (struct gc_pacer){
      .step_ns = max(pause_target_ns / 100 * STEP_PERCENT_OF_TARGET, STEP_NS_MIN),
      .remark_ns = max(pause_target_ns / 100 * REMARK_PERCENT_OF_TARGET, STEP_NS_MIN),
  };
}

void gc_pacer_scavenged(struct gc_pacer *pacer, uint64_t begin_ns, uint64_t end_ns,
                        uint64_t allocated_bytes, uint64_t promoted_bytes) {
  uint64_t mutator_ns = begin_ns - pacer->last_scavenge_end_ns;
  if (pacer->last_scavenge_end_ns != 0 && mutator_ns > 0) {
    pacer->promoted_per_ms =
        smooth(pacer->promoted_per_ms, promoted_bytes * NS_PER_MS / mutator_ns);
    pacer->allocated_per_ms =
        smooth(pacer->allocated_per_ms, allocated_bytes * NS_PER_MS / mutator_ns);
  }
  pacer->last_scavenge_end_ns = end_ns;
}

void gc_pacer_marked(struct gc_pacer *pacer, uint64_t work_ns, uint64_t marked_bytes) {
  if (work_ns >= NS_PER_MS / 10 && marked_bytes > 0) {
    pacer->marked_per_ms = smooth(pacer->marked_per_ms, marked_bytes * NS_PER_MS / work_ns);
  }
}

static uint64_t marked_per_ms(const struct gc_pacer *pacer) {
  return pacer->marked_per_ms != 0 ? pacer->marked_per_ms : MARKED_PER_MS_FIRST;
}

uint64_t gc_pacer_promoted_while_marking(const struct gc_pacer *pacer, uint64_t live_bytes) {
  uint64_t mark_ms = live_bytes / marked_per_ms(pacer) + 1;
  return pacer->promoted_per_ms * mark_ms / 100 * SAFETY_PERCENT;
}

void gc_pacer_begin_cycle(struct gc_pacer *pacer, uint64_t live_bytes) {
  pacer->goal_bytes = live_bytes;
  gc_atomic_store_relaxed(&pacer->marked_bytes, 0);
  gc_atomic_store_relaxed(&pacer->debt_bytes, 0);
}

void gc_pacer_set_room(struct gc_pacer *pacer, uint64_t room_bytes) {
  uint64_t marked_bytes = gc_atomic_load_relaxed(&pacer->marked_bytes);
  uint64_t left_bytes = pacer->goal_bytes > marked_bytes ? pacer->goal_bytes - marked_bytes : 0;
  left_bytes += pacer->goal_bytes / 16 + gc_pacer_step_bytes(pacer); /* it is an estimate */
  uint64_t promoted = max(pacer->promoted_per_ms, 1), allocated = max(pacer->allocated_per_ms, 1);
  uint64_t most_ms = room_bytes / 100 * ROOM_PERCENT_TO_USE_MOST / promoted;
  uint64_t ms = room_bytes / 100 * ROOM_PERCENT_TO_USE / promoted;
  ms = ms < CYCLE_MS_MAX ? ms : CYCLE_MS_MAX;
  ms = max(ms, left_bytes / marked_per_ms(pacer));
  ms = ms < most_ms ? ms : most_ms;
  uint64_t may_allocate_bytes = max(ms * allocated, MIB / 16);
  gc_atomic_store_relaxed(&pacer->owed_per_mib,
                          (uint64_t)((double)left_bytes * MIB / (double)may_allocate_bytes));
}

void gc_pacer_allocated(struct gc_pacer *pacer, uint64_t bytes) {
  uint64_t owed = gc_atomic_load_relaxed(&pacer->owed_per_mib);
  gc_atomic_fetch_add_relaxed(&pacer->debt_bytes, (uint64_t)((double)bytes * (double)owed / MIB));
}

uint64_t gc_pacer_step_bytes(const struct gc_pacer *pacer) {
  return max(marked_per_ms(pacer) * pacer->step_ns / NS_PER_MS, 1024);
}

static void pay(struct gc_pacer *pacer, uint64_t paid_bytes) {
  uint64_t debt = gc_atomic_load_relaxed(&pacer->debt_bytes);
  gc_atomic_store_relaxed(&pacer->debt_bytes, debt > paid_bytes ? debt - paid_bytes : 0);
}

void gc_pacer_set_progress(struct gc_pacer *pacer, uint64_t marked_bytes) {
  /* Relaxed: two who see the same news may both count it, which forgives a little debt. */
  uint64_t before = gc_atomic_load_relaxed(&pacer->marked_bytes);
  if (marked_bytes > before) {
    gc_atomic_store_relaxed(&pacer->marked_bytes, marked_bytes);
    pay(pacer, marked_bytes - before);
  }
}

void gc_pacer_stepped(struct gc_pacer *pacer, uint64_t work_ns, uint64_t marked_bytes) {
  gc_pacer_marked(pacer, work_ns, marked_bytes);
  gc_atomic_fetch_add_relaxed(&pacer->marked_bytes, marked_bytes);
  pay(pacer, max(marked_bytes, gc_pacer_step_bytes(pacer) / 2));
}
