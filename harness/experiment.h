/* An experiment as it was asked for: names and texts, nothing crossed yet.
 *
 * An experiment file (experiment_file.h) and the flags of `run` (experiment_flags.c) fill the same
 * struct through the functions below; flags replace what the file says of the same thing. Whatever
 * can be checked alone (a name, the value of an option) is checked when it is added; plan.h crosses
 * the fields, checks what they say together, and makes configurations of it.
 */
#ifndef HARNESS_EXPERIMENT_H
#define HARNESS_EXPERIMENT_H

#include "harness/flags.h"
#include "harness/text_list.h"
#include "results/trial.h"
#include <gc/options.h>

#define EXPERIMENT_TIME_LIMIT      "300s"
#define EXPERIMENT_INVOCATIONS_MAX 100000
#define EXPERIMENT_SKIP_AFTER      3
#define EXPERIMENT_ITERATIONS_MAX  1000

/* Of the file; line 0: the command line. */
struct experiment_place {
  size_t line, column;
};

struct heap_size {
  double multiple; /* of the workload's minimum heap; 0: bytes are given */
  uint64_t bytes;
  struct experiment_place place;
};

struct heap_sizes {
  struct heap_size *items;
  size_t count;
};

/* A collector, barrier or workload, with heap options or parameters of its own. */
struct experiment_item {
  char *name;
  struct results_settings settings;
  struct heap_sizes
      heaps; /* of a collector: those of the experiment's in which it runs; none: all */
  struct experiment_place place;
};
struct experiment_items {
  struct experiment_item *items;
  size_t count;
};

struct parameter_setting {
  char *workload; /* null: every workload that has the parameter */
  char *name, *text;
};

enum experiment_axis_kind {
  EXPERIMENT_AXIS_OPTION,   /* of the heap */
  EXPERIMENT_AXIS_MUTATORS, /* how many there are */
  EXPERIMENT_AXIS_PARAMETER /* of a workload, WORKLOAD.NAME, or of all that have it, NAME */
};

/* What is varied, and the values that it takes in turn. */
struct experiment_axis {
  char *name; /* as given */
  enum experiment_axis_kind kind;
  char *workload;        /* of a parameter; null: of all that have it */
  const char *parameter; /* its name, in `name` */
  struct text_list values;
  struct experiment_place place;
};

struct experiment {
  char *name; /* of its file, without folder and ending; null: none */
  char *file; /* as people would type it; null: none */
  char *description;
  struct experiment_items collectors; /* names, compositions, or "all" */
  struct experiment_items barriers;   /* names or "all"; none: each collector's own */
  struct experiment_items workloads;  /* names or "all" */
  struct heap_size *heaps;
  size_t heap_count;
  struct parameter_setting *parameters; /* on top of those of the workloads' items */
  size_t parameter_count;
  struct results_settings options; /* heap options that were given, by name */
  struct experiment_axis *axes;
  size_t axis_count;
  uint64_t mutators;
  uint64_t invocations;                   /* 0: as many as the time budget allows */
  uint64_t warmup_iterations, iterations; /* of the workload within a process */
  uint64_t *seeds;                        /* invocations take them in turn */
  size_t seed_count;
  uint64_t time_limit_ns, rss_limit_bytes; /* of a trial */
  uint64_t skip_after; /* invocations in a row that ran out of memory or time; 0: never */
  bool quick;
  bool barrier_costs; /* the collector that never collects runs under every barrier of the run */
  bool yes;
  const char *out; /* null: a new directory under results/runs/ */
};

/* The flags, heap options included. */
const struct flag *experiment_flags(size_t *count);

/* Fills an experiment with the file that an operand names, if any, the flags, and the defaults of
 * `run`. */
enum harness_status experiment_init(struct experiment *experiment, const struct command_line *line);
void experiment_finish(struct experiment *experiment);

/* Nothing given yet, and the defaults that need no looking at what was given. */
struct experiment experiment_empty(void);

/* The seed of an invocation, counted from 1; of order and layout: that of the first. */
uint64_t experiment_seed(const struct experiment *experiment, uint64_t invocation);

/* Errors from here on are about that place of the experiment's file; with null, about none. */
void experiment_say_from(const struct experiment *experiment, const struct experiment_place *place);

/* --- filling ------------------------------------------------------------------------------------
 * `what` is how the user calls the field: "--heap" or "heap". */

/* The item is valid until the next is added. */
struct experiment_item *experiment_items_add(struct experiment_items *items, const char *name,
                                             struct experiment_place place);
/* Forgets the last item when an earlier one is the same. */
void experiment_items_settle(struct experiment_items *items);
void experiment_items_finish(struct experiment_items *items);
bool experiment_items_have(const struct experiment_items *items, const char *name);
/* The same settings and heap sizes. */
bool experiment_items_alike(const struct experiment_item *left,
                            const struct experiment_item *right);

/* Whether the entry runs in that heap size of its experiment. */
bool experiment_item_has_heap(const struct experiment_item *item, const struct heap_size *heap);
/* Adds to the heap sizes of an entry. */
enum harness_status experiment_item_add_heap(struct experiment_item *item, const char *what,
                                             const char *text, struct experiment_place place);

enum harness_status experiment_add_heap(struct experiment *experiment, const char *what,
                                        const char *text, struct experiment_place place);
/* Those of entries too. */
void experiment_forget_heaps(struct experiment *experiment);

/* Adds the multiples of a sweep over that many steps: one more than `points`. */
enum harness_status experiment_add_sweep(struct experiment *experiment, const char *what,
                                         const char *points, struct experiment_place place);

/* Multiple of the minimum heap at step 0 to `points` of a sweep from 1 to 6, in hundredths: steps
 * that grow by equal amounts until the last is twice the first, so that small heaps, where most
 * happens, have more. */
double experiment_sweep_multiple(unsigned points, unsigned step);

enum harness_status experiment_add_seed(struct experiment *experiment, const char *what,
                                        const char *text);
enum harness_status experiment_set_count(const char *what, const char *text, uint64_t minimum,
                                         uint64_t maximum, uint64_t *count);
enum harness_status experiment_set_time_limit(struct experiment *experiment, const char *what,
                                              const char *text);
enum harness_status experiment_set_rss_limit(struct experiment *experiment, const char *what,
                                             const char *text);

/* True for the options of a heap that are no field of an experiment by themselves. */
bool experiment_is_option(const char *name);
/* True when a configuration has a field of its own for the option. */
bool experiment_is_configured(const char *name);

/* Checks the name and the value of a heap option and adds it. */
enum harness_status experiment_set_option(struct results_settings *settings, const char *name,
                                          const char *text);

/* The axis of that name, new or not. Bad input: nothing is called so. */
enum harness_status experiment_add_axis(struct experiment *experiment, const char *name,
                                        struct experiment_place place,
                                        struct experiment_axis **axis);
/* A value that is there already counts once. */
enum harness_status experiment_axis_add(struct experiment_axis *axis, const char *text);
void experiment_forget_axis(struct experiment *experiment, const char *name);

/* True when the axis varies that parameter of that workload. */
bool experiment_axis_varies(const struct experiment_axis *axis, const char *workload,
                            const char *parameter);

/* Defaults of what was not given, and the check that nothing is both an axis and fixed. */
enum harness_status experiment_complete(struct experiment *experiment);

#endif
