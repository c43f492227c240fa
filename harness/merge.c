/* Shards of one plan made into one run. */
#include "harness/merge.h"
#include "harness/checksums.h"
#include "harness/conduct.h"
#include "harness/manifest.h"
#include "harness/run.h"
#include "harness/run_directory.h"
#include "results/file.h"
#include "results/trial.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- reading ------------------------------------------------------------------------------------
 */

static enum harness_status open_source(struct merge_source *source) {
  enum harness_status status = run_directory_check(source->directory);
  if (status == HARNESS_DONE) {
    status = run_directory_lock(source->directory, &source->lock);
  }
  return status == HARNESS_DONE ? manifest_read(source->directory, &source->manifest) : status;
}

/* By any two of its names. */
static enum harness_status check_named_once(const struct merge *merge) {
  const struct merge_source *last = &merge->sources[merge->source_count - 1];
  char path[PATH_MAX], other[PATH_MAX];
  for (size_t i = 0; i + 1 < merge->source_count; i++) {
    if (realpath(merge->sources[i].directory, other) && realpath(last->directory, path) &&
        strcmp(path, other) == 0) {
      return say_bad_input("the directory %s is given twice", last->directory);
    }
  }
  return HARNESS_DONE;
}

/* What people can mend when two manifests are not of one plan. */
static const char *what_differs(const json_t *left, const json_t *right) {
  static const char *const keys[][2] = {
      {"version", "the program's version"},
      {"quick", "one is quick and the other is not"},
      {"seeds", "the seeds"},
      {"invocations_asked", "the number of invocations"},
      {"time_limit_ns", "the time limit of a trial"},
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_t *first = json_object_get(left, keys[i][0]), *second = json_object_get(right, keys[i][0]);
    if (first != second && !(first && second && json_equal(first, second))) {
      return keys[i][1];
    }
  }
  return "the configurations (on machines with different numbers of cores, give --gc-threads)";
}

static enum harness_status check_one_plan(const struct merge *merge) {
  char first[17], other[17];
  const json_t *manifest = merge->sources[0].manifest;
  manifest_plan_id(manifest, first);
  for (size_t i = 1; i < merge->source_count; i++) {
    manifest_plan_id(merge->sources[i].manifest, other);
    if (strcmp(first, other) != 0) {
      return say_bad_input("%s is not of the plan of %s (%s, and %s): what differs: %s",
                           merge->sources[i].directory, merge->sources[0].directory, other, first,
                           what_differs(manifest, merge->sources[i].manifest));
    }
  }
  return HARNESS_DONE;
}

/* Runs without a given number of invocations have as many as one of them began. */
static void settle_invocations(struct merge *merge) {
  uint64_t last = 1;
  for (size_t i = 0; merge->experiment.invocations == 0 && i < merge->source_count; i++) {
    uint64_t own = run_directory_last_trial(merge->sources[i].directory);
    last = own > last ? own : last;
  }
  if (merge->experiment.invocations == 0) {
    uint64_t count = merge->plan.configuration_count;
    merge->experiment.invocations = (last + count - 1) / count;
  }
}

/* A trial whose file cannot be read is named and counts as missing. */
static bool has_trial(const struct merge_source *source, uint64_t number) {
  char path[PATH_MAX], error[PATH_MAX + 512];
  struct results_trial trial;
  if (results_trial_path(path, source->directory, number, error, sizeof error) != 0 ||
      access(path, F_OK) != 0) {
    return false;
  }
  if (results_trial_read(path, &trial, error, sizeof error) != 0) {
    say_note("Trial %" PRIu64 " is left out: %s", number, error);
    return false;
  }
  results_trial_finish(&trial);
  return true;
}

static void find_trials(struct merge *merge) {
  for (size_t place = 0; place < merge->trial_total; place++) {
    size_t *found = &merge->source_of[place];
    *found = SIZE_MAX;
    for (size_t i = 0; i < merge->source_count; i++) {
      if (!has_trial(&merge->sources[i], place + 1)) {
        continue;
      }
      if (*found == SIZE_MAX) {
        *found = i;
      } else {
        say_note("Trial %zu is in %s and in %s; that of %s is taken.", place + 1,
                 merge->sources[*found].directory, merge->sources[i].directory,
                 merge->sources[*found].directory);
      }
    }
    merge->missing += *found == SIZE_MAX;
  }
}

static enum harness_status read_trials(struct merge *merge) {
  merge->plan.shard = (struct plan_shard){0};
  settle_invocations(merge);
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < merge->source_count; i++) {
    status = run_check_trials(&merge->plan, merge->sources[i].directory);
  }
  if (status == HARNESS_DONE) {
    merge->trial_total = (size_t)merge->experiment.invocations * merge->plan.configuration_count;
    merge->source_of = memory_resize(NULL, merge->trial_total, sizeof *merge->source_of);
    find_trials(merge);
  }
  return status;
}

enum harness_status merge_open(struct merge *merge, const char *const *directories, size_t count) {
  *merge = (struct merge){.experiment = experiment_empty()};
  merge->sources = memory_resize(NULL, count, sizeof *merge->sources);
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < count; i++) {
    merge->sources[merge->source_count++] = (struct merge_source){directories[i], NULL, -1};
    status = check_named_once(merge);
    status = status == HARNESS_DONE ? open_source(&merge->sources[i]) : status;
  }
  if (status == HARNESS_DONE) {
    status = check_one_plan(merge);
  }
  if (status == HARNESS_DONE) {
    status = manifest_experiment(merge->sources[0].manifest, &merge->experiment);
  }
  if (status == HARNESS_DONE) {
    status = manifest_plan(merge->sources[0].manifest, &merge->experiment, &merge->plan);
  }
  return status == HARNESS_DONE ? read_trials(merge) : status;
}

void merge_close(struct merge *merge) {
  for (size_t i = 0; i < merge->source_count; i++) {
    run_directory_unlock(merge->sources[i].lock);
    json_decref(merge->sources[i].manifest);
  }
  plan_finish(&merge->plan);
  experiment_finish(&merge->experiment);
  free(merge->sources);
  free(merge->source_of);
  *merge = (struct merge){0};
}

/* --- copying ------------------------------------------------------------------------------------
 */

/* A file that is not there has nothing to copy. */
static enum harness_status copy_file(const char *from, const char *to) {
  char buffer[1 << 16], error[PATH_MAX + 512];
  struct results_file file;
  size_t bytes;
  FILE *stream = fopen(from, "rbe");
  if (!stream) {
    return errno == ENOENT ? HARNESS_DONE
                           : say_environment("cannot read %s: %s", from, strerror(errno));
  }
  int status = results_file_create(&file, to, error, sizeof error);
  if (status == 0) {
    while ((bytes = fread(buffer, 1, sizeof buffer, stream)) > 0) {
      fwrite(buffer, 1, bytes, file.stream); /* committing says whether it could */
    }
    if (ferror(stream)) {
      results_file_abandon(&file);
      fclose(stream);
      return say_environment("cannot read %s: %s", from, strerror(errno));
    }
    status = results_file_commit(&file, error, sizeof error);
  }
  fclose(stream);
  return status == 0 ? HARNESS_DONE : say_environment("%s", error);
}

/* The trial's JSON last: with it, a trial is there. */
static enum harness_status copy_trial(const char *from, const char *to, uint64_t number) {
  static const char *const suffixes[] = {"stderr.txt", "events.zst", "json"};
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < sizeof suffixes / sizeof *suffixes; i++) {
    char source[PATH_MAX], target[PATH_MAX];
    run_directory_file(source, from, number, suffixes[i]);
    run_directory_file(target, to, number, suffixes[i]);
    status = copy_file(source, target);
  }
  return status;
}

/* Shards have each seen that their own trials compute the same; here all are together. */
static enum harness_status check_trials(struct merge *merge, const char *directory) {
  struct checksums checksums;
  checksums_init(&checksums, &merge->plan, directory);
  size_t count = merge->plan.configuration_count;
  size_t *order = memory_resize(NULL, count, sizeof *order);
  enum harness_status status = HARNESS_DONE;
  for (size_t place = 0; status == HARNESS_DONE && place < merge->trial_total; place++) {
    char path[PATH_MAX], error[PATH_MAX + 512];
    struct results_trial trial;
    if (place % count == 0) {
      plan_order(&merge->plan, place / count + 1, order);
    }
    if (merge->source_of[place] == SIZE_MAX) {
      continue;
    }
    if (results_trial_path(path, directory, place + 1, error, sizeof error) != 0 ||
        results_trial_read(path, &trial, error, sizeof error) != 0) {
      status = say_environment("%s", error);
      break;
    }
    status = checksums_check(&checksums, order[place % count], &trial);
    results_trial_finish(&trial);
  }
  free(order);
  checksums_finish(&checksums);
  return status;
}

/* --- the manifest -------------------------------------------------------------------------------
 */

/* True when the list is none, for everything, or has the number. */
static bool lists(const json_t *trials, uint64_t number) {
  bool is_listed = !json_is_array(trials);
  for (size_t i = 0; !is_listed && i < json_array_size(trials); i++) {
    is_listed = json_integer_value(json_array_get(trials, i)) == (json_int_t)number;
  }
  return is_listed;
}

/* What `from` says of how its trials ran, with those of them that the merged run has. */
static json_t *shard_entry(const struct merge *merge, size_t source, const json_t *from) {
  static const char *const keys[] = {"directory", "shard",   "command_line",  "status", "started",
                                     "ended",     "machine", "machine_after", "noise"};
  json_t *entry = json_object(), *trials = json_array();
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_object_set(entry, keys[i], json_object_get(from, keys[i]));
  }
  const json_t *own = json_object_get(from, "trials"); /* a merged run's entries have lists */
  for (size_t place = 0; place < merge->trial_total; place++) {
    if (merge->source_of[place] == source && lists(own, place + 1)) {
      json_array_append_new(trials, json_integer((json_int_t)place + 1));
    }
  }
  json_object_set_new(entry, "trials", trials);
  return entry;
}

static const char *last_part(const char *path) {
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/') {
    length--;
  }
  while (length > 0 && path[length - 1] != '/') {
    length--;
  }
  return path + length;
}

static json_t *shards_of(const struct merge *merge) {
  json_t *shards = json_array();
  for (size_t i = 0; i < merge->source_count; i++) {
    const json_t *manifest = merge->sources[i].manifest;
    const json_t *own = json_object_get(manifest, "shards");
    if (!json_is_array(own)) {
      json_t *entry = shard_entry(merge, i, manifest);
      const char *name = last_part(merge->sources[i].directory);
      json_object_set_new(entry, "directory", json_stringn(name, strcspn(name, "/")));
      json_array_append_new(shards, entry);
    }
    for (size_t j = 0; j < json_array_size(own); j++) {
      json_array_append_new(shards, shard_entry(merge, i, json_array_get(own, j)));
    }
  }
  return shards;
}

/* Every sentence once, with the machine that it is about. */
static json_t *noise_of(const json_t *shards) {
  json_t *noise = json_array();
  for (size_t i = 0; i < json_array_size(shards); i++) {
    const json_t *shard = json_array_get(shards, i), *own = json_object_get(shard, "noise");
    const char *host =
        json_string_value(json_object_get(json_object_get(shard, "machine"), "host"));
    for (size_t j = 0; j < json_array_size(own); j++) {
      json_array_append_new(noise, json_sprintf("%s: %s", host ? host : "a machine without a name",
                                                json_string_value(json_array_get(own, j))));
    }
  }
  return noise;
}

static uint64_t whole_invocations(const struct merge *merge) {
  uint64_t whole = 0;
  size_t count = merge->plan.configuration_count;
  for (size_t first = 0; first < merge->trial_total; first += count) {
    size_t there = 0;
    for (size_t i = 0; i < count; i++) {
      there += merge->source_of[first + i] != SIZE_MAX;
    }
    whole += there == count;
  }
  return whole;
}

static enum harness_status write_manifest(const struct merge *merge, const char *directory) {
  json_t *manifest = json_copy(merge->sources[0].manifest), *shards = shards_of(merge);
  json_object_set_new(manifest, "noise", noise_of(shards));
  json_object_set_new(manifest, "shard", json_null());
  json_object_set_new(manifest, "shards", shards);
  json_object_set_new(manifest, "invocations_asked",
                      json_integer((json_int_t)merge->experiment.invocations));
  enum harness_status status =
      manifest_write(manifest, directory, merge->missing == 0 ? "finished" : "interrupted",
                     whole_invocations(merge), merge->trial_total - merge->missing);
  json_decref(manifest);
  return status;
}

/* "3, 7-9": as much as fits. */
static void list_missing(const struct merge *merge, char *text, size_t text_size) {
  size_t used = 0;
  for (size_t place = 0; place < merge->trial_total; place++) {
    size_t end = place;
    while (end < merge->trial_total && merge->source_of[end] == SIZE_MAX) {
      end++;
    }
    if (end == place) {
      continue;
    }
    if (used + 64 > text_size) {
      snprintf(text + used, text_size - used, ", and more");
      return;
    }
    used +=
        (size_t)snprintf(text + used, text_size - used, "%s%zu", used > 0 ? ", " : "", place + 1);
    if (end - place > 1) {
      used += (size_t)snprintf(text + used, text_size - used, "-%zu", end);
    }
    place = end;
  }
}

static void say_missing(const struct merge *merge, const char *directory) {
  char missing[512] = "";
  list_missing(merge, missing, sizeof missing);
  say_note(
      "Missing: %zu of %zu trials: %s. What there is can be looked at; tricolor run --resume %s "
      "runs the others here.",
      merge->missing, merge->trial_total, missing, run_directory_shown(directory));
}

static enum harness_status fill(struct merge *merge, const char *directory) {
  enum harness_status status = HARNESS_DONE;
  for (size_t place = 0; status == HARNESS_DONE && place < merge->trial_total; place++) {
    size_t source = merge->source_of[place];
    if (source != SIZE_MAX) {
      status = copy_trial(merge->sources[source].directory, directory, place + 1);
    }
  }
  if (status == HARNESS_DONE) {
    status = check_trials(merge, directory);
  }
  return status == HARNESS_DONE ? write_manifest(merge, directory) : status;
}

enum harness_status merge_into(struct merge *merge, const char *out, char directory[PATH_MAX]) {
  merge->experiment.out = out;
  enum harness_status status = conduct_make_directory(&merge->plan, directory);
  if (status != HARNESS_DONE) {
    return status;
  }
  status = fill(merge, directory);
  if (status != HARNESS_DONE) {
    say_note("%s is incomplete; remove it before merging again.", run_directory_shown(directory));
    return status;
  }
  if (!out) {
    run_directory_set_latest(directory);
  }
  if (merge->missing > 0) {
    say_missing(merge, directory);
  }
  return status;
}
