/* trials/NNNN.json: written and read by walking the field list of schema.def.
 *
 * Each type of field has one pair of functions, put_<type> and get_<type>; the list calls them. A
 * missing key is an error, so that a hand-edited file is noticed rather than read as zeros.
 */
#include "results/trial.h"
#include "results/file.h"
#include "results/json_file.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const results_status_names[RESULTS_STATUSES] = {
#define RESULTS_STATUS(name, description) #name,
#include "results/schema.def"
};

static const char *const status_words[RESULTS_STATUSES] = {
    [RESULTS_ok] = "ok",
    [RESULTS_out_of_memory] = "out of memory",
    [RESULTS_crashed] = "crashed",
    [RESULTS_timed_out] = "timed out",
    [RESULTS_rss_exceeded] = "exceeded RSS",
    [RESULTS_wrong_result] = "wrong result",
    [RESULTS_refused] = "refused",
    [RESULTS_incomplete] = "incomplete",
    [RESULTS_skipped] = "skipped",
};

const char *results_status_words(enum results_status status) {
  return status_words[status];
}

/* --- settings and texts ------------------------------------------------------------------------
 */

void results_settings_finish(struct results_settings *settings) {
  for (size_t index = 0; index < settings->count; index++) {
    free(settings->items[index].name);
    free(settings->items[index].text);
  }
  free(settings->items);
  *settings = (struct results_settings){0};
}

/* Place of the name, or of the first that follows it. */
static size_t settings_place(const struct results_settings *settings, const char *name) {
  size_t place = 0;
  while (place < settings->count && strcmp(settings->items[place].name, name) < 0)
    place++;
  return place;
}

static bool settings_has(const struct results_settings *settings, size_t place, const char *name) {
  return place < settings->count && strcmp(settings->items[place].name, name) == 0;
}

int results_settings_add(struct results_settings *settings, const char *name, const char *text) {
  size_t place = settings_place(settings, name);
  char *text_copy = strdup(text);
  if (!text_copy)
    return -ENOMEM;
  if (settings_has(settings, place, name)) {
    free(settings->items[place].text);
    settings->items[place].text = text_copy;
    return 0;
  }
  struct results_setting *items =
      realloc(settings->items, (settings->count + 1) * sizeof *settings->items);
  if (items)
    settings->items = items;
  char *name_copy = items ? strdup(name) : NULL;
  if (!name_copy) {
    free(text_copy);
    return -ENOMEM;
  }
  memmove(items + place + 1, items + place, (settings->count - place) * sizeof *items);
  items[place] = (struct results_setting){name_copy, text_copy};
  settings->count++;
  return 0;
}

const char *results_settings_find(const struct results_settings *settings, const char *name) {
  size_t place = settings_place(settings, name);
  return settings_has(settings, place, name) ? settings->items[place].text : NULL;
}

/* Cuts between characters, so that what is kept is still UTF-8. */
void results_text_set(struct results_text *field, const char *text) {
  size_t length = strnlen(text, sizeof field->text - 1);
  if (text[length])
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
      length--;
  memcpy(field->text, text, length);
  memset(field->text + length, 0, sizeof field->text - length);
}

/* --- the whole trial ---------------------------------------------------------------------------
 */

#define INIT_number(field)
#define INIT_duration(field)
#define INIT_seed(field)
#define INIT_flag(field)
#define INIT_text(field)
#define INIT_settings(field)
#define INIT_ratio(field) (field) = NAN;

void results_trial_init(struct results_trial *trial) {
  memset(trial, 0, sizeof *trial);
#define RESULTS_FIELD(group, name, type, unit, description) INIT_##type(trial->group.name)
#include "results/schema.def"
  trial->configuration.iterations = 1;
}

void results_trial_finish(struct results_trial *trial) {
  results_settings_finish(&trial->configuration.parameters);
  results_settings_finish(&trial->configuration.options);
}

void results_trial_set_heap(struct results_trial *trial, const struct gc_statistics *statistics,
                            const struct gc_memory_usage *usage) {
  struct results_heap *heap = &trial->heap;
  heap->scavenge_count = statistics->scavenge_count;
  heap->full_count = statistics->full_count;
  heap->allocated_bytes = statistics->allocated_bytes;
  heap->survived_bytes = statistics->survived_bytes;
  heap->survived_objects = statistics->survived_objects;
  heap->promoted_bytes = statistics->promoted_bytes;
  heap->promoted_objects = statistics->promoted_objects;
  heap->marked_bytes = statistics->marked_bytes;
  heap->marked_objects = statistics->marked_objects;
  heap->marked_slots = statistics->marked_slots;
  heap->swept_bytes = statistics->swept_bytes;
  heap->evacuated_bytes = statistics->evacuated_bytes;
  heap->evacuated_objects = statistics->evacuated_objects;
  heap->evacuated_blocks = statistics->evacuated_blocks;
  heap->updated_slots = statistics->updated_slots;
  heap->scavenge_ns = statistics->scavenge_ns;
  heap->mark_ns = statistics->mark_ns;
  heap->sweep_ns = statistics->sweep_ns;
  heap->last_live_bytes = statistics->last_live_bytes;
  heap->stop_count = statistics->stop_count;
  heap->stop_ns = statistics->stop_ns;
  heap->rss_bytes = usage->rss_bytes;
  heap->heap_total_bytes = usage->heap_total_bytes;
  heap->heap_used_bytes = usage->heap_used_bytes;
  heap->external_bytes = usage->external_bytes;
  heap->buffers_bytes = usage->buffers_bytes;
  heap->heap_limit_bytes = usage->heap_limit_bytes;
  heap->metadata_bytes = usage->metadata_bytes;
  heap->machine_total_bytes = usage->machine_total_bytes;
  heap->machine_free_bytes = usage->machine_free_bytes;
}

/* DIRECTORY/trials/NNNN<ending>. */
static int trial_path(char path[PATH_MAX], const char *directory, uint64_t trial,
                      const char *ending, char *error, size_t error_size) {
  char name[64];
  snprintf(name, sizeof name, "trials/%04" PRIu64 "%s", trial, ending);
  return results_path(path, directory, name, error, error_size);
}

int results_trial_path(char path[PATH_MAX], const char *directory, uint64_t trial, char *error,
                       size_t error_size) {
  return trial_path(path, directory, trial, ".json", error, error_size);
}

int results_trial_events_path(char path[PATH_MAX], const char *directory, uint64_t trial,
                              char *error, size_t error_size) {
  return trial_path(path, directory, trial, ".events.zst", error, error_size);
}

/* --- writing -----------------------------------------------------------------------------------
 */

static json_t *put_number(const uint64_t *value) {
  return json_integer((json_int_t)(*value > INT64_MAX ? INT64_MAX : *value));
}

static json_t *put_duration(const uint64_t *value) {
  return *value == UINT64_MAX ? json_null() : put_number(value);
}

static json_t *put_seed(const uint64_t *value) {
  return json_sprintf("%" PRIu64, *value);
}

static json_t *put_ratio(const double *value) {
  return isfinite(*value) ? json_real(*value) : json_null();
}

static json_t *put_flag(const bool *value) {
  return json_boolean(*value);
}

/* A text that is not UTF-8 (a file's name may be anything) keeps its ASCII characters. */
static json_t *text_or_ascii(const char *text) {
  json_t *string = json_string(text);
  if (string)
    return string;
  char *copy = strdup(text);
  if (!copy)
    return NULL;
  for (char *at = copy; *at; at++)
    if ((unsigned char)*at >= 0x80)
      *at = '?';
  string = json_string(copy);
  free(copy);
  return string;
}

static json_t *put_text(const struct results_text *value) {
  return text_or_ascii(value->text);
}

static json_t *put_settings(const struct results_settings *value) {
  json_t *object = json_object();
  for (size_t index = 0; index < value->count; index++)
    json_object_set_new(object, value->items[index].name, text_or_ascii(value->items[index].text));
  return object;
}

static json_t *trial_object(const struct results_trial *trial) {
  json_t *object = json_object(), *group;
  json_object_set_new(object, "schema_version", json_integer(RESULTS_SCHEMA_VERSION));
  json_object_set_new(object, "trial", put_number(&trial->trial));
  json_object_set_new(object, "status", json_string(results_status_names[trial->status]));
  json_object_set_new(object, "status_detail", put_text(&trial->status_detail));
#define RESULTS_GROUP(name, description)                                                           \
  group = json_object();                                                                           \
  json_object_set_new(object, #name, group);
#define RESULTS_FIELD(group_name, name, type, unit, description)                                   \
  json_object_set_new(group, #name, put_##type(&trial->group_name.name));
#include "results/schema.def"
  return object;
}

int results_trial_write(const char *path, const struct results_trial *trial, char *error,
                        size_t error_size) {
  return results_json_file_write(path, trial_object(trial), error, error_size);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static bool get_number(const json_t *json, uint64_t *value) {
  if (!json_is_integer(json) || json_integer_value(json) < 0)
    return false;
  *value = (uint64_t)json_integer_value(json);
  return true;
}

static bool get_duration(const json_t *json, uint64_t *value) {
  *value = UINT64_MAX;
  return json_is_null(json) || get_number(json, value);
}

static bool get_seed(const json_t *json, uint64_t *value) {
  const char *text = json_string_value(json);
  if (!text || *text < '0' || *text > '9')
    return false;
  char *end;
  errno = 0;
  *value = strtoull(text, &end, 10);
  return *end == 0 && errno == 0;
}

static bool get_ratio(const json_t *json, double *value) {
  *value = json_is_number(json) ? json_number_value(json) : NAN;
  return json_is_number(json) || json_is_null(json);
}

static bool get_flag(const json_t *json, bool *value) {
  *value = json_is_true(json);
  return json_is_boolean(json);
}

static bool get_text(const json_t *json, struct results_text *value) {
  if (!json_is_string(json))
    return false;
  results_text_set(value, json_string_value(json));
  return true;
}

static bool get_settings(json_t *json, struct results_settings *value) {
  if (!json_is_object(json))
    return false;
  const char *name;
  json_t *text;
  json_object_foreach(json, name, text) {
    if (!json_is_string(text) || results_settings_add(value, name, json_string_value(text)))
      return false;
  }
  return true;
}

/* Fails once: later fields are skipped and the first sentence stays. */
struct field_reader {
  const char *path;
  json_t *group;
  uint64_t version;
  int status;
  char *error;
  size_t error_size;
};

static json_t *get_field(struct field_reader *reader, json_t *object, const char *name) {
  json_t *json = json_object_get(object, name);
  if (!json && !reader->status)
    reader->status = results_fail(-EPROTO, reader->error, reader->error_size,
                                  "%s has no key \"%s\"", reader->path, name);
  return reader->status ? NULL : json;
}

static void check_field(struct field_reader *reader, bool is_good, const char *name) {
  if (!is_good && !reader->status)
    reader->status =
        results_fail(-EPROTO, reader->error, reader->error_size,
                     "%s: the value of \"%s\" is not what it should be", reader->path, name);
}

static void read_status(struct field_reader *reader, json_t *object, struct results_trial *trial) {
  json_t *json = get_field(reader, object, "status");
  const char *name = json_string_value(json);
  size_t status = 0;
  while (name && status < RESULTS_STATUSES && strcmp(name, results_status_names[status]) != 0)
    status++;
  check_field(reader, name && status < RESULTS_STATUSES, "status");
  if (!reader->status)
    trial->status = (enum results_status)status;
}

static void read_version(struct field_reader *reader, json_t *object) {
  json_t *json = get_field(reader, object, "schema_version");
  check_field(reader, json && get_number(json, &reader->version), "schema_version");
  if (!reader->status && (reader->version < 1 || reader->version > RESULTS_SCHEMA_VERSION))
    reader->status = results_fail(-EPROTO, reader->error, reader->error_size,
                                  "%s has schema version %" PRIu64 "; this program reads 1 to %d",
                                  reader->path, reader->version, RESULTS_SCHEMA_VERSION);
}

static void read_fields(struct field_reader *reader, json_t *object, struct results_trial *trial) {
  json_t *json;
  read_version(reader, object);
  if ((json = get_field(reader, object, "trial")))
    check_field(reader, get_number(json, &trial->trial), "trial");
  read_status(reader, object, trial);
  if ((json = get_field(reader, object, "status_detail")))
    check_field(reader, get_text(json, &trial->status_detail), "status_detail");
#define RESULTS_GROUP(name, description)                                                           \
  reader->group = get_field(reader, object, #name);                                                \
  check_field(reader, json_is_object(reader->group), #name);
#define RESULTS_FIELD(group_name, name, type, unit, description)                                   \
  if ((json = get_field(reader, reader->group, #name)))                                            \
    check_field(reader, get_##type(json, &trial->group_name.name), #name);
#define RESULTS_FIELD_SINCE(since, group_name, name, type, unit, description)                      \
  if (reader->version >= (since) && (json = get_field(reader, reader->group, #name)))              \
    check_field(reader, get_##type(json, &trial->group_name.name), #name);
#include "results/schema.def"
}

int results_trial_read(const char *path, struct results_trial *trial, char *error,
                       size_t error_size) {
  FILE *stream = fopen(path, "re");
  if (!stream)
    return results_fail(-errno, error, error_size, "%s cannot be read: %s", path, strerror(errno));
  json_error_t json_error;
  json_t *object = json_loadf(stream, JSON_REJECT_DUPLICATES, &json_error);
  fclose(stream);
  if (!object)
    return results_fail(-EPROTO, error, error_size, "%s is not valid JSON: line %d: %s", path,
                        json_error.line, json_error.text);
  results_trial_init(trial);
  struct field_reader reader = {.path = path, .error = error, .error_size = error_size};
  check_field(&reader, json_is_object(object), "trial");
  read_fields(&reader, object, trial);
  json_decref(object);
  if (reader.status)
    results_trial_finish(trial);
  return reader.status;
}
