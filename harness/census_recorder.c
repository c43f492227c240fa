/* Taking samples for leak detection. See census_recorder.h. */
#include "harness/census_recorder.h"
#include "harness/clock.h"
#include "results/file.h"
#include "results/leak_images.h"
#include <errno.h>
#include <gc/census.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 1 << 20, STEPS_SHOWN = 12, PATH_TEXT_BYTES = 1024 };

static const char *name_of(struct gc_heap *heap, uint32_t type) {
  const char *name = gc_type_name(heap, type);
  return *name ? name : RESULTS_LEAK_UNNAMED;
}

/* --- paths -------------------------------------------------------------------------------------
 */

struct path_text {
  char text[PATH_TEXT_BYTES];
  size_t length;
};

GC_PRINTF(2, 3) static void append(struct path_text *path, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t room = sizeof path->text - path->length;
  int written = vsnprintf(path->text + path->length, room, format, arguments);
  va_end(arguments);
  if (written > 0) {
    path->length += (size_t)written < room ? (size_t)written : room - 1;
  }
}

static void append_step(struct path_text *path, struct gc_heap *heap,
                        const struct gc_census_step *step, size_t times) {
  append(path, " > %s", name_of(heap, step->type));
  if (step->slot == GC_CENSUS_VALUE) {
    append(path, ".value");
  } else {
    append(path, "[%u]", step->slot);
  }
  if (times > 1) {
    append(path, " x %zu", times);
  }
}

/* "handle > cache.table[3] > cache.entry[0] x 5 > cache.value": like steps are joined. */
static void write_steps(struct path_text *path, struct gc_heap *heap,
                        const struct gc_census_step *steps, size_t count, size_t length) {
  size_t last = length - 1, at = 0;
  for (size_t end, shown = 0; at < count && at < last && shown < STEPS_SHOWN; at = end, shown++) {
    for (end = at + 1; end < count && end < last && steps[end].type == steps[at].type &&
                       steps[end].slot == steps[at].slot;) {
      end++;
    }
    append_step(path, heap, &steps[at], end - at);
  }
  if (at < last) {
    append(path, " > … %zu more …", last - at);
  }
}

/* False for want of memory. */
static bool write_path(struct path_text *path, struct gc_heap *heap, const struct gc_census *census,
                       uint32_t node) {
  enum gc_census_origin origin;
  size_t length;
  gc_census_path(census, node, NULL, 0, &length, &origin);
  size_t count = length < STEPS_MAX ? length : STEPS_MAX;
  struct gc_census_step *steps = malloc(count * sizeof *steps);
  if (!steps) {
    return false;
  }
  gc_census_path(census, node, steps, count, &length, &origin);
  append(path, "%s", origin == GC_CENSUS_ROOT ? "global root" : "handle");
  write_steps(path, heap, steps, count, length);
  append(path, " > %s", name_of(heap, census->nodes[node].type));
  free(steps);
  return true;
}

/* --- samples -----------------------------------------------------------------------------------
 */

static int add_type(struct census_recorder *recorder, const struct gc_census *census,
                    const struct gc_census_type *type) {
  struct results_leak_site *site =
      results_leak_samples_site(&recorder->samples, name_of(recorder->heap, type->type));
  struct path_text path = {"", 0};
  if (!site || !write_path(&path, recorder->heap, census, type->example) ||
      results_leak_site_set_path(site, path.text) != 0) {
    return -ENOMEM;
  }
  site->counts[recorder->samples.count - 1] = (struct results_leak_count){
      .objects = (double)type->objects,
      .bytes = (double)(type->bytes + type->external_bytes),
      .survivor_bytes = (double)(type->survivor_bytes + type->survivor_external_bytes),
  };
  return 0;
}

/* What was declared has no objects, nor an age: the least that was there ever since the sample
 * before stands for its survivors. */
static int add_declared(struct census_recorder *recorder, double bytes) {
  struct results_leak_samples *samples = &recorder->samples;
  size_t last = samples->count - 1;
  struct results_leak_site *site = results_leak_samples_site(samples, RESULTS_LEAK_DECLARED);
  if (!site) {
    return -ENOMEM;
  }
  double before = last > 0 ? site->counts[last - 1].bytes : 0;
  site->counts[last] = (struct results_leak_count){
      .bytes = bytes, .survivor_bytes = bytes < before ? bytes : before};
  return 0;
}

static int add_sample(struct census_recorder *recorder, const struct gc_census *census,
                      uint64_t done, uint64_t time_ns) {
  struct results_leak_sample sample = {
      .work = (double)done,
      .time_ns = (double)time_ns,
      .heap_bytes = (double)census->bytes,
      .external_bytes = (double)census->external_bytes,
      .committed_bytes = (double)census->committed_bytes,
  };
  int status = results_leak_samples_add(&recorder->samples, &sample);
  for (size_t i = 0; status == 0 && i < census->type_count; i++) {
    status = add_type(recorder, census, &census->types[i]);
  }
  bool has_declared = census->declared_bytes > 0;
  return status == 0 && has_declared ? add_declared(recorder, (double)census->declared_bytes)
                                     : status;
}

/* --- images ------------------------------------------------------------------------------------
 */

/* When the image is due, of the samples that were asked for. */
static uint64_t image_due(const struct census_recorder *recorder) {
  switch (recorder->next_image) {
  case IMAGE_FIRST:
    return recorder->asked / 2;
  case IMAGE_SECOND:
    return recorder->asked * 3 / 4;
  case IMAGE_THIRD:
    return recorder->asked - 1;
  case IMAGES_DONE:
    break;
  }
  return UINT64_MAX;
}

/* Takes the image, or frees it. */
static void use_image(struct census_recorder *recorder, struct gc_image *image, uint64_t done) {
  struct results_leak_images *images = &recorder->samples.images;
  switch (recorder->next_image++) {
  case IMAGE_FIRST:
    recorder->first_image = *image;
    images->first_work = (double)done;
    return;
  case IMAGE_SECOND:
    recorder->second_last_id = image->last_id;
    images->second_work = (double)done;
    break;
  case IMAGE_THIRD:
    images->third_work = (double)done;
    images->is_known = results_leak_images_compare(&recorder->first_image, recorder->second_last_id,
                                                   image, images);
    gc_image_free(&recorder->first_image);
    break;
  case IMAGES_DONE:
    break;
  }
  gc_image_free(image);
}

/* Without an image, for want of memory or under a baseline, there is none from there on. */
static void look_at_image(struct census_recorder *recorder, struct workload_run *run, uint64_t done,
                          uint64_t total) {
  struct gc_image image;
  if (total == 0 || done * recorder->asked / total < image_due(recorder)) {
    return;
  }
  if (gc_image_capture(run->mutator, GC_IMAGE_STABLE_IDS, &image) == 0) {
    use_image(recorder, &image, done);
  } else {
    recorder->next_image = IMAGES_DONE;
  }
  if (recorder->next_image == IMAGES_DONE) {
    gc_image_forget_ids(run->mutator);
  }
}

static void take(void *context, struct workload_run *run, uint64_t done, uint64_t total) {
  struct census_recorder *recorder = context;
  if (recorder->lacks_memory) {
    return;
  }
  uint64_t begin_ns = clock_now_ns();
  if (recorder->begin_ns == 0) {
    recorder->begin_ns = begin_ns;
  }
  uint64_t time_ns = begin_ns - recorder->begin_ns - recorder->looked_ns;
  struct gc_census census;
  gc_collect(run->mutator, GC_COLLECTION_FULL);
  recorder->lacks_memory = gc_census_take(run->mutator, &census) != 0;
  if (!recorder->lacks_memory) {
    recorder->lacks_memory = add_sample(recorder, &census, done, time_ns) != 0;
    recorder->samples.work_total = (double)total;
    recorder->samples.heap_limit_bytes = (double)census.heap_limit_bytes;
    recorder->samples.external_limit_bytes = (double)census.external_limit_bytes;
    gc_census_finish(&census);
    look_at_image(recorder, run, done, total);
  }
  recorder->looked_ns += clock_now_ns() - begin_ns;
}

struct workload_checkpoints census_recorder_start(struct census_recorder *recorder,
                                                  struct gc_heap *heap, uint64_t count) {
  *recorder = (struct census_recorder){.heap = heap, .asked = count};
  return (struct workload_checkpoints){
      .is_wanted = count > 0, .count = count, .take = take, .context = recorder};
}

int census_recorder_write(const struct census_recorder *recorder, const char *path, char *error,
                          size_t error_size) {
  if (recorder->lacks_memory) {
    return results_fail(-ENOMEM, error, error_size,
                        "the process had no memory for samples of what is live");
  }
  return results_leak_samples_write(path, &recorder->samples, error, error_size);
}

void census_recorder_finish(struct census_recorder *recorder) {
  gc_image_free(&recorder->first_image);
  results_leak_samples_finish(&recorder->samples);
}
