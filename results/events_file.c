/* Writes the events of a trial; events_file.h states the format, events_reader.c reads it. */
#include "results/events_file.h"
#include "heap/recording.h"
#include "results/file.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* A fast level: the events of a long trial cost milliseconds to write, and shrink to a third. */
enum { compression_level = 3 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "words are written as they lie in memory");

/* --- the header --------------------------------------------------------------------------------
 */

static json_t *names_array(const char *const *names, size_t count) {
  json_t *array = json_array();
  for (size_t index = 0; index < count; index++)
    json_array_append_new(array, json_string(names[index] ? names[index] : ""));
  return array;
}

static json_t *events_array(void) {
  json_t *array = json_array();
  for (size_t number = 0; number < GC_EVENT_NUMBERS; number++) {
    const struct gc_event_description *event = &gc_event_descriptions[number];
    json_t *fields = json_array();
    for (size_t index = 0; index < event->field_count; index++)
      json_array_append_new(fields, json_pack("{s:s,s:s}", "name", event->fields[index].name,
                                              "unit", event->fields[index].unit));
    json_array_append_new(array, json_pack("{s:s,s:o}", "name", event->name, "fields", fields));
  }
  return array;
}

static const char *const aggregate_names[] = {
    [GC_AGGREGATE_SUM] = "sum", [GC_AGGREGATE_MAX] = "max", [GC_AGGREGATE_LAST] = "last"};

static json_t *counters_array(const struct results_events_source *source) {
  json_t *array = json_array();
  for (size_t index = 0; index < source->counter_count; index++) {
    const struct gc_counter_description *counter = &source->counters[index];
    json_array_append_new(array,
                          json_pack("{s:s,s:s,s:s}", "name", counter->name, "unit", counter->unit,
                                    "aggregate", aggregate_names[counter->aggregate]));
  }
  return array;
}

static json_t *rings_array(const struct results_events_source *source) {
  json_t *array = json_array();
  for (size_t index = 0; index < source->ring_count; index++) {
    const struct gc_event_ring *ring = source->rings[index];
    json_array_append_new(array, json_pack("{s:I,s:I,s:I}", "ring", (json_int_t)ring->ring_number,
                                           "words", (json_int_t)ring->used_words, "lost_events",
                                           (json_int_t)ring->lost_events));
  }
  return array;
}

/* Owned by the caller; null when memory is lacking. */
static char *header_text(const struct results_events_source *source) {
  json_t *header = json_pack("{s:i,s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "schema_version", 1, "clock",
                             "CLOCK_MONOTONIC", "events", events_array(), "kinds",
                             names_array(gc_pause_kind_names, GC_PAUSE_KINDS), "reasons",
                             names_array(gc_pause_reason_names, GC_PAUSE_REASONS), "phases",
                             names_array(source->phases, source->phase_count), "counters",
                             counters_array(source), "rings", rings_array(source));
  char *text = header ? json_dumps(header, JSON_COMPACT) : NULL;
  json_decref(header);
  return text;
}

/* --- the stream --------------------------------------------------------------------------------
 */

struct compressor {
  ZSTD_CCtx *context;
  FILE *stream;
  int status; /* 0, -ENOMEM, or -EIO when the stream refused */
  char output[1 << 16];
};

static void compress(struct compressor *compressor, const void *bytes, size_t size,
                     ZSTD_EndDirective end) {
  ZSTD_inBuffer input = {bytes, size, 0};
  size_t left;
  do {
    ZSTD_outBuffer output = {compressor->output, sizeof compressor->output, 0};
    left = ZSTD_compressStream2(compressor->context, &output, &input, end);
    if (compressor->status)
      return;
    if (ZSTD_isError(left))
      compressor->status = -ENOMEM;
    else if (fwrite(compressor->output, 1, output.pos, compressor->stream) != output.pos)
      compressor->status = -EIO;
  } while (!compressor->status && (end == ZSTD_e_end ? left != 0 : input.pos < input.size));
}

static int write_stream(FILE *stream, const struct results_events_source *source) {
  char *header = header_text(source);
  struct compressor *compressor = calloc(1, sizeof *compressor);
  ZSTD_CCtx *context = ZSTD_createCCtx();
  int status = -ENOMEM;
  if (header && compressor && context) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, compression_level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    compressor->context = context;
    compressor->stream = stream;
    uint32_t length = (uint32_t)strlen(header);
    compress(compressor, RESULTS_EVENTS_MAGIC, sizeof RESULTS_EVENTS_MAGIC - 1, ZSTD_e_continue);
    compress(compressor, &length, sizeof length, ZSTD_e_continue);
    compress(compressor, header, length, ZSTD_e_continue);
    for (size_t index = 0; index < source->ring_count; index++)
      compress(compressor, source->rings[index]->words,
               source->rings[index]->used_words * sizeof(uint64_t), ZSTD_e_continue);
    compress(compressor, NULL, 0, ZSTD_e_end);
    status = compressor->status;
  }
  ZSTD_freeCCtx(context);
  free(compressor);
  free(header);
  return status;
}

int results_events_write_source(const char *path, const struct results_events_source *source,
                                char *error, size_t error_size) {
  struct results_file file;
  int status = results_file_create(&file, path, error, error_size);
  if (status)
    return status;
  status = write_stream(file.stream, source);
  if (status == -ENOMEM) {
    results_file_abandon(&file);
    return results_fail(status, error, error_size, "%s cannot be written: out of memory", path);
  }
  return results_file_commit(&file, error, error_size);
}

int results_events_write(const char *path, struct gc_heap *heap, const struct gc_event_ring *extra,
                         char *error, size_t error_size) {
  if (heap) {
    gc_recording_finish(heap);
  }
  size_t heap_rings = heap ? gc_recording_ring_count(heap) : 0;
  size_t phase_count = heap ? gc_recording_phase_count(heap) : 0;
  size_t counter_count = heap ? gc_recording_counter_count(heap) : 0;
  const struct gc_event_ring **rings = calloc(heap_rings + 1, sizeof *rings);
  const char **phases = calloc(phase_count + 1, sizeof *phases);
  struct gc_counter_description *counters = calloc(counter_count + 1, sizeof *counters);
  int status = -ENOMEM;
  if (!rings || !phases || !counters) {
    results_fail(status, error, error_size, "%s cannot be written: out of memory", path);
    goto out;
  }
  for (size_t index = 0; index < heap_rings; index++)
    rings[index] = gc_recording_ring(heap, index);
  for (size_t index = 0; index < phase_count; index++)
    phases[index] = gc_recording_phase_name(heap, index);
  for (size_t index = 0; index < counter_count; index++)
    counters[index] = *gc_recording_counter(heap, index);
  if (extra)
    rings[heap_rings] = extra;
  struct results_events_source source = {.rings = rings,
                                         .ring_count = heap_rings + (extra ? 1 : 0),
                                         .phases = phases,
                                         .phase_count = phase_count,
                                         .counters = counters,
                                         .counter_count = counter_count};
  status = results_events_write_source(path, &source, error, error_size);
out:
  free(counters);
  free(phases);
  free(rings);
  return status;
}
