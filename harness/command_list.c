/* `tricolor list`: the collectors, barriers, workloads, options and experiments that there are. */
#include "harness/command.h"
#include "harness/experiment_file.h"
#include "harness/experiment_find.h"
#include "harness/minimum_heap.h"
#include "harness/variants.h"
#include "harness/workload_registry.h"
#include <gc/options.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct flag flags[] = {
    {"json", FLAG_ALONE, "", "as JSON, for programs"},
};

static const struct flag *list_flags(size_t *count) {
  *count = sizeof flags / sizeof *flags;
  return flags;
}

/* --- collectors and barriers --------------------------------------------------------------------
 */

static json_t *sufficient_barriers(const char *collector) {
  size_t count;
  const char *const *barriers = barrier_names(&count);
  json_t *sufficient = json_array();
  char reason[512];
  for (size_t i = 0; i < count; i++) {
    if (collector_suffices(collector, barriers[i], reason, sizeof reason)) {
      json_array_append_new(sufficient, json_string(barriers[i]));
    }
  }
  return sufficient;
}

static json_t *list_collectors(void) {
  json_t *list = json_array();
  size_t count;
  const char *const *names = collector_names(&count);
  for (size_t i = 0; i < count; i++) {
    json_t *entry = collector_describe(names[i]);
    char reason[512];
    const char *barrier = collector_barrier(names[i], reason, sizeof reason);
    json_object_set_new(entry, "barrier", barrier ? json_string(barrier) : json_null());
    json_object_set_new(entry, "sufficient_barriers", sufficient_barriers(names[i]));
    json_array_append_new(list, entry);
  }
  return list;
}

static json_t *list_barriers(void) {
  json_t *list = json_array();
  size_t count;
  const char *const *names = barrier_names(&count);
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(list, barrier_describe(names[i]));
  }
  return list;
}

/* --- workloads ----------------------------------------------------------------------------------
 */

static json_t *list_choices(const struct workload_parameter *parameter) {
  json_t *list = json_array();
  const char *name = parameter->unit;
  for (size_t length; length = strcspn(name, "|"), length > 0;
       name += length + (name[length] != 0)) {
    json_array_append_new(list, json_stringn(name, length));
  }
  return list;
}

static json_t *describe_parameter(const struct workload_parameter *parameter) {
  static const char *const kinds[] = {
      [WORKLOAD_INTEGER] = "integer", [WORKLOAD_FILE] = "file", [WORKLOAD_CHOICE] = "choice"};
  json_t *entry = json_object();
  json_object_set_new(entry, "name", json_string(parameter->name));
  json_object_set_new(entry, "kind", json_string(kinds[parameter->kind]));
  json_object_set_new(entry, "unit",
                      json_string(parameter->kind == WORKLOAD_CHOICE ? "" : parameter->unit));
  json_object_set_new(entry, "default", json_string(parameter->default_text));
  json_object_set_new(
      entry, "quick",
      json_string(parameter->quick_text ? parameter->quick_text : parameter->default_text));
  if (parameter->kind == WORKLOAD_CHOICE) {
    json_object_set_new(entry, "choices", list_choices(parameter));
  } else if (parameter->kind == WORKLOAD_INTEGER) {
    json_object_set_new(entry, "minimum", json_integer((json_int_t)parameter->minimum));
    json_object_set_new(
        entry, "maximum",
        json_integer(parameter->maximum > INT64_MAX ? INT64_MAX : (json_int_t)parameter->maximum));
  }
  json_object_set_new(entry, "description", json_string(parameter->description));
  return entry;
}

static json_t *list_presets(const struct workload *workload) {
  json_t *list = json_array();
  for (size_t i = 0; i < workload->preset_count; i++) {
    const struct workload_preset *preset = &workload->presets[i];
    json_t *values = json_object();
    for (size_t j = 0;
         j < sizeof preset->values / sizeof *preset->values && preset->values[j].parameter != NULL;
         j++) {
      json_object_set_new(values, preset->values[j].parameter, json_string(preset->values[j].text));
    }
    json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", preset->name, "origin",
                                          preset->origin, "parameters", values));
  }
  return list;
}

static json_t *bytes_or_null(uint64_t bytes) {
  return bytes > 0 ? json_integer((json_int_t)bytes) : json_null();
}

static void add_minimum(json_t *entry, const json_t *table, const struct workload *workload,
                        const char *key, bool quick) {
  struct results_settings none = {0};
  struct workload_choice choice;
  struct minimum_heap minimum = {0};
  if (workload_choice_init(&choice, workload, &none, quick, 1) == HARNESS_DONE) {
    minimum_heap_find(table, &choice, 1, &minimum);
    workload_choice_finish(&choice);
  }
  json_object_set_new(entry, key,
                      json_pack("{s:o, s:o, s:o}", "declared_live_bytes",
                                bytes_or_null(minimum.declared_bytes), "minimum_heap_bytes",
                                bytes_or_null(minimum.minimum_bytes), "multiples_of_bytes",
                                bytes_or_null(minimum_heap_base(&minimum))));
}

static json_t *list_workloads(void) {
  json_t *table;
  if (minimum_heap_table_read(&table) != HARNESS_DONE) {
    return NULL;
  }
  json_t *list = json_array();
  for (size_t i = 0; i < workload_count(); i++) {
    const struct workload *workload = workload_at(i);
    json_t *entry =
        json_pack("{s:s, s:s, s:s, s:b}", "name", workload->name, "description", workload->summary,
                  "operation", workload->operation, "standard", !workload->is_on_request);
    json_t *parameters = json_array();
    for (size_t j = 0; j < workload->parameter_count; j++) {
      json_array_append_new(parameters, describe_parameter(&workload->parameters[j]));
    }
    json_object_set_new(entry, "parameters", parameters);
    json_object_set_new(entry, "presets", list_presets(workload));
    add_minimum(entry, table, workload, "heap", false);
    add_minimum(entry, table, workload, "heap_quick", true);
    json_array_append_new(list, entry);
  }
  json_decref(table);
  return list;
}

static json_t *list_options(void) {
  json_t *list = json_array();
  size_t count;
  const struct gc_option_description *options = gc_option_descriptions(&count);
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", options[i].name, "kind",
                                          options[i].kind, "default", options[i].default_text,
                                          "description", options[i].description));
  }
  return list;
}

/* A file that cannot be read is said and listed without a description. */
static json_t *list_experiments(void) {
  struct text_list names = {0};
  json_t *list = json_array();
  experiment_names(&names);
  for (size_t i = 0; i < names.count; i++) {
    struct experiment experiment = experiment_empty();
    enum harness_status status = experiment_file_read(names.texts[i], &experiment);
    const char *description =
        status == HARNESS_DONE && experiment.description ? experiment.description : "";
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:s}", "name", names.texts[i], "description",
                                    description, "file", experiment.file ? experiment.file : ""));
    experiment_finish(&experiment);
  }
  text_list_finish(&names);
  return list;
}

/* --- for people ---------------------------------------------------------------------------------
 */

static const char *text_in(const json_t *entry, const char *key) {
  const char *text = json_string_value(json_object_get(entry, key));
  return text ? text : "";
}

static void print_collector(const json_t *entry) {
  printf("%-16s barrier %s; %s\n", text_in(entry, "name"), text_in(entry, "barrier"),
         text_in(entry, "description"));
}

static void print_named(const json_t *entry) {
  printf("%-16s %s\n", text_in(entry, "name"), text_in(entry, "description"));
}

static void print_option(const json_t *entry) {
  printf("--%-22s %-9s %s (%s)\n", text_in(entry, "name"), text_in(entry, "kind"),
         text_in(entry, "description"), text_in(entry, "default"));
}

/* Nothing of a parameter that is no choice. */
static void print_choices(const json_t *choices) {
  const json_t *choice;
  size_t index;
  json_array_foreach(choices, index, choice) {
    printf("%s %s", index == 0 ? ":" : ",", json_string_value(choice));
  }
}

static void print_presets(json_t *presets) {
  json_t *preset, *value;
  size_t index;
  const char *name;
  json_array_foreach(presets, index, preset) {
    printf("    preset=%s  %s:", text_in(preset, "name"), text_in(preset, "origin"));
    json_object_foreach(json_object_get(preset, "parameters"), name, value) {
      printf(" %s=%s", name, json_string_value(value));
    }
    putchar('\n');
  }
}

static void print_workload(const json_t *entry) {
  const json_t *parameter;
  size_t index;
  bool is_standard = json_is_true(json_object_get(entry, "standard"));
  printf("%s%s: %s\n", text_in(entry, "name"), is_standard ? "" : " (on request)",
         text_in(entry, "description"));
  json_array_foreach(json_object_get(entry, "parameters"), index, parameter) {
    const char *unit = text_in(parameter, "unit");
    printf("    %s=%s%s%s  %s", text_in(parameter, "name"), text_in(parameter, "default"),
           *unit ? " " : "", unit, text_in(parameter, "description"));
    print_choices(json_object_get(parameter, "choices"));
    if (strcmp(text_in(parameter, "quick"), text_in(parameter, "default")) != 0) {
      printf(" (quick: %s)", text_in(parameter, "quick"));
    }
    putchar('\n');
  }
  print_presets(json_object_get(entry, "presets"));
  const json_t *heap = json_object_get(entry, "heap");
  json_int_t base = json_integer_value(json_object_get(heap, "multiples_of_bytes"));
  bool is_declared = json_is_integer(json_object_get(heap, "declared_live_bytes"));
  if (base > 0) {
    printf("    --heap 1x is %s, the %s\n", say_size((unsigned long long)base),
           is_declared ? "declared live size" : "measured minimum");
  }
}

/* --- the command --------------------------------------------------------------------------------
 */

static const struct list {
  const char *name;
  json_t *(*make)(void);
  void (*print)(const json_t *entry);
} lists[] = {
    {"collectors", list_collectors, print_collector}, {"barriers", list_barriers, print_named},
    {"workloads", list_workloads, print_workload},    {"options", list_options, print_option},
    {"experiments", list_experiments, print_named},
};
enum { LISTS = sizeof lists / sizeof *lists };

static enum harness_status print_list(const struct list *list, bool as_json) {
  json_t *entries = list->make();
  const json_t *entry;
  size_t index;
  if (!entries) {
    return HARNESS_ENVIRONMENT;
  }
  if (as_json) {
    json_dumpf(entries, stdout, JSON_INDENT(2));
    putchar('\n');
  } else {
    json_array_foreach(entries, index, entry) {
      list->print(entry);
    }
  }
  json_decref(entries);
  return HARNESS_DONE;
}

static enum harness_status run(const struct command_line *line) {
  const char *names[LISTS];
  for (size_t i = 0; i < LISTS; i++) {
    if (strcmp(lists[i].name, line->operands[0]) == 0) {
      return print_list(&lists[i], command_line_value(line, "json") != NULL);
    }
    names[i] = lists[i].name;
  }
  return say_unknown("list", line->operands[0], names, LISTS, "tricolor list --help");
}

const struct command command_list = {
    .name = "list",
    .operands = "collectors|barriers|workloads|options|experiments",
    .summary = "Lists what this program has.",
    .text = "For a workload, multiples such as --heap 2x are multiples of its declared live size "
            "where it has\none (the six classic workloads with default parameters), else of its "
            "measured minimum heap;\nworkloads/minheap.json holds both.\n",
    .flags = list_flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
