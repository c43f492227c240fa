/* synthetic, hot code.
 *
 * Survivors are collected into chains, which a table holds; a chain that comes in replaces another.
 * Stores go into sites, old objects that nothing else happens to: of the latest survivor, which
 * survives anyway, so that stores do not change survival, and of other sites.
 *
 * Self-check: at the end each survivor's seal, and the length of each chain.
 */
#include "workloads/synthetic.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>
#include <string.h>

/* What becomes of an object, drawn before it is allocated: each fate is a site of the program. */
enum fate { SHORT_LIVED, SURVIVOR, LEAKED, FATES };

/* Handles that live as long as the run. */
struct generator {
  struct workload_run *run;
  const struct synthetic *synthetic;
  struct gc_handle table, sites, cells; /* arrays: of chains, of sites, of weak cells */
  struct gc_handle object;              /* the one allocated last */
  struct gc_handle survivor;            /* the latest; the first of the chain that grows */
  struct gc_handle leaked;              /* all of them, as a list */
  struct gc_handle large[SYNTHETIC_LARGE_KEPT];
  uint64_t random;
  uint64_t chains, chain_length; /* in the table; of the one that grows */
  uint64_t next_chain;           /* to be replaced */
  uint64_t survivors, leaks, stores, larges;
  uint32_t types[FATES], table_type, site_type, large_type; /* where each would be allocated */
};

static inline uint64_t seal_of(uint64_t number) {
  return workload_fold(number, SYNTHETIC_QUANTILES);
}

/* So many of a million: whole ones, and one more with the probability of the rest. */
static inline uint64_t times(struct generator *generator, uint64_t per_million) {
  uint64_t whole = per_million / SYNTHETIC_MILLION, rest = per_million % SYNTHETIC_MILLION;
  return whole + (rest > 0 && workload_random_below(&generator->random, SYNTHETIC_MILLION) < rest);
}

static inline uint64_t draw_place(struct generator *generator) {
  return workload_random_below(&generator->random, SYNTHETIC_QUANTILES);
}

/* Of the size at that place, into the handle. False when the heap is exhausted, as below. */
static inline bool allocate_object(struct generator *generator, uint64_t number, uint64_t place,
                                   enum fate fate) {
  struct gc_mutator *mutator = generator->run->mutator;
  struct synthetic_shape shape = generator->synthetic->shapes[place];
  struct gc_ref object =
      gc_allocate(mutator, shape.slot_count, shape.raw_bytes, generator->types[fate]);
  if (GC_UNLIKELY(gc_is_null(object))) {
    return false;
  }
  uint64_t *words = gc_object_raw(object, shape.slot_count);
  words[0] = number;
  words[1] = seal_of(number);
  gc_handle_set(mutator, generator->object, object);
  return true;
}

/* The place of the chain that the next one replaces. */
static inline uint64_t replaced_chain(struct generator *generator) {
  uint64_t tenth = generator->chains / 10 + 1;
  switch ((enum synthetic_lifetime)workload_integer(generator->run, SYNTHETIC_LIFETIME)) {
  case SYNTHETIC_OLDEST:
    return generator->next_chain++ % generator->chains;
  case SYNTHETIC_RECENT:
    return workload_random_below(&generator->random, tenth);
  default:
    return workload_random_below(&generator->random, generator->chains);
  }
}

/* The latest object survives: no safepoint. */
static inline void survive(struct generator *generator, uint64_t chain_end) {
  struct gc_mutator *mutator = generator->run->mutator;
  struct gc_ref object = gc_handle_get(generator->object);
  if (generator->chain_length > 0) {
    gc_write_field(mutator, object, SYNTHETIC_BEHIND, gc_handle_get(generator->survivor));
  }
  gc_handle_set(mutator, generator->survivor, object);
  generator->survivors++;
  if (++generator->chain_length == workload_integer(generator->run, SYNTHETIC_CHAIN)) {
    gc_write_field(mutator, gc_handle_get(generator->table), chain_end, object);
    generator->stores++;
    generator->chain_length = 0;
  }
}

static inline void leak(struct generator *generator) {
  struct gc_mutator *mutator = generator->run->mutator;
  struct gc_ref object = gc_handle_get(generator->object);
  gc_write_field(mutator, object, SYNTHETIC_BEHIND, gc_handle_get(generator->leaked));
  gc_handle_set(mutator, generator->leaked, object);
  generator->leaks++;
}

static inline struct gc_ref random_site(struct generator *generator) {
  uint64_t sites = workload_integer(generator->run, SYNTHETIC_SITES);
  return gc_read_field(generator->run->mutator, gc_handle_get(generator->sites),
                       workload_random_below(&generator->random, sites));
}

/* What is stored into old objects after an allocation: no safepoint. */
static inline void store(struct generator *generator) {
  struct gc_mutator *mutator = generator->run->mutator;
  uint64_t young = times(generator, workload_integer(generator->run, SYNTHETIC_OLD_TO_YOUNG));
  uint64_t old = times(generator, workload_integer(generator->run, SYNTHETIC_OLD_TO_OLD));
  generator->stores += young + old;
  for (; young > 0; young--) {
    gc_write_field(mutator, random_site(generator), SITE_YOUNG, gc_handle_get(generator->survivor));
  }
  for (; old > 0; old--) {
    struct gc_ref site = random_site(generator);
    gc_write_field(mutator, site, SITE_OLD, random_site(generator));
  }
}

static inline bool allocate_large(struct generator *generator) {
  struct gc_mutator *mutator = generator->run->mutator;
  uint64_t bytes = workload_integer(generator->run, SYNTHETIC_LARGE_BYTES);
  struct gc_ref large = gc_allocate(mutator, 0, bytes - GC_HEADER_BYTES, generator->large_type);
  gc_handle_set(mutator, generator->large[generator->larges++ % SYNTHETIC_LARGE_KEPT], large);
  return !gc_is_null(large);
}

/* In the first half of a period twice as many survive, in the second none. */
static inline uint64_t survival_at(const struct generator *generator, uint64_t operation) {
  uint64_t survival = workload_integer(generator->run, SYNTHETIC_SURVIVAL);
  uint64_t burst = workload_integer(generator->run, SYNTHETIC_BURST);
  return burst == 0 ? survival : operation / burst % 2 == 0 ? 2 * survival : 0;
}

static inline enum fate draw_fate(struct generator *generator, uint64_t operation) {
  if (times(generator, survival_at(generator, operation)) > 0) {
    return SURVIVOR;
  }
  bool is_leaked = times(generator, workload_integer(generator->run, SYNTHETIC_LEAK)) > 0;
  return is_leaked ? LEAKED : SHORT_LIVED;
}

static inline bool operate_once(struct generator *generator, uint64_t operation) {
  struct workload_run *run = generator->run;
  uint64_t place = draw_place(generator);
  enum fate fate = draw_fate(generator, operation);
  if (GC_UNLIKELY(!allocate_object(generator, operation, place, fate))) {
    return false;
  }
  if (fate == SURVIVOR) {
    bool ends_chain = generator->chain_length + 1 == workload_integer(run, SYNTHETIC_CHAIN);
    survive(generator, ends_chain ? replaced_chain(generator) : 0);
  } else if (fate == LEAKED) {
    leak(generator);
  }
  if (times(generator, workload_integer(run, SYNTHETIC_WEAK)) > 0) {
    uint64_t cell = workload_random_below(&generator->random, SYNTHETIC_WEAK_CELLS);
    gc_weak_set(run->mutator, gc_read_field(run->mutator, gc_handle_get(generator->cells), cell),
                gc_handle_get(generator->object));
  }
  store(generator);
  return times(generator, workload_integer(run, SYNTHETIC_LARGE)) == 0 || allocate_large(generator);
}

static enum workload_status operate(struct generator *generator) {
  struct workload_run *run = generator->run;
  for (uint64_t operation = 0; operation < run->operations; operation++) {
    if (GC_UNLIKELY(!operate_once(generator, operation))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    workload_operation_end(run);
    workload_progress_step(run, operation, run->operations);
  }
  return WORKLOAD_DONE;
}

/* ---- before time is taken -------------------------------------------------------------------*/

static bool open_array(struct generator *generator, struct gc_handle handle, uint64_t length) {
  gc_handle_set(generator->run->mutator, handle,
                gc_allocate(generator->run->mutator, length, 0, generator->table_type));
  return !gc_is_null(gc_handle_get(handle));
}

static bool fill_sites(struct generator *generator) {
  struct gc_mutator *mutator = generator->run->mutator;
  uint64_t sites = workload_integer(generator->run, SYNTHETIC_SITES);
  bool is_filled = open_array(generator, generator->sites, sites);
  for (uint64_t site = 0; is_filled && site < sites; site++) {
    struct gc_ref object = gc_allocate(mutator, SITE_SLOTS, 0, generator->site_type);
    is_filled = !gc_is_null(object);
    if (is_filled) {
      gc_write_field(mutator, gc_handle_get(generator->sites), site, object);
    }
  }
  return is_filled;
}

static bool fill_cells(struct generator *generator) {
  struct gc_mutator *mutator = generator->run->mutator;
  struct gc_handle none = gc_handle_push(mutator, gc_null());
  bool is_filled = open_array(generator, generator->cells, SYNTHETIC_WEAK_CELLS);
  for (uint64_t place = 0; is_filled && place < SYNTHETIC_WEAK_CELLS; place++) {
    struct gc_ref cell = gc_weak_allocate(mutator, none);
    is_filled = !gc_is_null(cell);
    if (is_filled) {
      gc_write_field(mutator, gc_handle_get(generator->cells), place, cell);
    }
  }
  return is_filled;
}

/* Every chain of the table. */
static bool fill_table(struct generator *generator) {
  uint64_t chain = workload_integer(generator->run, SYNTHETIC_CHAIN);
  bool is_filled = open_array(generator, generator->table, generator->chains);
  for (uint64_t number = 0; is_filled && number < generator->chains * chain; number++) {
    is_filled = allocate_object(generator, number, draw_place(generator), SURVIVOR);
    if (is_filled) {
      survive(generator, number / chain);
    }
  }
  generator->survivors = 0;
  generator->stores = 0;
  return is_filled;
}

/* ---- the check at the end -------------------------------------------------------------------*/

static enum workload_status check_list(struct generator *generator, struct gc_handle cursor,
                                       uint64_t length) {
  struct workload_run *run = generator->run;
  for (uint64_t place = 0; place < length; place++) {
    struct gc_ref object = gc_handle_get(cursor);
    if (gc_is_null(object)) {
      return workload_wrong(run, "a chain ends after %" PRIu64 " of %" PRIu64 " objects", place,
                            length);
    }
    const uint64_t *words = gc_object_raw(object, gc_object_slot_count(object));
    if (words[1] != seal_of(words[0])) {
      return workload_wrong(run, "the object of operation %" PRIu64 " is damaged", words[0]);
    }
    run->checksum = workload_fold(run->checksum, words[0]);
    gc_handle_set(run->mutator, cursor, gc_read_field(run->mutator, object, SYNTHETIC_BEHIND));
    workload_poll_step(run, place);
  }
  return gc_is_null(gc_handle_get(cursor)) ? WORKLOAD_DONE
                                           : workload_wrong(run, "a chain is too long");
}

static enum workload_status check(struct generator *generator) {
  struct workload_run *run = generator->run;
  struct gc_handle cursor = gc_handle_push(run->mutator, gc_handle_get(generator->leaked));
  enum workload_status status = check_list(generator, cursor, generator->leaks);
  for (uint64_t chain = 0; chain < generator->chains && status == WORKLOAD_DONE; chain++) {
    gc_handle_set(run->mutator, cursor,
                  gc_read_field(run->mutator, gc_handle_get(generator->table), chain));
    status = check_list(generator, cursor, workload_integer(run, SYNTHETIC_CHAIN));
    workload_poll_step(run, chain);
  }
  return status;
}

static struct generator generator_open(struct workload_run *run) {
  struct gc_mutator *mutator = run->mutator;
  struct gc_heap *heap = mutator->heap;
  uint64_t chain = workload_integer(run, SYNTHETIC_CHAIN);
  uint64_t live_objects = workload_integer(run, SYNTHETIC_LIVE_OBJECTS);
  struct generator generator = {.run = run,
                                .synthetic = run->input->data,
                                .table = gc_handle_push(mutator, gc_null()),
                                .sites = gc_handle_push(mutator, gc_null()),
                                .cells = gc_handle_push(mutator, gc_null()),
                                .object = gc_handle_push(mutator, gc_null()),
                                .survivor = gc_handle_push(mutator, gc_null()),
                                .leaked = gc_handle_push(mutator, gc_null()),
                                .random = run->seed,
                                .types = {[SHORT_LIVED] = gc_type_define(heap, "synthetic.passing"),
                                          [SURVIVOR] = gc_type_define(heap, "synthetic.survivor"),
                                          [LEAKED] = gc_type_define(heap, "synthetic.leaked")},
                                .table_type = gc_type_define(heap, "synthetic.table"),
                                .site_type = gc_type_define(heap, "synthetic.site"),
                                .large_type = gc_type_define(heap, "synthetic.large"),
                                .chains = live_objects < chain ? 1 : live_objects / chain};
  for (unsigned place = 0; place < SYNTHETIC_LARGE_KEPT; place++) {
    generator.large[place] = gc_handle_push(mutator, gc_null());
  }
  return generator;
}

static enum workload_status synthetic_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  struct generator generator = generator_open(run);
  enum workload_status status = WORKLOAD_OUT_OF_MEMORY;
  if (fill_sites(&generator) && fill_cells(&generator) && fill_table(&generator)) {
    run->operations = workload_integer(run, SYNTHETIC_OPERATIONS);
    workload_timed_begin(run);
    status = operate(&generator);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE) {
    status = check(&generator);
  }
  if (status == WORKLOAD_DONE) {
    workload_note(run,
                  "%" PRIu64 " survivors, %" PRIu64 " leaked, %" PRIu64 " stores, %" PRIu64
                  " large objects",
                  generator.survivors, generator.leaks, generator.stores, generator.larges);
  }
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(synthetic, synthetic_run);
