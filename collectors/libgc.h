/* libgc, found when it is asked for: its functions, threads, roots, and when it collected.
 *
 * The library is loaded at the first gc_libgc_open and configured once for the process: threads
 * that register are scanned conservatively, static data is not, and what else is a root is said by
 * gc_libgc_roots_add. Nothing of this project is linked with it, and its headers are not needed: it
 * is optional where the program runs, not where it was built.
 *
 * Collections are noted as they happen, in a list that is never taken apart: whoever has looked at
 * an entry follows its `next` later.
 *
 * Concurrency. libgc stops threads by signals, anywhere. Everything here may be called by any
 * registered thread, gc_libgc_open by one that is none. Lists of roots change under libgc's
 * allocation lock, which a collection holds as well.
 */
#ifndef COLLECTORS_LIBGC_H
#define COLLECTORS_LIBGC_H

#include <gc/atomics.h>
#include <stddef.h>
#include <stdint.h>

/* Where a thread's stack begins; on processors with one stack to a thread. */
struct gc_libgc_stack {
  void *base;
};

typedef void (*gc_libgc_push)(void);

struct gc_libgc {
#define LIBGC(result, name, parameters) result(*name) parameters;
#include "collectors/libgc.def"
#undef LIBGC
};

/* One collection: CLOCK_MONOTONIC. Written by the thread that collected. */
struct gc_libgc_collection {
  struct gc_libgc_collection *next; /* atomic [pairs: libgc-collection] */
  uint64_t number;                  /* counts from 1 */
  uint64_t thread_id;               /* that collected, as the system calls it */
  uint64_t begin_ns;                /* it turned to collecting */
  uint64_t stopping_ns;             /* it began to stop the other threads */
  uint64_t stopped_ns, marked_ns;   /* they had stopped; marking was done */
  uint64_t resumed_ns;              /* they ran again */
  uint64_t end_ns;                  /* it turned to its own work */
  uint64_t cpu_ns;                  /* its CPU time in all that */
  uint64_t used_before_bytes, used_after_bytes;
};

/* A source of roots. Its owner keeps it. */
struct gc_libgc_roots {
  /* Calls libgc->push_all for every range. Threads are stopped anywhere. */
  void (*push)(const struct gc_libgc *libgc, void *context);
  void *context;
  struct gc_libgc_roots *next; /* under libgc's allocation lock */
};

/* Whether the library is there, without setting it to work. 0, or negative errno with a sentence
 * when it is not, or lacks something. */
int gc_libgc_find(char *error, size_t error_size);
/* The same, and sets it to work with so many marking threads, the collecting one included; the first
 * call of a process decides. */
int gc_libgc_open(unsigned markers, const struct gc_libgc **libgc, char *error, size_t error_size);

/* The calling thread allocates from now on, and its stack is scanned. Does not nest. 0 or negative
 * errno. */
int gc_libgc_register_thread(const struct gc_libgc *libgc);
void gc_libgc_unregister_thread(const struct gc_libgc *libgc);

/* By a registered thread. */
void gc_libgc_roots_add(const struct gc_libgc *libgc, struct gc_libgc_roots *roots);
void gc_libgc_roots_remove(const struct gc_libgc *libgc, struct gc_libgc_roots *roots);

/* The last collection so far; before the first, an entry with number 0. */
const struct gc_libgc_collection *gc_libgc_last_collection(void);
/* The one after it, or null: none yet. */
static inline const struct gc_libgc_collection *
gc_libgc_next_collection(const struct gc_libgc_collection *collection) {
  return gc_atomic_load_acquire(&collection->next); /* [pairs: libgc-collection] */
}

#endif
