/* Experiment files: reading YAML into an experiment.
 *
 * Algorithm. libyaml makes a document of nodes with their places, aliases resolved; the functions
 * below walk it to the depth that an experiment has, so that a document that contains itself ends
 * as a node of the wrong kind. One function per key, found through experiment_key.def.
 *
 * A value that may be a list may be a single one, too.
 */
#include "harness/experiment_file.h"
#include "harness/experiment_find.h"
#include "harness/experiment_node.h"
#include "harness/settings.h"
#include "harness/trial_shared.h"
#include "harness/variants.h"
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char readme[] = "experiments/README.md";

/* --- heap options -------------------------------------------------------------------------------
 */

/* Flags of a heap are on or off, which YAML also calls true or false, yes or no. */
static const char *option_text(const char *text) {
  static const struct {
    const char *yaml, *text;
  } words[] = {{"true", "on"}, {"yes", "on"}, {"false", "off"}, {"no", "off"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(text, words[i].yaml) == 0) {
      return words[i].text;
    }
  }
  return text;
}

static enum harness_status read_option(struct node_reader *reader, const char *key,
                                       yaml_node_t *key_node, yaml_node_t *value, void *context) {
  const char *text;
  node_look_at(reader, key_node);
  if (!experiment_is_option(key)) {
    return experiment_set_option(context, key, "");
  }
  enum harness_status status = node_read_text(reader, value, key, &text);
  return status == HARNESS_DONE ? experiment_set_option(context, key, option_text(text)) : status;
}

static enum harness_status read_options(struct node_reader *reader, yaml_node_t *node) {
  return node_read_map(reader, node, "options", read_option, &reader->experiment->options);
}

static enum harness_status read_axis_value(struct node_reader *reader, yaml_node_t *node,
                                           void *context) {
  struct experiment_axis *axis = context;
  const char *text;
  enum harness_status status = node_read_text(reader, node, axis->name, &text);
  return status == HARNESS_DONE ? experiment_axis_add(axis, option_text(text)) : status;
}

static enum harness_status read_axis(struct node_reader *reader, const char *key,
                                     yaml_node_t *key_node, yaml_node_t *value, void *context) {
  (void)context;
  struct experiment_axis *axis;
  node_look_at(reader, key_node);
  enum harness_status status =
      experiment_add_axis(reader->experiment, key, node_place(key_node), &axis);
  return status == HARNESS_DONE ? node_read_list(reader, value, key, read_axis_value, axis)
                                : status;
}

static enum harness_status read_axes(struct node_reader *reader, yaml_node_t *node) {
  return node_read_map(reader, node, "axes", read_axis, NULL);
}

/* --- collectors, barriers, workloads ------------------------------------------------------------
 */

/* How an entry that is a map is read: its keys are `name`, the one for settings and, of a collector,
 * `heap`. */
struct item_form {
  const char *what;         /* the list's key */
  const char *settings_key; /* null: the entry is a name and no more */
  struct experiment_items *items;
  enum harness_status (*check_name)(const char *name);
  enum harness_status (*read_settings)(struct node_reader *reader, yaml_node_t *node,
                                       struct experiment_item *item);
  bool has_heap;
};

static enum harness_status check_item_key(struct node_reader *reader, const char *key,
                                          yaml_node_t *key_node, yaml_node_t *value,
                                          void *context) {
  (void)value;
  const struct item_form *form = context;
  const char *names[] = {"name", form->settings_key, "heap"};
  size_t count = form->has_heap ? 3 : 2;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(key, names[i]) == 0) {
      return HARNESS_DONE;
    }
  }
  char what[64];
  snprintf(what, sizeof what, "key of an entry of %s called", form->what);
  node_look_at(reader, key_node);
  return say_unknown(what, key, names, count, readme);
}

static enum harness_status read_item_heap(struct node_reader *reader, yaml_node_t *node,
                                          void *context) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, "heap", &text);
  return status == HARNESS_DONE ? experiment_item_add_heap(context, "heap", text, node_place(node))
                                : status;
}

static enum harness_status read_item(struct node_reader *reader, yaml_node_t *node, void *context) {
  struct item_form *form = context;
  bool is_map = node->type == YAML_MAPPING_NODE && form->settings_key;
  yaml_node_t *name_node = node, *settings_node = NULL, *heap_node = NULL;
  enum harness_status status = HARNESS_DONE;
  if (is_map) {
    status = node_read_map(reader, node, form->what, check_item_key, form);
    if (status != HARNESS_DONE) {
      return status;
    }
    name_node = node_find(reader, node, "name");
    settings_node = node_find(reader, node, form->settings_key);
    heap_node = form->has_heap ? node_find(reader, node, "heap") : NULL;
    if (!name_node) {
      node_look_at(reader, node);
      return say_bad_input("%s: the entry has no name", form->what);
    }
  }
  const char *name;
  status = node_read_text(reader, name_node, form->what, &name);
  if (status == HARNESS_DONE && strcmp(name, "all") != 0) {
    status = form->check_name(name);
  } else if (status == HARNESS_DONE && settings_node) {
    status = say_bad_input("%s: 'all' has no %s of its own", form->what, form->settings_key);
  }
  if (status != HARNESS_DONE) {
    return status;
  }
  struct experiment_item *item = experiment_items_add(form->items, name, node_place(name_node));
  if (settings_node) {
    status = form->read_settings(reader, settings_node, item);
  }
  if (status == HARNESS_DONE && heap_node) {
    status = node_read_list(reader, heap_node, "heap", read_item_heap, item);
  }
  experiment_items_settle(form->items);
  return status;
}

static enum harness_status read_collector_options(struct node_reader *reader, yaml_node_t *node,
                                                  struct experiment_item *item) {
  return node_read_map(reader, node, "options", read_option, &item->settings);
}

static enum harness_status check_collector(const char *name) {
  return strcmp(name, "collecting") == 0 ? HARNESS_DONE : collector_check(name);
}

static enum harness_status read_collectors(struct node_reader *reader, yaml_node_t *node) {
  struct item_form form = {
      "collectors",           "options", &reader->experiment->collectors, check_collector,
      read_collector_options, true};
  return node_read_list(reader, node, form.what, read_item, &form);
}

static enum harness_status check_barrier(const char *name) {
  size_t count;
  const char *const *names = barrier_names(&count);
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], name) == 0) {
      return HARNESS_DONE;
    }
  }
  return say_unknown("barrier", name, names, count, "tricolor list barriers");
}

static enum harness_status read_barriers(struct node_reader *reader, yaml_node_t *node) {
  struct item_form form = {
      .what = "barriers", .items = &reader->experiment->barriers, .check_name = check_barrier};
  return node_read_list(reader, node, form.what, read_item, &form);
}

static enum harness_status check_workload(const char *name) {
  bool is_known = strcmp(name, "standard") == 0 || workload_find(name) != NULL;
  return is_known ? HARNESS_DONE
                  : say_unknown("workload", name, workload_names(), workload_count(),
                                "tricolor list workloads");
}

/* One parameter by itself: name and range. */
static enum harness_status read_parameter(struct node_reader *reader, const char *key,
                                          yaml_node_t *key_node, yaml_node_t *value,
                                          void *context) {
  struct experiment_item *item = context;
  struct results_settings one = {0};
  struct workload_choice choice;
  const char *text = "";
  enum harness_status status = node_read_text(reader, value, key, &text);
  if (status != HARNESS_DONE) {
    return status;
  }
  const struct workload *workload = workload_find(item->name);
  bool is_known = false;
  for (size_t i = 0; i < workload->parameter_count; i++) {
    is_known |= strcmp(workload->parameters[i].name, key) == 0;
  }
  node_look_at(reader, is_known ? value : key_node);
  settings_add(&one, key, text);
  status = workload_choice_init(&choice, workload, &one, false, 1);
  if (status == HARNESS_DONE) {
    workload_choice_finish(&choice);
    settings_add(&item->settings, key, text);
  }
  settings_finish(&one);
  return status;
}

static enum harness_status read_parameters(struct node_reader *reader, yaml_node_t *node,
                                           struct experiment_item *item) {
  return node_read_map(reader, node, "parameters", read_parameter, item);
}

static enum harness_status read_workloads(struct node_reader *reader, yaml_node_t *node) {
  struct item_form form = {"workloads",    "parameters",    &reader->experiment->workloads,
                           check_workload, read_parameters, false};
  return node_read_list(reader, node, form.what, read_item, &form);
}

/* --- single values ------------------------------------------------------------------------------
 */

static enum harness_status read_description(struct node_reader *reader, yaml_node_t *node) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, "description", &text);
  if (status == HARNESS_DONE) {
    reader->experiment->description = text_copy(text);
  }
  return status;
}

static enum harness_status read_one_heap(struct node_reader *reader, yaml_node_t *node,
                                         void *context) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, context, &text);
  return status == HARNESS_DONE
             ? experiment_add_heap(reader->experiment, context, text, node_place(node))
             : status;
}

static enum harness_status check_one_of_both(const struct node_reader *reader,
                                             const yaml_node_t *node) {
  node_look_at(reader, node);
  return reader->has_heap && reader->has_sweep
             ? say_bad_input("heap and sweep are there both; heap sizes come from one of them")
             : HARNESS_DONE;
}

static enum harness_status read_heap(struct node_reader *reader, yaml_node_t *node) {
  char what[] = "heap";
  reader->has_heap = true;
  enum harness_status status = check_one_of_both(reader, node);
  return status == HARNESS_DONE ? node_read_list(reader, node, what, read_one_heap, what) : status;
}

static enum harness_status read_sweep(struct node_reader *reader, yaml_node_t *node) {
  const char *text;
  reader->has_sweep = true;
  enum harness_status status = check_one_of_both(reader, node);
  if (status == HARNESS_DONE) {
    status = node_read_text(reader, node, "sweep", &text);
  }
  return status == HARNESS_DONE
             ? experiment_add_sweep(reader->experiment, "sweep", text, node_place(node))
             : status;
}

static enum harness_status read_count(struct node_reader *reader, yaml_node_t *node,
                                      const char *what, uint64_t minimum, uint64_t maximum,
                                      uint64_t *count) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, what, &text);
  return status == HARNESS_DONE ? experiment_set_count(what, text, minimum, maximum, count)
                                : status;
}

static enum harness_status read_mutators(struct node_reader *reader, yaml_node_t *node) {
  return read_count(reader, node, "mutators", 1, TRIAL_MUTATORS_MAX, &reader->experiment->mutators);
}

static enum harness_status read_invocations(struct node_reader *reader, yaml_node_t *node) {
  return read_count(reader, node, "invocations", 1, EXPERIMENT_INVOCATIONS_MAX,
                    &reader->experiment->invocations);
}

static enum harness_status read_warmup_iterations(struct node_reader *reader, yaml_node_t *node) {
  return read_count(reader, node, "warmup-iterations", 0, EXPERIMENT_ITERATIONS_MAX,
                    &reader->experiment->warmup_iterations);
}

static enum harness_status read_iterations(struct node_reader *reader, yaml_node_t *node) {
  return read_count(reader, node, "iterations", 1, EXPERIMENT_ITERATIONS_MAX,
                    &reader->experiment->iterations);
}

static enum harness_status read_one_seed(struct node_reader *reader, yaml_node_t *node,
                                         void *context) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, context, &text);
  return status == HARNESS_DONE ? experiment_add_seed(reader->experiment, context, text) : status;
}

static enum harness_status read_seeds(struct node_reader *reader, yaml_node_t *node) {
  char what[] = "seeds";
  return node_read_list(reader, node, what, read_one_seed, what);
}

static enum harness_status read_time_limit(struct node_reader *reader, yaml_node_t *node) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, "time-limit", &text);
  return status == HARNESS_DONE ? experiment_set_time_limit(reader->experiment, "time-limit", text)
                                : status;
}

static enum harness_status read_rss_limit(struct node_reader *reader, yaml_node_t *node) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, "rss-limit", &text);
  return status == HARNESS_DONE ? experiment_set_rss_limit(reader->experiment, "rss-limit", text)
                                : status;
}

static enum harness_status read_skip_after(struct node_reader *reader, yaml_node_t *node) {
  return read_count(reader, node, "skip-after", 0, EXPERIMENT_INVOCATIONS_MAX,
                    &reader->experiment->skip_after);
}

static enum harness_status read_flag(struct node_reader *reader, yaml_node_t *node,
                                     const char *what, bool *flag) {
  const char *text;
  enum harness_status status = node_read_text(reader, node, what, &text);
  if (status != HARNESS_DONE) {
    return status;
  }
  *flag = strcmp(option_text(text), "on") == 0;
  if (!*flag && strcmp(option_text(text), "off") != 0) {
    return say_bad_input("%s: '%s' is neither on nor off", what, text);
  }
  return HARNESS_DONE;
}

static enum harness_status read_quick(struct node_reader *reader, yaml_node_t *node) {
  return read_flag(reader, node, "quick", &reader->experiment->quick);
}

static enum harness_status read_barrier_costs(struct node_reader *reader, yaml_node_t *node) {
  return read_flag(reader, node, "barrier-costs", &reader->experiment->barrier_costs);
}

/* --- the file -----------------------------------------------------------------------------------
 */

static const struct {
  const char *key;
  enum harness_status (*read)(struct node_reader *reader, yaml_node_t *node);
} keys[] = {
#define EXPERIMENT_KEY(name, key, value, meaning) {key, read_##name},
#include "harness/experiment_key.def"
#undef EXPERIMENT_KEY
};
enum { KEYS = sizeof keys / sizeof *keys };

static enum harness_status read_key(struct node_reader *reader, const char *key,
                                    yaml_node_t *key_node, yaml_node_t *value, void *context) {
  (void)context;
  const char *names[KEYS];
  for (size_t i = 0; i < KEYS; i++) {
    if (strcmp(keys[i].key, key) == 0) {
      return keys[i].read(reader, value);
    }
    names[i] = keys[i].key;
  }
  node_look_at(reader, key_node);
  return say_unknown("key", key, names, KEYS, readme);
}

static enum harness_status read_document(struct node_reader *reader) {
  yaml_node_t *root = yaml_document_get_root_node(&reader->document);
  if (!root) {
    say_from(reader->experiment->file, 1, 1);
    return say_bad_input("the file holds no experiment; its keys are listed in %s", readme);
  }
  return node_read_map(reader, root, "an experiment", read_key, NULL);
}

static enum harness_status say_not_yaml(const struct experiment *experiment,
                                        const yaml_parser_t *parser) {
  if (parser->error == YAML_MEMORY_ERROR) {
    return say_environment("out of memory");
  }
  say_from(experiment->file, parser->problem_mark.line + 1, parser->problem_mark.column + 1);
  return say_bad_input("this is not YAML: %s", parser->problem ? parser->problem : "unreadable");
}

static enum harness_status check_no_more(const struct experiment *experiment,
                                         yaml_parser_t *parser) {
  yaml_document_t document;
  if (!yaml_parser_load(parser, &document)) {
    return say_not_yaml(experiment, parser);
  }
  const yaml_node_t *root = yaml_document_get_root_node(&document);
  enum harness_status status = HARNESS_DONE;
  if (root) {
    say_from(experiment->file, root->start_mark.line + 1, root->start_mark.column + 1);
    status = say_bad_input("a second document begins here; a file holds one experiment");
  }
  yaml_document_delete(&document);
  return status;
}

static enum harness_status read_stream(FILE *stream, struct experiment *experiment) {
  struct node_reader reader = {.experiment = experiment};
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) {
    return say_environment("out of memory");
  }
  yaml_parser_set_input_file(&parser, stream);
  enum harness_status status;
  if (!yaml_parser_load(&parser, &reader.document)) {
    status = say_not_yaml(experiment, &parser);
  } else {
    status = read_document(&reader);
    yaml_document_delete(&reader.document);
  }
  if (status == HARNESS_DONE) {
    status = check_no_more(experiment, &parser);
  }
  say_from(NULL, 0, 0);
  yaml_parser_delete(&parser);
  return status;
}

enum harness_status experiment_file_read(const char *asked, struct experiment *experiment) {
  char path[PATH_MAX];
  enum harness_status status = experiment_find(asked, path, experiment);
  if (status != HARNESS_DONE) {
    return status;
  }
  FILE *stream = fopen(path, "re");
  if (!stream) {
    return say_bad_input("the experiment %s cannot be read: %s", experiment->file, strerror(errno));
  }
  status = read_stream(stream, experiment);
  fclose(stream);
  return status;
}
