/* The collector contract: policies, compositions, custom collectors, and how one is chosen.
 *
 * A collector is a composition of one policy per axis, run by the cycle (cycle.h), or a custom
 * struct gc_collector. A policy is a const struct of functions in a file of its own and one line in
 * policies.def; a new combination is one line in collectors.def. Rules that keep the axes apart: a
 * policy may not assume which other policy it is paired with; only cycle.c calls policies; optional
 * members have do-nothing defaults, so there are no null checks.
 *
 * Parts say what they need of the barrier (capability bits of heap/remembered.h); a pair that
 * cannot work is refused before a heap is built, with a sentence that names the missing capability.
 */
#ifndef COLLECTORS_COLLECTOR_H
#define COLLECTORS_COLLECTOR_H

#include "barriers/barrier_parts.h"
#include "heap/heap.h"
#include "heap/scavenge.h"

struct gc_cycle;

/* Whether there is a young generation. */
struct gc_young_policy {
  const char *name;
  unsigned needs; /* capabilities, all of them */
  /* As of collectors. */
  int (*plan)(const struct gc_options *options, struct gc_heap_parts *parts, char *error,
              size_t error_size);
  /* Collects the young generation; with GC_PROMOTE_ALL nothing is young afterwards. Also retires
   * every mutator's allocation buffer. */
  void (*collect_stw)(struct gc_cycle *cycle, enum gc_promotion promotion);
  /* Mutators' buffers of old memory are given back, so that bitmaps say what is in them. */
  void (*retire_stw)(struct gc_cycle *cycle);
};

/* WHEN marking is done. Where is_beside is false, in one pause, and nothing else is called. */
struct gc_mark_policy {
  const char *name;
  unsigned needs_any; /* 0, or capabilities of which one must be kept */
  bool is_beside;     /* mutators run between the roots and the end of marking */
  bool on_thread;     /* `beside` is to be called */
  /* On a collector thread, while the cycle marks; nanoseconds until it is to be called again, or
   * GC_BESIDE_WHEN_WOKEN. */
  uint64_t (*beside)(struct gc_cycle *cycle, struct gc_worker *worker);
  /* A mutator at a refill, while the cycle marks. A safepoint. */
  void (*help)(struct gc_cycle *cycle, struct gc_mutator *mutator);
};

/* WHEN dead ranges become free. */
struct gc_sweep_policy {
  const char *name;
  bool in_pause;  /* begin_stw sweeps everything: weak cells are cleared before it */
  bool on_thread; /* `beside` is to be called */
  /* Marking has terminated and nothing moves any more. */
  void (*begin_stw)(struct gc_cycle *cycle);
  /* While blocks or large objects await their sweep; as of marking. */
  uint64_t (*beside)(struct gc_cycle *cycle, struct gc_worker *worker);
  void (*help)(struct gc_cycle *cycle, struct gc_mutator *mutator);
};

/* WHICH objects are moved. */
struct gc_compact_policy {
  const char *name;
  unsigned needs;        /* capabilities, all of them */
  unsigned needs_beside; /* and these, where marking is beside the mutators */
  bool moves_old;        /* old objects may move: the pause begins with a full promotion */
  /* Before a cycle marks, when everything is swept: chooses what to move. Mutators may run; no
   * block changes its list meanwhile that select does not change itself. */
  void (*select)(struct gc_cycle *cycle);
  /* Marking begins, roots are not shaded yet. */
  void (*begin_stw)(struct gc_cycle *cycle);
  /* Marking has terminated, the nursery is empty where moves_old. */
  void (*move_stw)(struct gc_cycle *cycle);
};

/* Do-nothing members. */
uint64_t gc_beside_nothing(struct gc_cycle *cycle, struct gc_worker *worker);
void gc_help_nothing(struct gc_cycle *cycle, struct gc_mutator *mutator);
void gc_cycle_nothing(struct gc_cycle *cycle);

/* What a collector promises. */
enum gc_property {
  GC_RECLAIMS_ALL = 1u << 0,  /* after a forced full collection only reachable objects remain */
  GC_IGNORES_LIMIT = 1u << 1, /* exempt from the heap limit: reserves what is allocated */
  GC_IS_BASELINE = 1u << 2,   /* no collector of this heap, whose limit and barriers mean nothing to
                                 it; runs only when it is named */
};

struct gc_composition {
  const struct gc_young_policy *young;
  const struct gc_mark_policy *mark;
  const struct gc_sweep_policy *sweep;
  const struct gc_compact_policy *compact;
};

struct gc_collector {
  const char *name;
  const char *summary;
  const char *default_barrier;
  unsigned needs;     /* capabilities, all of them */
  unsigned needs_any; /* 0, or capabilities of which one must be kept */
  unsigned properties;
  bool uses_threads;                        /* beside the mutators */
  const struct gc_composition *composition; /* null for a custom collector */
  const struct gc_collector_hooks *hooks;
  /* Sizes of the heap's parts for these options: fills eden_bytes, survivor_bytes, limit_bytes and
   * old_limit_bytes. 0, or -EINVAL with a sentence. */
  int (*plan)(const struct gc_options *options, struct gc_heap_parts *parts, char *error,
              size_t error_size);
};

/* All named collectors, in the order of collectors.def. */
const struct gc_collector *gc_collector_list(size_t *count);

/* Text is a name, or a composition (`mark=stw,sweep=eager,barrier=card`). Fills *collector, whose
 * name is text. Returns 0, or -EINVAL with a sentence. */
int gc_collector_parse(const char *text, struct gc_collector *collector,
                       struct gc_composition *composition, char *error, size_t error_size);

/* The barrier that a name, or an empty text, means for this collector, if it is sufficient;
 * otherwise -EINVAL with a sentence that names the missing capability. */
int gc_collector_choose_barrier(const struct gc_collector *collector, const char *name,
                                const struct gc_barrier **barrier, char *error, size_t error_size);

/* Everything about the options that can be refused before memory is reserved: names, pairs, sizes.
 */
int gc_collector_check(const struct gc_options *options, char *error, size_t error_size);

/* The usual plan: eden, two survivor areas, the rest old. */
int gc_collector_plan_usual(const struct gc_options *options, struct gc_heap_parts *parts,
                            char *error, size_t error_size);

#endif
