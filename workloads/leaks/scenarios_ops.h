/* The scenarios of no_leak: programs that lose nothing, and look at times as if they did.
 *
 * Each has the form of a leak pair's fixed variant (pair_ops.h): requests in flight, and beside them
 * a structure whose size swings, or fills, or whose dead parts are found late.
 */
#include "workloads/leaks/pair_ops.h"

enum { SCENARIO_CONTAINER, SCENARIO_OBJECT };

struct scenario_state {
  uint64_t count, limit;
};

/* An object of one slot in front of the list that the container's slot holds. */
static inline bool scenario_prepend(struct leak *leak, size_t raw_bytes) {
  struct gc_ref made = gc_allocate(leak->mutator, 1, raw_bytes, leak->types[SCENARIO_OBJECT]);
  if (GC_UNLIKELY(gc_is_null(made))) {
    return false;
  }
  struct gc_ref container = gc_handle_get(leak->container);
  gc_init_field(leak->mutator, made, 0, leak_read(leak, container, 0));
  leak_write(leak, container, 0, made);
  return true;
}

static inline enum workload_status scenario_begin(struct leak *leak, size_t slots) {
  bool is_made = leak_make(leak, leak->container, slots, 0, leak->types[SCENARIO_CONTAINER]);
  return is_made ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

/* ---- warm-up: modules are loaded with the first twelfth of the requests, and then no more ------*/

enum { WARM_UP_RAW_BYTES = 152, WARM_UP_MODULES_MAX = 16384, WARM_UP_SHARE = 12 };

static enum workload_status warm_up_begin(struct leak *leak) {
  struct scenario_state *state = leak->state;
  uint64_t modules = leak->operations / WARM_UP_SHARE;
  state->limit = modules < WARM_UP_MODULES_MAX ? modules : WARM_UP_MODULES_MAX;
  return scenario_begin(leak, 1);
}

/* Afterwards what is loaded is dropped. */
static enum workload_status warm_up_open(struct leak *leak, uint64_t operation) {
  struct scenario_state *state = leak->state;
  bool is_kept = operation >= leak->requests && state->count < state->limit;
  struct gc_ref loaded = leak_read(leak, gc_handle_get(leak->container), 0);
  gc_handle_set(leak->mutator, leak->first, loaded);
  if (GC_UNLIKELY(!scenario_prepend(leak, WARM_UP_RAW_BYTES))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  if (!is_kept) {
    leak_write(leak, gc_handle_get(leak->container), 0, gc_handle_get(leak->first));
  }
  state->count += is_kept;
  return WORKLOAD_DONE;
}

static const struct leak_pair no_leak_warm_up = {
    .type_names = {"warm-up.modules", "warm-up.module"},
    .state_bytes = sizeof(struct scenario_state),
    .begin = warm_up_begin,
    .open = warm_up_open,
    .close = leak_closes_nothing,
    .end = leak_ends,
    .finish = leak_finishes,
};

/* ---- sawtooth: records are collected into batches of random length, which are then dropped ----*/

enum { SAWTOOTH_RAW_BYTES = 120, SAWTOOTH_MIN = 4096, SAWTOOTH_RANGE = 8192 };

static enum workload_status sawtooth_begin(struct leak *leak) {
  return scenario_begin(leak, 1);
}

static enum workload_status sawtooth_open(struct leak *leak, uint64_t operation) {
  struct scenario_state *state = leak->state;
  (void)operation;
  if (state->count == state->limit) {
    leak_write(leak, gc_handle_get(leak->container), 0, gc_null());
    leak_fold(leak, state->count);
    state->count = 0;
    state->limit = SAWTOOTH_MIN + workload_random_below(&leak->random, SAWTOOTH_RANGE);
  }
  state->count++;
  return scenario_prepend(leak, SAWTOOTH_RAW_BYTES) ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
}

static const struct leak_pair no_leak_sawtooth = {
    .type_names = {"sawtooth.batch", "sawtooth.record"},
    .state_bytes = sizeof(struct scenario_state),
    .begin = sawtooth_begin,
    .open = sawtooth_open,
    .close = leak_closes_nothing,
    .end = leak_ends,
    .finish = leak_finishes,
};

/* ---- fragmentation: objects of 32 bytes to 2 KiB replace each other at random -----------------*/

enum { FRAGMENT_PLACES = 4096, FRAGMENT_LEAST_LOG2 = 5, FRAGMENT_SIZES = 7 };

static enum workload_status fragmentation_put(struct leak *leak, uint64_t place) {
  size_t bytes =
      (size_t)1 << (FRAGMENT_LEAST_LOG2 + workload_random_below(&leak->random, FRAGMENT_SIZES));
  struct gc_ref made =
      gc_allocate(leak->mutator, 0, bytes - GC_HEADER_BYTES, leak->types[SCENARIO_OBJECT]);
  if (GC_UNLIKELY(gc_is_null(made))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  *(uint64_t *)gc_object_raw(made, 0) = place;
  leak_write(leak, gc_handle_get(leak->container), place, made);
  return WORKLOAD_DONE;
}

static enum workload_status fragmentation_begin(struct leak *leak) {
  enum workload_status status = scenario_begin(leak, FRAGMENT_PLACES);
  for (uint64_t place = 0; place < FRAGMENT_PLACES && status == WORKLOAD_DONE; place++) {
    status = fragmentation_put(leak, place);
  }
  return status;
}

static enum workload_status fragmentation_open(struct leak *leak, uint64_t operation) {
  (void)operation;
  uint64_t place = workload_random_below(&leak->random, FRAGMENT_PLACES);
  struct gc_ref old = leak_read(leak, gc_handle_get(leak->container), place);
  if (GC_UNLIKELY(*(const uint64_t *)gc_object_raw(old, 0) != place)) {
    return workload_wrong(leak->run, "the object at place %" PRIu64 " is damaged", place);
  }
  leak_fold(leak, place);
  return fragmentation_put(leak, place);
}

static const struct leak_pair no_leak_fragmentation = {
    .type_names = {"fragmentation.table", "fragmentation.object"},
    .begin = fragmentation_begin,
    .open = fragmentation_open,
    .close = leak_closes_nothing,
    .end = leak_ends,
    .finish = leak_finishes,
};

/* ---- nepotism: a queue whose dead nodes refer to living ones ----------------------------------
 *
 * A node that was promoted and died refers to the next one, which therefore is promoted too, and so
 * on: until a major collection nothing that ever was in the queue dies. */

enum { NEPOTISM_RAW_BYTES = 104, NEPOTISM_LENGTH = 4096 };
enum { NEPOTISM_FIRST, NEPOTISM_LAST, NEPOTISM_SLOTS };

static enum workload_status nepotism_begin(struct leak *leak) {
  return scenario_begin(leak, NEPOTISM_SLOTS);
}

static inline enum workload_status nepotism_take(struct leak *leak, uint64_t operation) {
  struct gc_ref queue = gc_handle_get(leak->container);
  struct gc_ref first = leak_read(leak, queue, NEPOTISM_FIRST);
  uint64_t number = *(const uint64_t *)gc_object_raw(first, 1);
  if (GC_UNLIKELY(number + NEPOTISM_LENGTH != operation)) {
    return workload_wrong(leak->run, "node %" PRIu64 " of the queue is damaged", number);
  }
  leak_fold(leak, number);
  leak_write(leak, queue, NEPOTISM_FIRST, leak_read(leak, first, 0)); /* which it still refers to */
  return WORKLOAD_DONE;
}

static enum workload_status nepotism_open(struct leak *leak, uint64_t operation) {
  struct gc_ref node =
      gc_allocate(leak->mutator, 1, NEPOTISM_RAW_BYTES, leak->types[SCENARIO_OBJECT]);
  if (GC_UNLIKELY(gc_is_null(node))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  *(uint64_t *)gc_object_raw(node, 1) = operation;
  struct gc_ref queue = gc_handle_get(leak->container);
  struct gc_ref last = leak_read(leak, queue, NEPOTISM_LAST);
  if (gc_is_null(last)) {
    leak_write(leak, queue, NEPOTISM_FIRST, node);
  } else {
    leak_write(leak, last, 0, node);
  }
  leak_write(leak, queue, NEPOTISM_LAST, node);
  return operation < NEPOTISM_LENGTH ? WORKLOAD_DONE : nepotism_take(leak, operation);
}

static const struct leak_pair no_leak_nepotism = {
    .type_names = {"nepotism.queue", "nepotism.node"},
    .begin = nepotism_begin,
    .open = nepotism_open,
    .close = leak_closes_nothing,
    .end = leak_ends,
    .finish = leak_finishes,
};

/* ---- cache filling: a cache that is filled as keys happen to come, up to its cap --------------*/

enum { FILLING_RAW_BYTES = 40, FILLING_KEYS_MAX = 32768, FILLING_KEYS_MIN = 64, FILLING_SHARE = 8 };

struct filling_state {
  uint64_t keys, entries;
  struct gc_handle recent;
};

static enum workload_status cache_filling_begin(struct leak *leak) {
  struct filling_state *state = leak->state;
  uint64_t keys = leak->operations / FILLING_SHARE;
  keys = keys < FILLING_KEYS_MAX ? keys : FILLING_KEYS_MAX;
  state->keys = keys > FILLING_KEYS_MIN ? keys : FILLING_KEYS_MIN;
  state->recent = gc_handle_push(leak->mutator, gc_null());
  enum workload_status status = scenario_begin(leak, state->keys);
  if (status == WORKLOAD_DONE && !leak_make_list(leak, state->recent, LEAK_LINKS, FILLING_RAW_BYTES,
                                                 leak->types[SCENARIO_OBJECT])) {
    status = WORKLOAD_OUT_OF_MEMORY;
  }
  return status;
}

/* Beyond three quarters of the keys, the entry that came first goes. */
static inline void cache_filling_keep(struct leak *leak, struct gc_ref entry, uint64_t key) {
  struct filling_state *state = leak->state;
  struct gc_ref table = gc_handle_get(leak->container), recent = gc_handle_get(state->recent);
  *(uint64_t *)gc_object_raw(entry, LEAK_LINKS) = key;
  leak_write(leak, table, key, entry);
  leak_link_behind(leak, recent, entry);
  if (state->entries++ >= state->keys / 4 * 3) {
    struct gc_ref last = leak_read(leak, recent, LEAK_PREVIOUS);
    leak_write(leak, table, *(const uint64_t *)gc_object_raw(last, LEAK_LINKS), gc_null());
    leak_unlink(leak, last);
    state->entries--;
  }
}

/* What was found is answered by a copy. */
static enum workload_status cache_filling_open(struct leak *leak, uint64_t operation) {
  struct filling_state *state = leak->state;
  (void)operation;
  uint64_t key = workload_random_below(&leak->random, state->keys);
  struct gc_ref made =
      gc_allocate(leak->mutator, LEAK_LINKS, FILLING_RAW_BYTES, leak->types[SCENARIO_OBJECT]);
  if (GC_UNLIKELY(gc_is_null(made))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref entry = leak_read(leak, gc_handle_get(leak->container), key);
  if (gc_is_null(entry)) {
    cache_filling_keep(leak, made, key);
  } else if (GC_UNLIKELY(*(const uint64_t *)gc_object_raw(entry, LEAK_LINKS) != key)) {
    return workload_wrong(leak->run, "the entry of key %" PRIu64 " is damaged", key);
  }
  leak_fold(leak, key);
  return WORKLOAD_DONE;
}

static const struct leak_pair no_leak_cache_filling = {
    .type_names = {"cache-filling.table", "cache-filling.entry"},
    .state_bytes = sizeof(struct filling_state),
    .begin = cache_filling_begin,
    .open = cache_filling_open,
    .close = leak_closes_nothing,
    .end = leak_ends,
    .finish = leak_finishes,
};

/* ---- external lag: buffers die with requests that are old, and go when a cycle has found that -*/

enum { LAG_EVERY = 8, LAG_BUFFER_BYTES = 4096 };

static enum workload_status external_lag_begin(struct leak *leak) {
  (void)leak;
  return WORKLOAD_DONE;
}

static enum workload_status external_lag_open(struct leak *leak, uint64_t operation) {
  if (operation % LAG_EVERY != 0) {
    return WORKLOAD_DONE;
  }
  struct gc_ref buffer = gc_buffer_allocate(leak->mutator, LAG_BUFFER_BYTES);
  if (GC_UNLIKELY(gc_is_null(buffer))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  *(uint64_t *)gc_buffer_data(buffer) = operation;
  gc_handle_set(leak->mutator, leak->opened, buffer);
  return WORKLOAD_DONE;
}

static enum workload_status external_lag_close(struct leak *leak, struct gc_ref opened) {
  if (!gc_is_null(opened)) {
    leak_fold(leak, *(const uint64_t *)gc_buffer_data(opened));
  }
  return WORKLOAD_DONE;
}

static const struct leak_pair no_leak_external_lag = {
    .begin = external_lag_begin,
    .open = external_lag_open,
    .close = external_lag_close,
    .end = leak_ends,
    .finish = leak_finishes,
};
