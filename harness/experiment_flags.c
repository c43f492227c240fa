/* The flags of `run` and `minheap`, and the experiment they describe.
 *
 * Every heap option of gc/option.def is a flag of the same name; those that experiments vary have
 * their own line here, with the meaning that they have for a whole run. The experiment file is read
 * first; then what it says of anything that has a flag is forgotten, and the flags are applied.
 */
#include "harness/experiment_file.h"
#include "harness/settings.h"
#include "harness/trial_shared.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct flag run_flags[] = {
    {"collector", FLAG_VALUE, "C",
     "collector: a name, several with commas, a composition such as mark=stw,sweep=eager, all, or "
     "collecting, all but the one that never collects; may be repeated (stw and epsilon)"},
    {"workload", FLAG_VALUE, "X,Y",
     "workloads, standard or all: list workloads says which are standard (standard)"},
    {"barrier", FLAG_VALUE, "B", "barriers, or all that suffice for the collector (its own)"},
    {"barrier-costs", FLAG_ALONE, "",
     "also runs the collector that never collects under every barrier of the run, which shows what "
     "the barriers cost alone"},
    {"heap", FLAG_VALUE, "2x,3x|BYTES",
     "heap sizes: bytes with a suffix K, M or G, or multiples of the workload's minimum heap (3x). "
     "The minimum is workloads/minheap.json's declared_live_bytes for the default parameters of "
     "the six classic workloads, the live size that other systems were measured with, and the "
     "measured minimum_heap_bytes otherwise; what is not in the table is measured first"},
    {"sweep", FLAG_VALUE, "N",
     "N + 1 multiples of the minimum heap from 1x to 6x, close together where heaps are tight"},
    {"axis", FLAG_VALUE, "NAME=V1,V2",
     "a heap option, mutators, or a workload's parameter [W.]K, and the values that it takes in "
     "turn, "
     "crossed with the rest; may be repeated"},
    {"param", FLAG_VALUE, "[W.]K=V",
     "a workload's parameter; without W. of every workload that has it; may be repeated"},
    {"mutators", FLAG_VALUE, "N",
     "mutator threads, each with an instance of the workload; multiples of the minimum heap are of "
     "N times that of one (1)"},
    {"invocations", FLAG_VALUE, "N",
     "processes per configuration (as many as 3 minutes allow, at least 1, at most 20)"},
    {"warmup-iterations", FLAG_VALUE, "N",
     "runs of the workload in each process before the measured ones; they enter no figure (0)"},
    {"iterations", FLAG_VALUE, "N",
     "measured runs of the workload in each process; together they are one sample (1)"},
    {"seed", FLAG_VALUE, "S,T",
     "of every random choice: workloads, order, layout of memory; of several, each invocation's "
     "workloads take the next (1)"},
    {"time-limit", FLAG_VALUE, "T",
     "of one trial; it is ended and recorded; not inf, which would never end a trial that hangs "
     "(" EXPERIMENT_TIME_LIMIT ")"},
    {"rss-limit", FLAG_VALUE, "SIZE",
     "resident memory of one trial; it is ended and recorded (80 % of the machine's)"},
    {"skip-after", FLAG_VALUE, "N",
     "of a configuration of which N invocations in a row ran out of memory or passed the time "
     "limit "
     "the others are not run, and are rows that say so; 0: never (3)"},
    {"quick", FLAG_ALONE, "",
     "each workload's quick parameters, one invocation; marked in results"},
    {"out", FLAG_VALUE, "DIR", "where results go (a new directory under results/runs/)"},
    {"yes", FLAG_ALONE, "", "do not ask before more than 1000 trials"},
};
enum { RUN_FLAGS = sizeof run_flags / sizeof *run_flags };

const struct flag *experiment_flags(size_t *count) {
  static struct flag flags[RUN_FLAGS + 64];
  static char descriptions[64][320];
  static size_t flag_count;
  if (flag_count == 0) {
    memcpy(flags, run_flags, sizeof run_flags);
    flag_count = RUN_FLAGS;
    size_t option_count;
    const struct gc_option_description *options = gc_option_descriptions(&option_count);
    for (size_t i = 0; i < option_count && i < 64; i++) {
      if (!experiment_is_option(options[i].name)) {
        continue;
      }
      bool is_switch = strcmp(options[i].kind, "flag") == 0;
      snprintf(descriptions[i], sizeof descriptions[i], "%s (%s)", options[i].description,
               options[i].default_text);
      flags[flag_count++] = (struct flag){options[i].name, is_switch ? FLAG_SWITCH : FLAG_VALUE,
                                          options[i].kind, descriptions[i]};
    }
  }
  *count = flag_count;
  return flags;
}

/* --- values -------------------------------------------------------------------------------------
 */

static const struct experiment_place on_command_line;

/* Calls the function with each part of a comma-separated text. */
static enum harness_status each_part(
    struct experiment *experiment, const char *what, const char *text,
    enum harness_status (*add)(struct experiment *experiment, const char *what, const char *part)) {
  struct text_list parts = {0};
  text_list_add_parts(&parts, text);
  enum harness_status status = HARNESS_DONE;
  if (text_list_has(&parts, "")) {
    status = say_bad_input("%s '%s' has an empty part", what, text);
  }
  for (size_t i = 0; status == HARNESS_DONE && i < parts.count; i++) {
    status = add(experiment, what, parts.texts[i]);
  }
  text_list_finish(&parts);
  return status;
}

static enum harness_status add_heap(struct experiment *experiment, const char *what,
                                    const char *part) {
  return experiment_add_heap(experiment, what, part, on_command_line);
}

static enum harness_status add_item(struct experiment_items *items, const char *name) {
  experiment_items_add(items, name, on_command_line);
  experiment_items_settle(items);
  return HARNESS_DONE;
}

static enum harness_status add_collector(struct experiment *experiment, const char *what,
                                         const char *part) {
  (void)what;
  return add_item(&experiment->collectors, part);
}

static enum harness_status add_barrier(struct experiment *experiment, const char *what,
                                       const char *part) {
  (void)what;
  return add_item(&experiment->barriers, part);
}

static enum harness_status add_workload(struct experiment *experiment, const char *what,
                                        const char *part) {
  (void)what;
  return add_item(&experiment->workloads, part);
}

static enum harness_status add_parameter(struct experiment *experiment, const char *text) {
  const char *equals = strchr(text, '=');
  if (!equals || equals == text) {
    return say_bad_input("--param %s: a parameter is given as [WORKLOAD.]NAME=VALUE", text);
  }
  struct parameter_setting setting = {.text = text_copy(equals + 1)};
  char *name = text_copy(text);
  name[equals - text] = 0;
  char *dot = strchr(name, '.');
  if (dot) {
    *dot = 0;
    setting.workload = text_copy(name);
    setting.name = text_copy(dot + 1);
    free(name);
  } else {
    setting.name = name;
  }
  experiment->parameters = memory_resize(experiment->parameters, experiment->parameter_count + 1,
                                         sizeof *experiment->parameters);
  experiment->parameters[experiment->parameter_count++] = setting;
  return HARNESS_DONE;
}

/* NAME of NAME=V1,V2, cut to fit. */
static void take_axis_name(const char *text, char name[64]) {
  snprintf(name, 64, "%.*s", (int)strcspn(text, "="), text);
}

static enum harness_status add_axis(struct experiment *experiment, const char *text) {
  char name[64];
  struct experiment_axis *axis;
  const char *equals = strchr(text, '=');
  if (!equals || equals == text) {
    return say_bad_input("--axis %s: an axis is given as NAME=VALUE,VALUE", text);
  }
  take_axis_name(text, name);
  enum harness_status status = experiment_add_axis(experiment, name, on_command_line, &axis);
  if (status != HARNESS_DONE) {
    return status;
  }
  struct text_list parts = {0};
  text_list_add_parts(&parts, equals + 1);
  for (size_t i = 0; status == HARNESS_DONE && i < parts.count; i++) {
    status = experiment_axis_add(axis, parts.texts[i]);
  }
  text_list_finish(&parts);
  return status;
}

/* --- the experiment -----------------------------------------------------------------------------
 */

static void forget_option(struct experiment *experiment, const char *name) {
  settings_remove(&experiment->options, name);
  experiment_forget_axis(experiment, name);
  for (size_t i = 0; i < experiment->collectors.count; i++) {
    settings_remove(&experiment->collectors.items[i].settings, name);
  }
}

/* The one value of what an axis varies: mutators, or WORKLOAD.NAME or NAME of a parameter. */
static void forget_values(struct experiment *experiment, const char *axis) {
  const char *dot = strchr(axis, '.');
  if (strcmp(axis, "mutators") == 0) {
    experiment->mutators = 1;
  }
  for (size_t i = 0; i < experiment->workloads.count; i++) {
    struct experiment_item *item = &experiment->workloads.items[i];
    bool is_meant = !dot || (strncmp(item->name, axis, (size_t)(dot - axis)) == 0 &&
                             item->name[dot - axis] == 0);
    if (is_meant) {
      settings_remove(&item->settings, dot ? dot + 1 : axis);
    }
  }
}

/* What the file says of the same thing goes: a flag replaces it. */
static void replace(struct experiment *experiment, const struct flag_use *use) {
  const char *name = use->flag->name;
  if (strcmp(name, "collector") == 0) {
    experiment_items_finish(&experiment->collectors);
  } else if (strcmp(name, "workload") == 0) {
    experiment_items_finish(&experiment->workloads);
  } else if (strcmp(name, "barrier") == 0) {
    experiment_items_finish(&experiment->barriers);
  } else if (strcmp(name, "heap") == 0 || strcmp(name, "sweep") == 0) {
    experiment_forget_heaps(experiment);
  } else if (strcmp(name, "seed") == 0) {
    experiment->seed_count = 0;
  } else if (strcmp(name, "quick") == 0) {
    experiment->invocations = 0;
  } else if (strcmp(name, "axis") == 0) {
    char axis[64];
    take_axis_name(use->value, axis);
    forget_option(experiment, axis);
    forget_values(experiment, axis);
  } else if (strcmp(name, "param") == 0) {
    char axis[64];
    take_axis_name(use->value, axis);
    experiment_forget_axis(experiment, axis);
  } else if (strcmp(name, "mutators") == 0) {
    experiment_forget_axis(experiment, name);
  } else if (experiment_is_option(name)) {
    forget_option(experiment, name);
  }
}

/* A flag with one value or none. */
static enum harness_status apply_single(struct experiment *experiment, const char *name,
                                        const char *what, const char *value) {
  if (strcmp(name, "mutators") == 0) {
    return experiment_set_count(what, value, 1, TRIAL_MUTATORS_MAX, &experiment->mutators);
  } else if (strcmp(name, "invocations") == 0) {
    return experiment_set_count(what, value, 1, EXPERIMENT_INVOCATIONS_MAX,
                                &experiment->invocations);
  } else if (strcmp(name, "warmup-iterations") == 0) {
    return experiment_set_count(what, value, 0, EXPERIMENT_ITERATIONS_MAX,
                                &experiment->warmup_iterations);
  } else if (strcmp(name, "iterations") == 0) {
    return experiment_set_count(what, value, 1, EXPERIMENT_ITERATIONS_MAX, &experiment->iterations);
  } else if (strcmp(name, "time-limit") == 0) {
    return experiment_set_time_limit(experiment, what, value);
  } else if (strcmp(name, "rss-limit") == 0) {
    return experiment_set_rss_limit(experiment, what, value);
  } else if (strcmp(name, "skip-after") == 0) {
    return experiment_set_count(what, value, 0, EXPERIMENT_INVOCATIONS_MAX,
                                &experiment->skip_after);
  } else if (strcmp(name, "quick") == 0) {
    experiment->quick = true;
  } else if (strcmp(name, "barrier-costs") == 0) {
    experiment->barrier_costs = true;
  } else if (strcmp(name, "yes") == 0) {
    experiment->yes = true;
  } else if (strcmp(name, "out") == 0) {
    experiment->out = value;
  } else if (experiment_is_option(name)) {
    return experiment_set_option(&experiment->options, name, value);
  } /* else a flag that only the command knows */
  return HARNESS_DONE;
}

static enum harness_status apply(struct experiment *experiment, const struct flag_use *use) {
  const char *name = use->flag->name;
  const char *value = use->value;
  char what[64];
  snprintf(what, sizeof what, "--%s", name);
  if (strcmp(name, "collector") == 0) {
    /* The commas of a composition are its own. */
    return strchr(value, '=') ? add_collector(experiment, what, value)
                              : each_part(experiment, what, value, add_collector);
  } else if (strcmp(name, "workload") == 0) {
    return each_part(experiment, what, value, add_workload);
  } else if (strcmp(name, "barrier") == 0) {
    return each_part(experiment, what, value, add_barrier);
  } else if (strcmp(name, "heap") == 0) {
    return each_part(experiment, what, value, add_heap);
  } else if (strcmp(name, "sweep") == 0) {
    return experiment_add_sweep(experiment, what, value, on_command_line);
  } else if (strcmp(name, "seed") == 0) {
    return each_part(experiment, what, value, experiment_add_seed);
  } else if (strcmp(name, "param") == 0) {
    return add_parameter(experiment, value);
  } else if (strcmp(name, "axis") == 0) {
    return add_axis(experiment, value);
  }
  return apply_single(experiment, name, what, value);
}

enum harness_status experiment_init(struct experiment *experiment,
                                    const struct command_line *line) {
  *experiment = experiment_empty();
  enum harness_status status = HARNESS_DONE;
  if (line->operand_count > 0) {
    status = experiment_file_read(line->operands[0], experiment);
  }
  for (size_t i = 0; status == HARNESS_DONE && i < line->use_count; i++) {
    replace(experiment, &line->uses[i]);
  }
  for (size_t i = 0; status == HARNESS_DONE && i < line->use_count; i++) {
    status = apply(experiment, &line->uses[i]);
  }
  if (status == HARNESS_DONE) {
    status = experiment_complete(experiment);
  }
  if (status != HARNESS_DONE) {
    experiment_finish(experiment);
  }
  return status;
}
