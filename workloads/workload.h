/* The workload contract: what the harness knows of a program that it runs on a heap.
 *
 * A workload is at most two files. x.c (compiled once) declares parameters, loads and validates
 * input before any trial starts, knows the allocation volume, and exports `const struct workload
 * workload_x`. x_ops.c (compiled once per barrier, with GC_BARRIER defined) holds the mutator's hot
 * code and ends with WORKLOAD_OPS(x, run);
 *
 * One run of a workload is one mutator's. With several mutators each runs an instance of its own in
 * the one heap, with its own seed, and shares only `data`, read-only.
 *
 * Results. `checksum` depends on parameters, seed and mutator number alone: it is the same under
 * every collector, barrier and heap size, so no address may enter it. A run that notices a wrong
 * value in its own structures answers WORKLOAD_WRONG with a sentence in `note`.
 *
 * References live in handles; a raw gc_ref may not cross an allocation or poll.
 */
#ifndef WORKLOADS_WORKLOAD_H
#define WORKLOADS_WORKLOAD_H

#include <gc/gc.h>

enum workload_parameter_kind {
  WORKLOAD_INTEGER, /* also sizes and counts */
  WORKLOAD_FILE,    /* a path; a relative one is looked up from the current folder, then from the
                       project's */
  WORKLOAD_CHOICE,  /* one of the names in unit; the value is its place among them */
};

struct workload_parameter {
  const char *name;
  enum workload_parameter_kind kind;
  const char *unit;         /* bytes, objects, levels, …; "" for none; of a choice its names,
                               separated by "|" */
  const char *default_text; /* the size that other systems were measured on */
  const char
      *quick_text; /* at most 0.5 s and at least 10 scavenges with --quick; null: the default */
  uint64_t minimum, maximum; /* of an integer, inclusive */
  const char *description;
};

/* Values of several parameters under one name, which `preset=NAME` stands for. Of parameters that it
 * does not name, those that have no value keep their defaults; what is given beside it goes before. */
struct workload_preset {
  const char *name;
  const char *origin; /* what it imitates, and where the figures are from */
  struct {
    const char *parameter, *text;
  } values[16]; /* up to the first without a name */
};

/* What one trial runs with: values in the order of the workload's parameters. */
struct workload_input {
  const struct workload *workload;
  uint64_t integers[16]; /* of choices: the place of what was chosen */
  const char *texts[16]; /* of files: the path to open */
  uint64_t seed;
  void *data; /* what prepare made; read-only for runs */
};

enum workload_status {
  WORKLOAD_DONE,
  WORKLOAD_OUT_OF_MEMORY, /* gc_allocate answered null; a result, not a failure */
  WORKLOAD_WRONG,         /* the self-check failed: note says what */
};

/* One request that was served. Times are of workload_now_ns. */
struct workload_request {
  uint64_t class;      /* 0: ordinary; what others are, the workload says */
  uint64_t arrival_ns; /* due: the intended arrival of an open loop, else begin_ns */
  uint64_t begin_ns, end_ns;
};

/* What a run recorded of its requests, in order of service. Written by its own thread alone. */
struct workload_requests {
  struct workload_request *items;
  size_t count, capacity;
  uint64_t lost;    /* for which no memory could be had: the trial is incomplete */
  bool is_declined; /* nobody wants them: nothing is recorded, nothing is lost */
};

/* An operation that took long. */
struct workload_operation {
  uint64_t begin_ns, end_ns;
  uint64_t cpu_ns; /* of its thread */
};

/* Operations that are timed one after the other. Written by the run's own thread alone. */
struct workload_operations {
  bool is_wanted;                            /* set by the harness */
  bool is_running;                           /* wanted, and within the timed part */
  uint64_t previous_ns;                      /* when the last one ended */
  uint64_t calibrated_ns, calibrated_cpu_ns; /* wall and CPU clock, read together */
  uint64_t largest_ns;
  struct workload_operation *items;
  size_t count, capacity;
  uint64_t lost; /* for which no memory could be had: the trial is incomplete */
};

struct workload_run;

/* Moments at equal parts of the work, at which the harness looks at the heap. Written by the run's
 * own thread alone. */
struct workload_checkpoints {
  bool is_wanted; /* set by the harness, as is what follows */
  uint64_t count; /* parts of the work, each of which ends with one */
  uint64_t taken; /* parts that have ended */
  /* At the boundary between two operations, where references are in handles alone. A safepoint. */
  void (*take)(void *context, struct workload_run *run, uint64_t done, uint64_t total);
  void *context;
};

/* One mutator's run. The harness fills the first group; the workload writes the second. */
struct workload_run {
  const struct workload_input *input;
  struct gc_mutator *mutator;
  uint64_t seed; /* of this mutator */
  unsigned mutator_index;
  struct workload_checkpoints checkpoints;

  uint64_t operations; /* done in the timed part */
  uint64_t checksum;
  uint64_t
      progress_percent; /* 0 to 100; atomic, relaxed: read by the harness for its progress bar */
  uint64_t timed_begin_ns, timed_end_ns; /* set by workload_timed_begin and _end */
  char note[256];                    /* a sentence for people: what was built, or what is wrong */
  struct workload_requests requests; /* of workloads that serve some; freed by the harness */
  struct workload_operations operations_timed; /* the slow ones; freed by the harness */
};

struct workload {
  const char *name;
  const char *summary;   /* one line: what it does, and which memory behaviour it stands for */
  const char *operation; /* what an operation is: "push", "tree", … */
  const struct workload_parameter *parameters;
  size_t parameter_count;

  const struct workload_preset *presets; /* null: none */
  size_t preset_count;

  bool is_on_request; /* left out of runs that name no workload; `standard` is all others */

  /* Loads and validates what the parameters name; called before any trial, and again in each
   * trial's process. Returns 0, or a negative errno with one sentence in error. May be null. */
  int (*prepare)(struct workload_input *input, char *error, size_t error_size);
  void (*finish)(struct workload_input *input); /* frees data; may be null */

  /* Upper bound of the bytes that one run allocates, headers included: what a collector that never
   * collects must reserve. */
  uint64_t (*allocation_bytes)(const struct workload_input *input);
};

/* The hot code under one barrier. */
struct workload_ops {
  const char *barrier;
  /* Attaches nothing: run->mutator is attached already. Calls workload_timed_begin and _end around
   * what is timed. */
  enum workload_status (*run)(struct workload_run *run);
  /* gc_attach of this unit, so that the heap sees the barrier the code was compiled with. */
  struct gc_mutator *(*attach)(struct gc_heap *heap, char *error, size_t error_size);
};

/* Value of an integer parameter, or of a choice, by its place in the list; x.c and x_ops.c share an enum of places
 * in x.h or agree by order. */
static inline uint64_t workload_integer(const struct workload_run *run, size_t place) {
  return run->input->integers[place];
}

void workload_timed_begin(struct workload_run *run);
void workload_timed_end(struct workload_run *run);

/* CLOCK_MONOTONIC, as everything that is recorded. About 30 ns. */
uint64_t workload_now_ns(void);

/* Memory for so many requests, touched, up to 2 million: call it before workload_timed_begin, so that
 * recording costs a bounds check and four stores. Beyond it memory grows while requests are timed.
 */
void workload_requests_reserve(struct workload_run *run, size_t count);
/* False when there is no memory; what was recorded stays. */
bool workload_requests_grow(struct workload_run *run, size_t count);
void workload_requests_finish(struct workload_run *run); /* the harness does */

/* The time for a request's record; 0, without reading the clock, where none is wanted. */
static inline uint64_t workload_request_clock_ns(const struct workload_run *run) {
  return GC_UNLIKELY(run->requests.is_declined) ? 0 : workload_now_ns();
}

/* Records a request. Every one of the timed part, and none outside. */
static inline void workload_request_record(struct workload_run *run,
                                           struct workload_request request) {
  struct workload_requests *requests = &run->requests;
  if (GC_UNLIKELY(requests->count == requests->capacity) &&
      !workload_requests_grow(run, 2 * requests->capacity)) {
    requests->lost += !requests->is_declined;
    return;
  }
  requests->items[requests->count++] = request;
}

/* An operation has ended, and the next begins. In the timed part, once per operation, of workloads
 * that count operations of a kind a user would wait for. A load and a test, unless operations are timed:
 * then 40 ns. */
void workload_operation_note(struct workload_run *run);
static inline void workload_operation_end(struct workload_run *run) {
  if (GC_UNLIKELY(run->operations_timed.is_running)) {
    workload_operation_note(run);
  }
}
void workload_operations_finish(struct workload_run *run); /* the harness does */

/* Calls for a checkpoint when another part of the work is done; by what reports progress
 * (bookkeeping.h), where checkpoints are wanted. A safepoint. */
void workload_checkpoint_look(struct workload_run *run, uint64_t done, uint64_t total);

/* A pseudo-random generator with the same sequence everywhere: SplitMix64 (Steele, Lea and Flood
 * 2014). */
static inline uint64_t workload_random(uint64_t *state) {
  uint64_t mixed = (*state += UINT64_C(0x9e3779b97f4a7c15));
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

/* Uniform in [0, bound), by multiplication (Lemire 2019 without the rejection: the bias is below
 * bound / 2^64). */
static inline uint64_t workload_random_below(uint64_t *state, uint64_t bound) {
  return (uint64_t)((unsigned __int128)workload_random(state) * bound >> 64);
}

#ifdef GC_BARRIER
#define WORKLOAD_OPS_PASTE_(name, barrier) workload_##name##_ops_##barrier
#define WORKLOAD_OPS_PASTE(name, barrier)  WORKLOAD_OPS_PASTE_(name, barrier)
/* Defines the exported descriptor of this unit: workload_<name>_ops_<barrier>. */
#define WORKLOAD_OPS(name, run_function)                                                           \
  extern const struct workload_ops WORKLOAD_OPS_PASTE(name, GC_BARRIER);                           \
  const struct workload_ops WORKLOAD_OPS_PASTE(name, GC_BARRIER) = {                               \
      .barrier = GC_BARRIER_NAME, .run = (run_function), .attach = gc_attach}
#endif

#endif
