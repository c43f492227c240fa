/* Reads the events of a trial back; events_file.h states the format.
 *
 * The file's header says which events, fields, kinds and reasons its numbers stand for. They are
 * mapped by name to this program's: a field that this program does not know is skipped, an event as
 * well; a pause kind or reason that it does not know is an error, because leaving pauses out would
 * make a trial look better than it was.
 */
#include "results/events_file.h"
#include "results/file.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { fields_max = 64, header_max_bytes = 16 << 20, skip = -1 };

struct reader {
  const char *path;
  FILE *stream;
  ZSTD_DCtx *context;
  uint8_t *input, *output;
  ZSTD_inBuffer in;
  size_t output_used, output_read;
  size_t frame_left; /* what zstd still expects; 0 at the end of a frame */
  char *error;
  size_t error_size;

  /* The file's numbers in this program's. */
  struct event_map {
    int number; /* or skip */
    size_t field_count;
    int fields[fields_max];       /* this program's place, or skip */
    const int *lists[fields_max]; /* kinds or reasons, for fields of those units */
    size_t list_counts[fields_max];
  } * events;
  size_t event_count;
  int *kinds, *reasons;
  size_t kind_count, reason_count;
};

static int damaged(struct reader *reader, const char *what) {
  return results_fail(-EPROTO, reader->error, reader->error_size, "%s is damaged: %s", reader->path,
                      what);
}

/* --- bytes -------------------------------------------------------------------------------------
 */

enum { input_bytes = 1 << 17, output_bytes = 1 << 20 };

/* Moves what is unread to the front and fills the rest. 1: more came; 0: the file has ended. */
static int fill(struct reader *reader) {
  memmove(reader->output, reader->output + reader->output_read,
          reader->output_used - reader->output_read);
  reader->output_used -= reader->output_read;
  reader->output_read = 0;
  for (;;) {
    ZSTD_outBuffer out = {reader->output, output_bytes, reader->output_used};
    size_t before = out.pos, consumed = reader->in.pos;
    size_t left = ZSTD_decompressStream(reader->context, &out, &reader->in);
    if (ZSTD_isError(left))
      return damaged(reader, "it does not decompress");
    if (out.pos > before || reader->in.pos > consumed)
      reader->frame_left = left;
    reader->output_used = out.pos;
    if (out.pos > before)
      return 1;
    if (reader->in.pos < reader->in.size)
      continue;
    reader->in =
        (ZSTD_inBuffer){reader->input, fread(reader->input, 1, input_bytes, reader->stream), 0};
    if (reader->in.size == 0)
      return reader->frame_left ? damaged(reader, "it is truncated") : 0;
  }
}

/* At least `size` unread bytes, or 0 when the file ended before the first of them. */
static int need(struct reader *reader, size_t size) {
  while (reader->output_used - reader->output_read < size) {
    int status = fill(reader);
    if (status < 0)
      return status;
    if (status == 0)
      return reader->output_used == reader->output_read ? 0 : damaged(reader, "it is truncated");
  }
  return 1;
}

static int take(struct reader *reader, void *bytes, size_t size) {
  uint8_t *at = bytes;
  while (size > 0) {
    int status = need(reader, 1);
    if (status <= 0)
      return status < 0 ? status : damaged(reader, "it is truncated");
    size_t have = reader->output_used - reader->output_read;
    size_t part = have < size ? have : size;
    memcpy(at, reader->output + reader->output_read, part);
    reader->output_read += part;
    at += part;
    size -= part;
  }
  return 0;
}

/* --- the header --------------------------------------------------------------------------------
 */

/* This program's numbers of a file's list of names. */
static int map_names(struct reader *reader, json_t *array, const char *const *names, size_t count,
                     int **map, size_t *map_count) {
  *map_count = json_array_size(array);
  *map = calloc(*map_count + 1, sizeof **map);
  if (!*map)
    return results_fail(-ENOMEM, reader->error, reader->error_size, "%s: out of memory",
                        reader->path);
  for (size_t index = 0; index < *map_count; index++) {
    const char *name = json_string_value(json_array_get(array, index));
    (*map)[index] = skip;
    for (size_t number = 0; name && number < count; number++)
      if (strcmp(name, names[number]) == 0)
        (*map)[index] = (int)number;
  }
  return 0;
}

static int find_event(const char *name) {
  for (int number = 0; name && number < GC_EVENT_NUMBERS; number++)
    if (strcmp(name, gc_event_descriptions[number].name) == 0)
      return number;
  return skip;
}

static int find_field(int event, const char *name) {
  const struct gc_event_description *description = &gc_event_descriptions[event];
  for (size_t index = 0; name && index < description->field_count; index++)
    if (strcmp(name, description->fields[index].name) == 0)
      return (int)index;
  return skip;
}

static int map_event(struct reader *reader, json_t *json, struct event_map *map) {
  json_t *fields = json_object_get(json, "fields");
  map->number = find_event(json_string_value(json_object_get(json, "name")));
  map->field_count = json_array_size(fields);
  if (map->field_count > fields_max)
    return damaged(reader, "an event has too many fields");
  for (size_t index = 0; map->number != skip && index < map->field_count; index++) {
    json_t *field = json_array_get(fields, index);
    const char *unit = json_string_value(json_object_get(field, "unit"));
    map->fields[index] = find_field(map->number, json_string_value(json_object_get(field, "name")));
    if (unit && strcmp(unit, "kind") == 0) {
      map->lists[index] = reader->kinds;
      map->list_counts[index] = reader->kind_count;
    } else if (unit && strcmp(unit, "reason") == 0) {
      map->lists[index] = reader->reasons;
      map->list_counts[index] = reader->reason_count;
    }
  }
  return 0;
}

static int map_header(struct reader *reader, json_t *header) {
  json_t *events = json_object_get(header, "events");
  json_int_t version = json_integer_value(json_object_get(header, "schema_version"));
  if (version != 1)
    return results_fail(-EPROTO, reader->error, reader->error_size,
                        "%s has schema version %" JSON_INTEGER_FORMAT "; this program reads 1",
                        reader->path, version);
  int status = map_names(reader, json_object_get(header, "kinds"), gc_pause_kind_names,
                         GC_PAUSE_KINDS, &reader->kinds, &reader->kind_count);
  if (!status)
    status = map_names(reader, json_object_get(header, "reasons"), gc_pause_reason_names,
                       GC_PAUSE_REASONS, &reader->reasons, &reader->reason_count);
  reader->event_count = json_array_size(events);
  reader->events = calloc(reader->event_count + 1, sizeof *reader->events);
  if (!status && !reader->events)
    status =
        results_fail(-ENOMEM, reader->error, reader->error_size, "%s: out of memory", reader->path);
  for (size_t index = 0; !status && index < reader->event_count; index++)
    status = map_event(reader, json_array_get(events, index), &reader->events[index]);
  return status;
}

static char *copy_of(json_t *json) {
  const char *text = json_string_value(json);
  return strdup(text ? text : "");
}

static enum gc_aggregate aggregate_of(json_t *json) {
  const char *name = json_string_value(json);
  if (name && strcmp(name, "max") == 0)
    return GC_AGGREGATE_MAX;
  return name && strcmp(name, "last") == 0 ? GC_AGGREGATE_LAST : GC_AGGREGATE_SUM;
}

static int take_names(struct reader *reader, json_t *header, struct results_events_names *names) {
  json_t *phases = json_object_get(header, "phases"),
         *counters = json_object_get(header, "counters");
  json_t *rings = json_object_get(header, "rings"), *json;
  size_t index;
  bool is_whole = true;
  names->phases = calloc(json_array_size(phases) + 1, sizeof *names->phases);
  names->counters = calloc(json_array_size(counters) + 1, sizeof *names->counters);
  if (!names->phases || !names->counters)
    return results_fail(-ENOMEM, reader->error, reader->error_size, "%s: out of memory",
                        reader->path);
  json_array_foreach(phases, index, json) {
    names->phases[names->phase_count++] = copy_of(json);
    is_whole &= names->phases[index] != NULL;
  }
  json_array_foreach(counters, index, json) {
    names->counters[names->counter_count++] = (struct results_counter_name){
        .name = copy_of(json_object_get(json, "name")),
        .unit = copy_of(json_object_get(json, "unit")),
        .aggregate = aggregate_of(json_object_get(json, "aggregate"))};
    is_whole &= names->counters[index].name && names->counters[index].unit;
  }
  json_array_foreach(rings, index, json) {
    json_int_t lost = json_integer_value(json_object_get(json, "lost_events"));
    names->lost_events += lost > 0 ? (uint64_t)lost : 0;
  }
  if (!is_whole)
    return results_fail(-ENOMEM, reader->error, reader->error_size, "%s: out of memory",
                        reader->path);
  return 0;
}

void results_events_names_finish(struct results_events_names *names) {
  for (size_t index = 0; index < names->phase_count; index++)
    free(names->phases[index]);
  for (size_t index = 0; index < names->counter_count; index++) {
    free(names->counters[index].name);
    free(names->counters[index].unit);
  }
  free(names->phases);
  free(names->counters);
  *names = (struct results_events_names){0};
}

static int read_header(struct reader *reader, struct results_events_names *names) {
  char magic[sizeof RESULTS_EVENTS_MAGIC - 1];
  uint32_t length = 0;
  int status = take(reader, magic, sizeof magic);
  if (!status && memcmp(magic, RESULTS_EVENTS_MAGIC, sizeof magic) != 0)
    status = damaged(reader, "it does not begin as an events file does");
  if (!status)
    status = take(reader, &length, sizeof length);
  if (!status && length > header_max_bytes)
    status = damaged(reader, "its header claims too many bytes");
  char *text = status ? NULL : malloc((size_t)length + 1);
  if (!status)
    status = text ? take(reader, text, length)
                  : results_fail(-ENOMEM, reader->error, reader->error_size, "%s: out of memory",
                                 reader->path);
  json_t *header = status ? NULL : json_loadb(text, length, 0, NULL);
  free(text);
  if (!status && !json_is_object(header))
    status = damaged(reader, "its header is not JSON");
  if (!status)
    status = map_header(reader, header);
  if (!status)
    status = take_names(reader, header, names);
  json_decref(header);
  return status;
}

/* --- records -----------------------------------------------------------------------------------
 */

static int read_record(struct reader *reader, uint64_t head, results_events_visit *visit,
                       void *context) {
  size_t number = head & 0xffff, field_count = head >> 16 & 0xffff;
  if (number >= reader->event_count || field_count != reader->events[number].field_count)
    return damaged(reader, "a record does not match the header");
  const struct event_map *map = &reader->events[number];
  uint64_t words[fields_max], fields[fields_max] = {0};
  int status = take(reader, words, field_count * sizeof *words);
  if (status || map->number == skip)
    return status;
  for (size_t index = 0; index < field_count; index++) {
    uint64_t word = words[index];
    if (map->lists[index]) {
      if (word >= map->list_counts[index] || map->lists[index][word] == skip)
        return damaged(reader, "it has a pause kind or reason that this program does not know");
      word = (uint64_t)map->lists[index][word];
    }
    if (map->fields[index] != skip)
      fields[map->fields[index]] = word;
  }
  return visit(context, (enum gc_event_number)map->number, (uint32_t)(head >> 32), fields);
}

static int read_all(struct reader *reader, struct results_events_names *names,
                    results_events_visit *visit, void *context) {
  int status = read_header(reader, names);
  while (!status) {
    uint64_t head;
    int more = need(reader, sizeof head);
    if (more <= 0)
      return more;
    memcpy(&head, reader->output + reader->output_read, sizeof head);
    reader->output_read += sizeof head;
    status = read_record(reader, head, visit, context);
  }
  return status;
}

int results_events_read(const char *path, struct results_events_names *names,
                        results_events_visit *visit, void *context, char *error,
                        size_t error_size) {
  *names = (struct results_events_names){0};
  struct reader reader = {.path = path,
                          .frame_left = 1,
                          .error = error,
                          .error_size = error_size,
                          .stream = fopen(path, "re")};
  if (!reader.stream)
    return results_fail(-errno, error, error_size, "%s cannot be read: %s", path, strerror(errno));
  reader.context = ZSTD_createDCtx();
  reader.input = malloc(input_bytes);
  reader.output = malloc(output_bytes);
  int status = reader.context && reader.input && reader.output
                   ? read_all(&reader, names, visit, context)
                   : results_fail(-ENOMEM, error, error_size, "%s: out of memory", path);
  if (status)
    results_events_names_finish(names);
  free(reader.events);
  free(reader.kinds);
  free(reader.reasons);
  free(reader.output);
  free(reader.input);
  ZSTD_freeDCtx(reader.context);
  fclose(reader.stream);
  return status;
}
