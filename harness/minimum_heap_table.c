/* The table workloads/minheap.json: reading, finding, writing. */
#include "harness/minimum_heap.h"
#include "harness/workload_registry.h"
#include "results/file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char table_note[] =
    "Smallest heaps in which a workload runs. minimum_heap_bytes: measured by `tricolor minheap` "
    "with the most frugal collector. declared_live_bytes: the live size that other systems were "
    "measured with; where it stands, multiples such as 2x are multiples of it, else of the "
    "measured minimum.";

uint64_t minimum_heap_base(const struct minimum_heap *minimum) {
  return minimum->declared_bytes ? minimum->declared_bytes : minimum->minimum_bytes;
}

static void table_path(char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%s/workloads/minheap.json", project_directory());
}

static json_t *entries_of(const json_t *table) {
  return json_object_get(table, "entries");
}

enum harness_status minimum_heap_table_read(json_t **table) {
  char path[PATH_MAX];
  json_error_t error;
  table_path(path);
  if (access(path, F_OK) != 0) {
    *table = json_pack("{s:i, s:s, s:i, s:[]}", "schema_version", 1, "note", table_note,
                       "heap_layout_version", MINIMUM_HEAP_LAYOUT_VERSION, "entries");
    return HARNESS_DONE;
  }
  *table = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  if (!*table) {
    return say_environment("%s, line %d: %s", path, error.line, error.text);
  }
  if (json_integer_value(json_object_get(*table, "schema_version")) != 1 ||
      !json_is_array(entries_of(*table))) {
    json_decref(*table);
    *table = NULL;
    return say_environment("%s is no table of minimum heaps that this program knows", path);
  }
  return HARNESS_DONE;
}

static json_t *parameters_of(const struct workload_choice *choice) {
  json_t *parameters = json_object();
  for (size_t i = 0; i < choice->parameters.count; i++) {
    const struct results_setting *setting = &choice->parameters.items[i];
    json_object_set_new(parameters, setting->name, json_string(setting->text));
  }
  return parameters;
}

static bool matches(const json_t *entry, const char *workload, const json_t *parameters,
                    uint64_t mutators) {
  const char *name = json_string_value(json_object_get(entry, "workload"));
  return name && strcmp(name, workload) == 0 &&
         json_integer_value(json_object_get(entry, "mutators")) == (json_int_t)mutators &&
         json_equal(json_object_get(entry, "parameters"), parameters);
}

static json_t *find_entry(const json_t *table, const struct workload_choice *choice,
                          uint64_t mutators) {
  json_t *parameters = parameters_of(choice);
  json_t *found = NULL, *entry;
  size_t index;
  json_array_foreach(entries_of(table), index, entry) {
    if (matches(entry, choice->input.workload->name, parameters, mutators)) {
      found = entry;
      break;
    }
  }
  json_decref(parameters);
  return found;
}

bool minimum_heap_find(const json_t *table, const struct workload_choice *choice, uint64_t mutators,
                       struct minimum_heap *minimum) {
  *minimum = (struct minimum_heap){0};
  const json_t *entry = find_entry(table, choice, mutators);
  if (!entry) {
    return false;
  }
  bool is_current = json_integer_value(json_object_get(table, "heap_layout_version")) ==
                    MINIMUM_HEAP_LAYOUT_VERSION;
  json_int_t measured = json_integer_value(json_object_get(entry, "minimum_heap_bytes"));
  json_int_t declared = json_integer_value(json_object_get(entry, "declared_live_bytes"));
  minimum->minimum_bytes = is_current && measured > 0 ? (uint64_t)measured : 0;
  minimum->declared_bytes = declared > 0 ? (uint64_t)declared : 0;
  return minimum_heap_base(minimum) > 0;
}

void minimum_heap_set(json_t *table, const struct workload_choice *choice, uint64_t mutators,
                      uint64_t minimum_bytes) {
  json_t *entry = find_entry(table, choice, mutators);
  if (!entry) {
    entry = json_pack("{s:s, s:o, s:I, s:n, s:n}", "workload", choice->input.workload->name,
                      "parameters", parameters_of(choice), "mutators", (json_int_t)mutators,
                      "declared_live_bytes", "minimum_heap_bytes");
    json_array_append_new(entries_of(table), entry);
  }
  json_object_set_new(entry, "minimum_heap_bytes", json_integer((json_int_t)minimum_bytes));
  json_object_set_new(entry, "collector", json_string(MINIMUM_HEAP_COLLECTOR));
  json_object_set_new(entry, "barrier", json_string(MINIMUM_HEAP_BARRIER));
}

/* Entries in the order of the list of workloads; unknown ones (of other builds) last. */
static json_t *sorted_entries(const json_t *entries) {
  json_t *sorted = json_array(), *entry;
  size_t index;
  for (size_t i = 0; i <= workload_count(); i++) {
    json_array_foreach(entries, index, entry) {
      const char *name = json_string_value(json_object_get(entry, "workload"));
      const struct workload *workload = workload_find(name ? name : "");
      if (workload == (i < workload_count() ? workload_at(i) : NULL)) {
        json_array_append(sorted, entry);
      }
    }
  }
  return sorted;
}

enum harness_status minimum_heap_table_write(const json_t *table) {
  char path[PATH_MAX], error[512];
  table_path(path);
  json_t *copy = json_pack("{s:i, s:s, s:i, s:o}", "schema_version", 1, "note", table_note,
                           "heap_layout_version", MINIMUM_HEAP_LAYOUT_VERSION, "entries",
                           sorted_entries(entries_of(table)));
  char *text = json_dumps(copy, JSON_INDENT(2));
  json_decref(copy);
  if (!text) {
    return say_environment("out of memory");
  }
  struct results_file file;
  int status = results_file_create(&file, path, error, sizeof error);
  if (status == 0) {
    fprintf(file.stream, "%s\n", text);
    status = results_file_commit(&file, error, sizeof error);
  }
  free(text);
  return status == 0 ? HARNESS_DONE : say_environment("%s", error);
}
