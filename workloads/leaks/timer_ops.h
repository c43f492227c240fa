/* timer: each request starts an interval, whose entry in the table of timers holds a closure;
 * fixed: it clears the interval when it ends.
 *
 * The table is a wheel of TIMER_TICKS lists. Every operation fires the last few timers of a tick, so
 * that a forgotten timer is not only kept but run.
 */
#include "workloads/leaks/pair_ops.h"

enum { TIMER_TICKS = 256, TIMER_FIRED = 4 };
enum { TIMER_TABLE, TIMER_ENTRY, TIMER_CLOSURE, TIMER_CONTEXT };
enum { TIMER_CALLBACK = LEAK_LINKS, TIMER_ENTRY_SLOTS };
enum { TIMER_CLOSURE_RAW_BYTES = 8, TIMER_CONTEXT_RAW_BYTES = 80 };

struct timer_context {
  uint64_t gc_header;
  uint64_t operation, fired;
};

/* A list's first entry is in the table; its previous one is null. */
static enum workload_status timer_begin(struct leak *leak) {
  bool is_made = leak_make(leak, leak->container, TIMER_TICKS, 0, leak->types[TIMER_TABLE]);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

static inline struct timer_context *timer_context_of(struct leak *leak, struct gc_ref entry) {
  return gc_ref_address(leak_read(leak, leak_read(leak, entry, TIMER_CALLBACK), 0));
}

static inline void timer_fire(struct leak *leak, uint64_t tick) {
  struct gc_ref entry = leak_read(leak, gc_handle_get(leak->container), tick);
  for (unsigned i = 0; i < TIMER_FIRED && !gc_is_null(entry); i++) {
    timer_context_of(leak, entry)->fired++;
    entry = leak_read(leak, entry, LEAK_NEXT);
  }
}

/* Closure and context in `first`. */
static inline bool timer_make_closure(struct leak *leak, uint64_t operation) {
  if (!leak_make(leak, leak->second, 0, TIMER_CONTEXT_RAW_BYTES, leak->types[TIMER_CONTEXT])) {
    return false;
  }
  ((struct timer_context *)gc_ref_address(gc_handle_get(leak->second)))->operation = operation;
  if (!leak_make(leak, leak->first, 1, TIMER_CLOSURE_RAW_BYTES, leak->types[TIMER_CLOSURE])) {
    return false;
  }
  gc_init_field(leak->mutator, gc_handle_get(leak->first), 0, gc_handle_get(leak->second));
  return true;
}

static enum workload_status timer_open(struct leak *leak, uint64_t operation) {
  if (GC_UNLIKELY(!timer_make_closure(leak, operation) ||
                  !leak_make(leak, leak->opened, TIMER_ENTRY_SLOTS, 8, leak->types[TIMER_ENTRY]))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref entry = gc_handle_get(leak->opened), table = gc_handle_get(leak->container);
  uint64_t tick = operation % TIMER_TICKS;
  gc_init_field(leak->mutator, entry, TIMER_CALLBACK, gc_handle_get(leak->first));
  struct gc_ref next = leak_read(leak, table, tick);
  leak_write(leak, entry, LEAK_NEXT, next);
  if (!gc_is_null(next)) {
    leak_write(leak, next, LEAK_PREVIOUS, entry);
  }
  leak_write(leak, table, tick, entry);
  timer_fire(leak, workload_random_below(&leak->random, TIMER_TICKS));
  return WORKLOAD_DONE;
}

static inline void timer_clear(struct leak *leak, struct gc_ref entry, uint64_t operation) {
  struct gc_ref next = leak_read(leak, entry, LEAK_NEXT);
  struct gc_ref previous = leak_read(leak, entry, LEAK_PREVIOUS);
  if (!gc_is_null(next)) {
    leak_write(leak, next, LEAK_PREVIOUS, previous);
  }
  if (gc_is_null(previous)) {
    leak_write(leak, gc_handle_get(leak->container), operation % TIMER_TICKS, next);
  } else {
    leak_write(leak, previous, LEAK_NEXT, next);
  }
}

static enum workload_status timer_close(struct leak *leak, struct gc_ref opened) {
  uint64_t operation = timer_context_of(leak, opened)->operation;
  leak_fold(leak, operation);
  if (!leak->is_leaky) {
    timer_clear(leak, opened, operation);
  }
  return WORKLOAD_DONE;
}

static const struct leak_pair leak_timer = {
    .type_names = {"timer.table", "timer.entry", "timer.closure", "timer.context"},
    .begin = timer_begin,
    .open = timer_open,
    .close = timer_close,
    .end = leak_ends,
    .finish = leak_finishes,
};
