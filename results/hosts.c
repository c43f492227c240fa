/* On which machine each trial of a run ran. */
#include "results/hosts.h"
#include "results/file.h"
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What makes figures of two machines incomparable; load and free memory come and go. */
static const char *const identity[] = {"host",  "architecture", "processor",
                                       "cores", "memory_bytes", "release"};
enum { identity_count = sizeof identity / sizeof *identity };

static void print_value(char *text, size_t text_size, const json_t *value) {
  char *dumped = json_dumps(value, JSON_ENCODE_ANY);
  snprintf(text, text_size, "%s", dumped ? dumped : "null");
  free(dumped);
}

int results_host_compare(const struct results_host *left, const struct results_host *right,
                         char *sentence, size_t sentence_size) {
  for (size_t index = 0; index < identity_count; index++) {
    const json_t *first = json_object_get(left->description, identity[index]);
    const json_t *second = json_object_get(right->description, identity[index]);
    if (!first || !second || json_equal(first, second))
      continue;
    char first_text[128], second_text[128];
    print_value(first_text, sizeof first_text, first);
    print_value(second_text, sizeof second_text, second);
    return sentence
               ? results_fail(1, sentence, sentence_size, "%s is %s for one and %s for the other",
                              identity[index], first_text, second_text)
               : 1;
  }
  return 0;
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* The machine of the list that is this one, new or not; null without memory. */
static struct results_host *machine_of(struct results_hosts *machines, json_t *description) {
  struct results_host asked = {.description = description};
  for (size_t index = 0; index < machines->count; index++)
    if (results_host_compare(&machines->items[index], &asked, NULL, 0) == 0)
      return &machines->items[index];
  struct results_host *more =
      realloc(machines->items, (machines->count + 1) * sizeof *machines->items);
  if (!more)
    return NULL;
  machines->items = more;
  machines->items[machines->count] = (struct results_host){.description = json_incref(description)};
  return &machines->items[machines->count++];
}

static int add_trials(struct results_host *machine, const json_t *trials) {
  size_t count = json_array_size(trials);
  uint64_t *more =
      realloc(machine->trials, (machine->trial_count + count + 1) * sizeof *machine->trials);
  if (!more)
    return -ENOMEM;
  machine->trials = more;
  for (size_t index = 0; index < count; index++)
    machine->trials[machine->trial_count++] =
        (uint64_t)json_integer_value(json_array_get(trials, index));
  return 0;
}

static int compare_numbers(const void *left, const void *right) {
  uint64_t first = *(const uint64_t *)left, second = *(const uint64_t *)right;
  return (first > second) - (first < second);
}

static int add_shards(struct results_hosts *machines, const json_t *shards) {
  int status = 0;
  for (size_t index = 0; !status && index < json_array_size(shards); index++) {
    const json_t *shard = json_array_get(shards, index);
    json_t *description = json_object_get(shard, "machine");
    if (!json_is_object(description))
      continue;
    struct results_host *machine = machine_of(machines, description);
    status = machine ? add_trials(machine, json_object_get(shard, "trials")) : -ENOMEM;
  }
  for (size_t index = 0; index < machines->count; index++)
    if (machines->items[index].trial_count > 0)
      qsort(machines->items[index].trials, machines->items[index].trial_count, sizeof(uint64_t),
            compare_numbers);
  return status;
}

int results_hosts_load(const char *directory, struct results_hosts *machines) {
  char path[PATH_MAX], error[512];
  *machines = (struct results_hosts){0};
  if (results_path(path, directory, "manifest.json", error, sizeof error))
    return 0;
  json_t *manifest = json_load_file(path, 0, NULL);
  json_t *shards = json_object_get(manifest, "shards");
  json_t *machine = json_object_get(manifest, "machine");
  int status = 0;
  if (json_is_array(shards))
    status = add_shards(machines, shards);
  else if (json_is_object(machine))
    status = machine_of(machines, machine) ? 0 : -ENOMEM;
  json_decref(manifest);
  if (status)
    results_hosts_finish(machines);
  return status;
}

void results_hosts_finish(struct results_hosts *machines) {
  for (size_t index = 0; index < machines->count; index++) {
    json_decref(machines->items[index].description);
    free(machines->items[index].trials);
  }
  free(machines->items);
  *machines = (struct results_hosts){0};
}

/* --- asking -------------------------------------------------------------------------------------
 */

size_t results_hosts_place(const struct results_hosts *machines, uint64_t trial) {
  for (size_t index = 0; index < machines->count; index++) {
    const struct results_host *machine = &machines->items[index];
    bool is_whole = machines->count == 1 && !machine->trials;
    if (is_whole ||
        (machine->trial_count > 0 &&
         bsearch(&trial, machine->trials, machine->trial_count, sizeof trial, compare_numbers)))
      return index;
  }
  return RESULTS_NO_HOST;
}

int results_hosts_same(const struct results_hosts *left, size_t left_place,
                       const struct results_hosts *right, size_t right_place) {
  return left_place >= left->count || right_place >= right->count ||
         results_host_compare(&left->items[left_place], &right->items[right_place], NULL, 0) == 0;
}

const char *results_host_name(const struct results_host *machine) {
  static const char *const keys[] = {"host", "processor"};
  for (size_t index = 0; index < sizeof keys / sizeof *keys; index++) {
    const char *name = json_string_value(json_object_get(machine->description, keys[index]));
    if (name && *name)
      return name;
  }
  return "a machine without a name";
}

void results_host_trials(const struct results_host *machine, char *text, size_t text_size) {
  size_t used = 0;
  snprintf(text, text_size, "%s", machine->trials ? "none" : "all");
  for (size_t first = 0, end; first < machine->trial_count; first = end) {
    for (end = first + 1;
         end < machine->trial_count && machine->trials[end] == machine->trials[end - 1] + 1;)
      end++;
    if (used + 64 > text_size) {
      snprintf(text + used, text_size - used, ", and more");
      return;
    }
    used += (size_t)snprintf(text + used, text_size - used, "%s%" PRIu64, used ? ", " : "",
                             machine->trials[first]);
    if (end - first > 1)
      used +=
          (size_t)snprintf(text + used, text_size - used, "-%" PRIu64, machine->trials[end - 1]);
  }
}
