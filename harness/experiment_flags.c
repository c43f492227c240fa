/* The flags of `run` and `minheap`, and the experiment they describe.
 *
 * Every heap option of gc/option.def is a flag of the same name; those that experiments vary have
 * their own line here, with the meaning that they have for a whole run.
 */
#include "harness/experiment.h"
#include "harness/machine.h"
#include "harness/settings.h"
#include "harness/trial_shared.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct flag run_flags[] = {
    {"collector", FLAG_VALUE, "C",
     "collector: a name, several with commas, a composition such as mark=stw,sweep=eager, or all; "
     "may be repeated (stw and epsilon)"},
    {"workload", FLAG_VALUE, "X,Y", "workloads, or all (all)"},
    {"barrier", FLAG_VALUE, "B", "barriers, or all that suffice for the collector (its own)"},
    {"barrier-costs", FLAG_ALONE, "",
     "also runs the collector that never collects under every barrier of the run, which shows what "
     "the barriers cost alone"},
    {"heap", FLAG_VALUE, "2x,3x|BYTES",
     "heap sizes: bytes with a suffix K, M or G, or multiples of the workload's minimum heap (3x). "
     "The minimum is workloads/minheap.json's declared_live_bytes for the default parameters of "
     "the six classic workloads, the live size that other systems were measured with, and the "
     "measured minimum_heap_bytes otherwise; what is not in the table is measured first"},
    {"param", FLAG_VALUE, "[W.]K=V",
     "a workload's parameter; without W. of every workload that has it; may be repeated"},
    {"mutators", FLAG_VALUE, "N",
     "mutator threads, each with an instance of the workload; multiples of the minimum heap are of "
     "N times that of one (1)"},
    {"invocations", FLAG_VALUE, "N",
     "processes per configuration (as many as 3 minutes allow, at least 1, at most 20)"},
    {"seed", FLAG_VALUE, "S", "of every random choice: workloads, order, environment size (1)"},
    {"time-limit", FLAG_VALUE, "T",
     "of one trial; it is ended and recorded; not inf, which would never end a trial that hangs "
     "(" EXPERIMENT_TIME_LIMIT ")"},
    {"rss-limit", FLAG_VALUE, "SIZE",
     "resident memory of one trial; it is ended and recorded (80 % of the machine's)"},
    {"quick", FLAG_ALONE, "",
     "each workload's quick parameters, one invocation; marked in results"},
    {"out", FLAG_VALUE, "DIR", "where results go (a new directory under results/runs/)"},
    {"yes", FLAG_ALONE, "", "do not ask before more than 1000 trials"},
};
/* A scheduler may keep a thread from running for longer. */
#define SAFEPOINT_TIMEOUT_MIN_NS 1000000

enum { RUN_FLAGS = sizeof run_flags / sizeof *run_flags };

/* Heap options that a configuration has a field for. */
static const char *const configured_options[] = {"gc-threads", "nursery", "pause-target",
                                                 "pretouch"};
/* Heap options that mean something else to a whole run. */
static const char *const run_options[] = {"collector", "barrier", "heap", "seed"};

static bool is_among(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

#define IS_AMONG(name, names) is_among((name), (names), sizeof(names) / sizeof *(names))

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
      if (IS_AMONG(options[i].name, run_options)) {
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

static enum harness_status add_heap(struct experiment *experiment, const char *text) {
  char error[256];
  struct heap_size size = {0};
  char *end;
  size_t length = strlen(text);
  if (length > 1 && (text[length - 1] == 'x' || text[length - 1] == 'X') &&
      strspn(text, "0123456789.") == length - 1) {
    size.multiple = strtod(text, &end);
    if (end != text + length - 1 || !(size.multiple > 0) || size.multiple > 1000) {
      return say_bad_input(
          "--heap %s: a multiple of the minimum heap is above 0x and at most 1000x", text);
    }
  } else if (gc_parse_size(text, &size.bytes, error, sizeof error) != 0) {
    return say_bad_input("--heap %s: %s", text, error);
  }
  for (size_t i = 0; i < experiment->heap_count; i++) {
    if (experiment->heaps[i].bytes == size.bytes &&
        fabs(experiment->heaps[i].multiple - size.multiple) < 1e-9) {
      return HARNESS_DONE;
    }
  }
  experiment->heaps =
      memory_resize(experiment->heaps, experiment->heap_count + 1, sizeof *experiment->heaps);
  experiment->heaps[experiment->heap_count++] = size;
  return HARNESS_DONE;
}

static enum harness_status add_heaps(struct experiment *experiment, const char *text) {
  struct text_list parts = {0};
  text_list_add_parts(&parts, text);
  enum harness_status status = HARNESS_DONE;
  if (text_list_has(&parts, "")) {
    status = say_bad_input("--heap '%s' has an empty part", text);
  }
  for (size_t i = 0; status == HARNESS_DONE && i < parts.count; i++) {
    status = add_heap(experiment, parts.texts[i]);
  }
  text_list_finish(&parts);
  return status;
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

/* Parts of a list of names, each once. */
static enum harness_status add_names(struct text_list *list, const char *flag_name,
                                     const char *text) {
  struct text_list parts = {0};
  text_list_add_parts(&parts, text);
  bool is_complete = !text_list_has(&parts, "");
  for (size_t i = 0; is_complete && i < parts.count; i++) {
    if (!text_list_has(list, parts.texts[i])) {
      text_list_add(list, parts.texts[i]);
    }
  }
  text_list_finish(&parts);
  return is_complete ? HARNESS_DONE : say_bad_input("--%s '%s' has an empty part", flag_name, text);
}

/* The commas of a composition are its own. */
static enum harness_status add_collectors(struct experiment *experiment, const char *text) {
  if (!strchr(text, '=')) {
    return add_names(&experiment->collectors, "collector", text);
  }
  if (!text_list_has(&experiment->collectors, text)) {
    text_list_add(&experiment->collectors, text);
  }
  return HARNESS_DONE;
}

static enum harness_status parse_count(const char *name, const char *text, uint64_t minimum,
                                       uint64_t maximum, uint64_t *count) {
  char error[256];
  if (gc_parse_count(text, count, error, sizeof error) != 0) {
    return say_bad_input("--%s %s: %s", name, text, error);
  }
  if (*count < minimum || *count > maximum) {
    return say_bad_input("--%s %s: must be %" PRIu64 " to %" PRIu64, name, text, minimum, maximum);
  }
  return HARNESS_DONE;
}

static enum harness_status parse_limit(struct experiment *experiment, const char *name,
                                       const char *text) {
  char error[256];
  bool is_time = strcmp(name, "time-limit") == 0;
  uint64_t *limit = is_time ? &experiment->time_limit_ns : &experiment->rss_limit_bytes;
  int status = is_time ? gc_parse_duration(text, limit, error, sizeof error)
                       : gc_parse_size(text, limit, error, sizeof error);
  if (status != 0) {
    return say_bad_input("--%s %s: %s", name, text, error);
  }
  if (*limit == 0) {
    return say_bad_input("--%s %s: a limit of nothing leaves no trial", name, text);
  }
  if (is_time && *limit == UINT64_MAX) {
    return say_bad_input("--%s %s: a trial that hangs would never end; give a time, such as 86400s",
                         name, text);
  }
  return HARNESS_DONE;
}

static enum harness_status set_heap_option(struct experiment *experiment, const char *name,
                                           const char *text) {
  char error[256];
  int set = gc_option_set(&experiment->heap_options, name, text, error, sizeof error);
  if (set == -ENOENT) {
    return HARNESS_DONE; /* a flag that only the command knows */
  }
  if (set != 0) {
    return say_bad_input("%s", error);
  }
  if (experiment->heap_options.safepoint_timeout_ns < SAFEPOINT_TIMEOUT_MIN_NS) {
    return say_bad_input("--%s %s: the shortest is 1ms; inf waits for ever", name, text);
  }
  if (!IS_AMONG(name, configured_options)) {
    settings_add(&experiment->options, name, text);
  }
  return HARNESS_DONE;
}

/* --- the experiment -----------------------------------------------------------------------------
 */

static enum harness_status apply(struct experiment *experiment, const struct flag_use *use) {
  const char *name = use->flag->name;
  const char *value = use->value;
  if (strcmp(name, "collector") == 0) {
    return add_collectors(experiment, value);
  } else if (strcmp(name, "workload") == 0) {
    return add_names(&experiment->workloads, name, value);
  } else if (strcmp(name, "barrier") == 0) {
    return add_names(&experiment->barriers, name, value);
  } else if (strcmp(name, "heap") == 0) {
    return add_heaps(experiment, value);
  } else if (strcmp(name, "param") == 0) {
    return add_parameter(experiment, value);
  } else if (strcmp(name, "mutators") == 0) {
    return parse_count(name, value, 1, TRIAL_MUTATORS_MAX, &experiment->mutators);
  } else if (strcmp(name, "invocations") == 0) {
    return parse_count(name, value, 1, 100000, &experiment->invocations);
  } else if (strcmp(name, "seed") == 0) {
    return parse_count(name, value, 0, UINT64_MAX, &experiment->seed);
  } else if (strcmp(name, "time-limit") == 0 || strcmp(name, "rss-limit") == 0) {
    return parse_limit(experiment, name, value);
  } else if (strcmp(name, "quick") == 0) {
    experiment->quick = true;
  } else if (strcmp(name, "barrier-costs") == 0) {
    experiment->barrier_costs = true;
  } else if (strcmp(name, "yes") == 0) {
    experiment->yes = true;
  } else if (strcmp(name, "out") == 0) {
    experiment->out = value;
  } else {
    return set_heap_option(experiment, name, value);
  }
  return HARNESS_DONE;
}

static enum harness_status fill_defaults(struct experiment *experiment) {
  if (experiment->collectors.count == 0) {
    add_names(&experiment->collectors, "collector", "stw,epsilon");
  }
  if (experiment->workloads.count == 0) {
    add_names(&experiment->workloads, "workload", "all");
  }
  if (experiment->invocations == 0 && experiment->quick) {
    experiment->invocations = 1;
  }
  return experiment->heap_count == 0 ? add_heap(experiment, "3x") : HARNESS_DONE;
}

enum harness_status experiment_init(struct experiment *experiment,
                                    const struct command_line *line) {
  *experiment = (struct experiment){
      .heap_options = gc_options_default(),
      .mutators = 1,
      .seed = 1,
      .time_limit_ns = UINT64_C(300) * 1000000000,
      .rss_limit_bytes = machine_memory_bytes() / 5 * 4,
  };
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < line->use_count; i++) {
    status = apply(experiment, &line->uses[i]);
  }
  if (status == HARNESS_DONE) {
    status = fill_defaults(experiment);
  }
  if (status != HARNESS_DONE) {
    experiment_finish(experiment);
  }
  return status;
}

void experiment_finish(struct experiment *experiment) {
  text_list_finish(&experiment->collectors);
  text_list_finish(&experiment->barriers);
  text_list_finish(&experiment->workloads);
  free(experiment->heaps);
  for (size_t i = 0; i < experiment->parameter_count; i++) {
    free(experiment->parameters[i].workload);
    free(experiment->parameters[i].name);
    free(experiment->parameters[i].text);
  }
  free(experiment->parameters);
  settings_finish(&experiment->options);
  *experiment = (struct experiment){0};
}
