/* Marking beside two mutators, in Promela: the heap, the marker, the scavenger and the mutators that
 * the model of every shading half shares. HALF.pml defines the half and includes this file last;
 * README.md says how to run it and why what is left out may be left out.
 *
 * Algorithm: the cycle of collectors/cycle.h from its start to the end of remark. It starts from every
 * heap of at most three objects, and the property is checked in every stop in which remark could end.
 *
 * Invariants, asserted at the end of remark:
 *   lost         no old object that can be reached is unmarked (it would be swept)
 *   young_held   dead-holds-no-young: no unmarked old object refers to a young one
 *   stray        only old objects are marked
 *   flagged      no re-grey flag is left set (the next cycle would take the object for pushed)
 * and whenever the marker follows a reference:
 *   torn         it meets no object whose promotion is half done
 *
 * Concurrency: an atomic sequence is one step. Two kinds of steps are cut finer than that by the store
 * buffers: a mutator's store is seen by others when its buffer drains, at any time later.
 *
 * A half defines
 *   ROOTS_STAY_GREY      1 under GC_KEEPS_STRONG, 0 under GC_KEEPS_SNAPSHOT
 *   PROMOTION            colour of promotions while marking: WHITE, GREY or BLACK
 *   shade_before(m)      before mutator m puts new[m] into the slot of src[m], an old object
 * and, where the half does something after the store,
 *   MUST_SHADE_AFTER(m)  tested at the store: whether it does
 *   store_is_shaded_later(m)  what becomes of store buffer and registers until then
 *   shade_after(m)       what it does, in a step of its own
 * and
 *   AN_ENTRY_IS_RESCANNED  1 where an entry of a mark buffer is scanned although it is marked
 * and may define what the lines below define otherwise. Broken variants do (variants.list). */

/* A set of objects is a mask, an object a set of one, null the empty set. A and B have one slot. */
#define A       1
#define B       2
#define C       4
#define OBJECTS 7

#define WHITE 0
#define GREY  1
#define BLACK 2

#ifndef PROMOTION_AT_START
#define PROMOTION_AT_START WHITE /* shading is not on yet */
#endif
#ifndef FULL_PROMOTION_AT_START
#define FULL_PROMOTION_AT_START 1
#endif
#ifndef FULL_PROMOTION_AT_REMARK
#define FULL_PROMOTION_AT_REMARK ROOTS_STAY_GREY
#endif
#ifndef ROOTS_RESCANNED
#define ROOTS_RESCANNED ROOTS_STAY_GREY
#endif
#ifndef WEAK_READS_SHADE
#define WEAK_READS_SHADE !ROOTS_STAY_GREY
#endif
#ifndef DIRECT_OLD
#define DIRECT_OLD BLACK
#endif
#ifndef REMARK_TAKES_BUFFERS
#define REMARK_TAKES_BUFFERS 1
#endif
#ifndef CLEAR_BEFORE_SCAN
#define CLEAR_BEFORE_SCAN 1
#endif
#ifndef MARK_BEFORE_PUBLISHING
#define MARK_BEFORE_PUBLISHING 1
#endif

#define STARTING 0
#define MARKING  1
#define DONE     2

/* The heap. An object that is neither young nor old is free. A weak cell refers to C while C exists. */
byte slot[3]; /* of A and of B */
byte young, old;
byte roots[2]; /* the handles of each mutator */

/* Marking. */
byte phase;
bit shading, stopped;
byte mark;           /* mark bits */
byte grey;           /* the marker's mark stack */
byte buffered;       /* the mutators' mark buffers, partial and full */
byte regrey;         /* re-grey flags */
byte promoted_grey;  /* the scavenger's own list, spliced when the scavenge ends */
byte copying;        /* the object that the scavenger is promoting */

/* The store in progress of each mutator, and its store buffer of one entry. */
byte src[2], new[2];
byte pending_src[2], pending_new[2];

#ifdef ROOTS_ONE_BY_ONE
bit scanned[2]; /* the handles of each mutator, in a handshake of its own; remark waits for both */
#endif

/* Scratch variables of one step; no state. */
#ifdef NAMED_MUTATORS
#define hidden /* the breadth-first search of `check.sh explain` knows no hidden variables */
#endif
hidden byte live, lost, young_held, stray, flagged, torn, seen, swapped;

#define refs_of(set) ((((set) & A) -> slot[A] : 0) | (((set) & B) -> slot[B] : 0))

/* A mutator is at a safepoint between stores. When three objects exist and are marked, no mutator can
 * make the marker lose one any more, and they rest. */
#define at_safepoint(m) (src[m] == 0)
#define can_step(m)     (phase == MARKING && !stopped && mark != OBJECTS && at_safepoint(m))

/* A statement that must be reachable: the search reports it as unreached where `condition` never held. */
#ifdef NAMED_MUTATORS
#define witness(condition) skip
#else
#define witness(condition)   \
  if                         \
  :: (condition) -> seen = 1 \
  :: else                    \
  fi
#endif

#define letter(ref) (((ref) == 0) -> 45 : (((ref) == C) -> 67 : 64 + (ref)))

inline pick(set, object) {
  if
  :: (set) & A -> object = A
  :: (set) & B -> object = B
  :: (set) & C -> object = C
  fi
}

/* The same among the objects that have a slot. */
inline pick_src(set, object) {
  if
  :: (set) & A -> object = A
  :: (set) & B -> object = B
  fi
}

/* --- store buffers --------------------------------------------------------------------------------- */

inline put(m) {
  pending_src[m] = src[m];
  pending_new[m] = new[m]
}

inline drain(m) {
  if
  :: pending_src[m] ->
     slot[pending_src[m]] = pending_new[m];
     pending_src[m] = 0;
     pending_new[m] = 0
  :: else
  fi
}

/* The two mutators are alike: of two states that differ in their names, one is searched. */
#define state_of(m) (roots[m] | pending_src[m] << 3 | pending_new[m] << 5 | src[m] << 8 | new[m] << 10)
inline exchange(one, other) {
  swapped = one;
  one = other;
  other = swapped
}
inline order_mutators() {
#ifdef NAMED_MUTATORS
  skip
#else
  d_step {
    if
    :: state_of(0) > state_of(1) ->
       exchange(roots[0], roots[1]);
       exchange(pending_src[0], pending_src[1]);
       exchange(pending_new[0], pending_new[1]);
       exchange(src[0], src[1]);
#ifdef ROOTS_ONE_BY_ONE
       exchange(scanned[0], scanned[1]);
#endif
       exchange(new[0], new[1])
    :: else
    fi
  }
#endif
}

/* --- shading and marking --------------------------------------------------------------------------- */

/* Into the mark buffer. The marker may take it from there at any time: buffers that are full are handed
 * over without a handshake. */
inline push(ref) {
  printf("    pushes %c\n", letter(ref));
  buffered = buffered | (ref)
}

/* Young and null references are none of a shading half's business. */
inline shade(ref) {
  if
  :: shading && ((ref) & old & ~mark) -> push(ref)
  :: else
  fi
}

inline shade_roots(set) {
  grey = grey | ((set) & old & ~mark);
  mark = mark | ((set) & old)
}

inline visit(ref) {
  if
  :: (ref) & old & ~mark ->
     torn = (ref) & copying;
     assert(torn == 0);
     mark = mark | (ref);
     grey = grey | (ref)
  :: else
  fi
}

inline scan(object) {
  if
  :: (object) & (A | B) -> visit(slot[object])
  :: else
  fi
}

inline take_buffers() {
#if AN_ENTRY_IS_RESCANNED
  grey = grey | buffered;
#else
  grey = grey | (buffered & ~mark);
#endif
  mark = mark | buffered;
  buffered = 0
}

inline trace_stw() {
  do
  :: grey & A -> grey = grey & ~A; regrey = regrey & ~A; visit(slot[A])
  :: !(grey & A) && (grey & B) -> grey = grey & ~B; regrey = regrey & ~B; visit(slot[B])
  :: else -> grey = 0; break
  od
}

/* --- scavenges ------------------------------------------------------------------------------------- */

/* Young objects live by roots and by old objects, dead ones included: they are remembered. */
inline free_dead_young() {
  live = roots[0] | roots[1] | refs_of(old);
  live = live | refs_of(live & young);
  live = live | refs_of(live & young);
  young = young & live;
  live = 0;
  slot[A] = ((old | young) & A -> slot[A] : 0);
  slot[B] = ((old | young) & B -> slot[B] : 0)
}

inline full_promotion(color) {
  free_dead_young();
  mark = (color != WHITE -> mark | young : mark);
  grey = (color == GREY -> grey | young : grey);
  old = old | young;
  young = 0
}

/* --- the heap at cycle start ----------------------------------------------------------------------- */

inline choose_subset(set, subset) {
  if :: (set) & A -> subset = subset | A :: true fi;
  if :: (set) & B -> subset = subset | B :: true fi;
  if :: (set) & C -> subset = subset | C :: true fi
}

inline choose_slot(object) {
  if
  :: (old | young) & object -> if :: pick(old | young, slot[object]) :: true fi
  :: else
  fi
}

inline choose_heap() {
  choose_subset(OBJECTS, old);
  choose_subset(OBJECTS & ~old, young);
  choose_subset(old | young, roots[0]);
  choose_subset(old | young, roots[1]);
  choose_slot(A);
  choose_slot(B);
  order_mutators();
  printf("before the cycle: old %d, young %d, A.slot %c, B.slot %c, roots %d and %d\n", old, young,
         letter(slot[A]), letter(slot[B]), roots[0], roots[1])
}

/* --- the mutators ---------------------------------------------------------------------------------- */

/* Handles are dropped with the store buffer empty: only stops and handshakes look at them, and these
 * drain it first. A weak cell's referent and the slots of all handles can be loaded at any time. */
#define me _pid

active [2] proctype mutator() {
  byte object;
end:
  do
  :: atomic { /* gc_read_ref */
       can_step(me) && (roots[me] & (A | B)) ->
       pick_src(roots[me], object);
       if
       :: pending_src[me] == object -> roots[me] = roots[me] | pending_new[me]
       :: else -> roots[me] = roots[me] | slot[object]
       fi;
       printf("mutator %d: loads %c.slot\n", me, letter(object));
       object = 0;
       order_mutators()
     }
  :: atomic { /* gc_weak_get */
       can_step(me) && ((old | young) & C & ~roots[me]) ->
       printf("mutator %d: reads C from a weak cell\n", me);
       roots[me] = roots[me] | C;
       witness(C & old & ~mark);
#if WEAK_READS_SHADE
       shade(C);
#endif
       order_mutators()
     }
  :: atomic {
       can_step(me) && roots[me] && !pending_src[me] ->
       pick(roots[me], object);
       printf("mutator %d: drops %c\n", me, letter(object));
       roots[me] = roots[me] & ~object;
       object = 0;
       order_mutators()
     }
  :: atomic { /* gc_allocate */
       can_step(me) && (old | young) != OBJECTS ->
       pick(OBJECTS & ~(old | young), object);
       roots[me] = roots[me] | object;
       if
       :: young = young | object;
          printf("mutator %d: allocates %c, young\n", me, letter(object))
       :: old = old | object;
          mark = (DIRECT_OLD == BLACK -> mark | object : mark);
          printf("mutator %d: allocates %c, old\n", me, letter(object))
       fi;
       object = 0;
       order_mutators()
     }
  :: atomic { /* gc_write_ref, up to the store */
       can_step(me) && (roots[me] & (A | B)) && !pending_src[me] ->
       pick_src(roots[me], src[me]);
       if
       :: pick(roots[me], new[me])
       :: true /* null */
       fi;
       printf("mutator %d: %c.slot = %c\n", me, letter(src[me]), letter(new[me]));
       witness(src[me] == src[1 - me] || src[me] == pending_src[1 - me]);
       if
       :: src[me] & young ->
#ifdef STORES_INTO_YOUNG_SHADE
          shade(new[me]);
#endif
          slot[src[me]] = new[me]; src[me] = 0; new[me] = 0
       :: else ->
          shade_before(me);
          put(me);
#ifdef STORES_ARE_SEEN_AT_ONCE
          drain(me);
#endif
#ifdef MUST_SHADE_AFTER
          if
          :: MUST_SHADE_AFTER(me) -> store_is_shaded_later(me)
          :: else -> src[me] = 0; new[me] = 0
          fi
#else
          src[me] = 0;
          new[me] = 0
#endif
       fi;
       order_mutators()
     }
#ifdef MUST_SHADE_AFTER
  :: atomic { /* gc_write_ref, after the store */
       src[me] ->
       shade_after(me);
       src[me] = 0;
       new[me] = 0;
       order_mutators()
     }
#endif
  :: atomic {
       pending_src[me] ->
       printf("mutator %d: its store to %c.slot is seen\n", me, letter(pending_src[me]));
       drain(me);
       order_mutators()
     }
  :: phase == DONE -> break
  od
}

/* --- the scavenger --------------------------------------------------------------------------------- */

/* Mutators are stopped, the marker is not. Each young object that lives may be promoted: its mark bits are
 * set, then its address is published. */
active proctype scavenger() {
end:
  do
  :: atomic {
       can_step(0) && at_safepoint(1) && young ->
       printf("scavenge begins\n");
       d_step { drain(0); drain(1); free_dead_young(); stopped = 1 }
     };
     do
     :: atomic {
          young ->
          pick(young, copying);
#if MARK_BEFORE_PUBLISHING
          mark = (PROMOTION != WHITE -> mark | copying : mark)
#else
          old = old | copying
#endif
        };
        atomic {
          printf("  promotes %c\n", letter(copying));
          young = young & ~copying;
          old = old | copying;
          mark = (PROMOTION != WHITE -> mark | copying : mark);
          promoted_grey = (PROMOTION == GREY -> promoted_grey | copying : promoted_grey);
#ifdef PROMOTION_KEEPS_FLAG
          regrey = regrey | copying;
#endif
          copying = 0
        }
     :: atomic {
          printf("scavenge ends\n");
          grey = grey | promoted_grey;
          promoted_grey = 0;
          stopped = 0;
          witness(grey && (old & ~mark));
          order_mutators();
          break
        }
     od
  :: phase == DONE -> break
  od
}

/* --- the marker ------------------------------------------------------------------------------------ */

inline begin_cycle_stw() {
  choose_heap();
  d_step {
#if FULL_PROMOTION_AT_START
    full_promotion(PROMOTION_AT_START);
#endif
#ifndef ROOTS_ONE_BY_ONE
    shade_roots(roots[0] | roots[1]);
#endif
#ifndef SHADING_STARTS_LATE
    shading = 1;
#endif
    phase = MARKING
  }
}

/* From the mark stack or from a mark buffer. An entry of the latter may have been marked since. */
inline pop(object) {
  if
  :: pick(grey, object) -> grey = grey & ~object
#if AN_ENTRY_IS_RESCANNED
  :: pick_src(buffered, object) -> buffered = buffered & ~object; mark = mark | object
#else
  :: pick(buffered, object) ->
     buffered = buffered & ~object;
     object = object & ~mark;
     mark = mark | object
#endif
  fi
}

/* A handshake under GC_KEEPS_STRONG shades handles. The buffers that it also takes need no step of their
 * own here. */
inline handshake(m) {
#ifdef ROOTS_ONE_BY_ONE
  at_safepoint(m) && !scanned[m] ->
  scanned[m] = 1;
#else
  at_safepoint(m) && (roots[m] & old & ~mark) ->
#endif
  printf("handshake: shades the handles of mutator %d\n", m);
  drain(m);
  shade_roots(roots[m]);
  order_mutators()
}

#if defined ROOTS_ONE_BY_ONE
#define can_remark (scanned[0] && scanned[1])
#else
#define can_remark (shading)
#endif

/* Nothing is changed: the stop may end in a resumed cycle. */
inline assert_all_is_well() {
  live = roots[0] | roots[1];
  live = live | refs_of(live);
  live = live | refs_of(live);
  lost = live & old & ~mark;
  live = 0;
  assert(lost == 0);
  young_held = refs_of(old & ~mark) & young;
  assert(young_held == 0);
  stray = mark & ~old;
  assert(stray == 0);
  flagged = regrey & old;
  assert(flagged == 0)
}

active proctype marker() {
  byte object;
  atomic { begin_cycle_stw() };
  do
#if !AN_ENTRY_IS_RESCANNED
  :: atomic {
       grey | buffered ->
       witness(stopped);
       pop(object);
       printf("marker: scans %c\n", letter(object));
       scan(object);
       object = 0
     }
#else
  :: atomic {
       grey | buffered ->
       witness(stopped);
       pop(object);
#if CLEAR_BEFORE_SCAN
       regrey = regrey & ~object;
       printf("marker: clears the flag of %c\n", letter(object))
#endif
     };
     atomic {
       printf("marker: scans %c\n", letter(object));
       scan(object);
#if CLEAR_BEFORE_SCAN
       object = 0
#endif
     };
#if !CLEAR_BEFORE_SCAN
     atomic {
       regrey = regrey & ~object;
       printf("marker: clears the flag of %c\n", letter(object));
       object = 0
     }
#endif
#endif
#ifdef SHADING_STARTS_LATE
  :: atomic { !shading -> shading = 1; printf("shading is switched on\n") }
#endif
#if ROOTS_STAY_GREY || defined ROOTS_ONE_BY_ONE
  :: atomic { handshake(0) }
  :: atomic { handshake(1) }
#endif
  :: atomic { /* remark */
       at_safepoint(0) && at_safepoint(1) && !stopped && can_remark ->
       printf("remark\n");
       witness(buffered);
#ifdef IMPOSSIBLE_WITNESS
       witness(stopped);
#endif
       d_step {
         drain(0);
         drain(1);
#if FULL_PROMOTION_AT_REMARK
         full_promotion(PROMOTION);
#endif
#if ROOTS_RESCANNED
         shade_roots(roots[0] | roots[1]);
#endif
       };
#if REMARK_TAKES_BUFFERS
       take_buffers();
#endif
       order_mutators();
       if
       :: true -> printf("marking resumes\n")
       :: d_step { trace_stw(); assert_all_is_well() };
          witness(old & ~mark);
          d_step {
            slot[A] = 0; slot[B] = 0; roots[0] = 0; roots[1] = 0;
            young = 0; old = 0; mark = 0; buffered = 0; regrey = 0;
            phase = DONE
          };
          break
       fi
     }
  od
}
