/* Samples of what a program holds, and their file. See leak_samples.h. */
#include "results/leak_samples.h"
#include "results/file.h"
#include "results/json_file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void results_leak_samples_finish(struct results_leak_samples *samples) {
  for (size_t i = 0; i < samples->site_count; i++) {
    free(samples->sites[i].name);
    free(samples->sites[i].path);
    free(samples->sites[i].counts);
  }
  free(samples->sites);
  free(samples->items);
  *samples = (struct results_leak_samples){0};
}

int results_leak_samples_add(struct results_leak_samples *samples,
                             const struct results_leak_sample *sample) {
  size_t count = samples->count + 1;
  struct results_leak_sample *items = realloc(samples->items, count * sizeof *items);
  if (!items)
    return -ENOMEM;
  samples->items = items;
  for (size_t i = 0; i < samples->site_count; i++) {
    struct results_leak_count *counts = realloc(samples->sites[i].counts, count * sizeof *counts);
    if (!counts)
      return -ENOMEM;
    samples->sites[i].counts = counts;
    counts[count - 1] = (struct results_leak_count){0};
  }
  items[count - 1] = *sample;
  samples->count = count;
  return 0;
}

struct results_leak_site *results_leak_samples_site(struct results_leak_samples *samples,
                                                    const char *name) {
  for (size_t i = 0; i < samples->site_count; i++)
    if (strcmp(samples->sites[i].name, name) == 0)
      return &samples->sites[i];
  struct results_leak_site *sites =
      realloc(samples->sites, (samples->site_count + 1) * sizeof *sites);
  if (!sites)
    return NULL;
  samples->sites = sites;
  struct results_leak_site site = {
      .name = strdup(name),
      .path = strdup(""),
      .counts = calloc(samples->count + 1, sizeof *site.counts),
  };
  if (!site.name || !site.path || !site.counts) {
    free(site.name);
    free(site.path);
    free(site.counts);
    return NULL;
  }
  sites[samples->site_count] = site;
  return &sites[samples->site_count++];
}

int results_leak_site_set_path(struct results_leak_site *site, const char *path) {
  char *copy = strdup(path);
  if (!copy)
    return -ENOMEM;
  free(site->path);
  site->path = copy;
  return 0;
}

/* --- the file ----------------------------------------------------------------------------------
 */

static json_t *sample_to_json(const struct results_leak_sample *sample) {
  return json_pack("{s:f, s:f, s:f, s:f, s:f}", "work", sample->work, "time_ns", sample->time_ns,
                   "heap_bytes", sample->heap_bytes, "external_bytes", sample->external_bytes,
                   "committed_bytes", sample->committed_bytes);
}

static json_t *site_to_json(const struct results_leak_site *site, size_t count) {
  json_t *objects = json_array(), *bytes = json_array(), *survivors = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(objects, json_real(site->counts[i].objects));
    json_array_append_new(bytes, json_real(site->counts[i].bytes));
    json_array_append_new(survivors, json_real(site->counts[i].survivor_bytes));
  }
  return json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", site->name, "path", site->path, "objects",
                   objects, "bytes", bytes, "survivor_bytes", survivors);
}

static json_t *images_to_json(const struct results_leak_images *images) {
  return json_pack("{s:f, s:f, s:f, s:s, s:f, s:f, s:s, s:f, s:f, s:f}", "first_work",
                   images->first_work, "second_work", images->second_work, "third_work",
                   images->third_work, "grown_type", images->grown_type, "grown_before_bytes",
                   images->grown_before_bytes, "grown_after_bytes", images->grown_after_bytes,
                   "stayed_type", images->stayed_type, "stayed_type_objects",
                   images->stayed_type_objects, "stayed_type_bytes", images->stayed_type_bytes,
                   "stayed_bytes", images->stayed_bytes);
}

int results_leak_samples_write(const char *path, const struct results_leak_samples *samples,
                               char *error, size_t error_size) {
  json_t *items = json_array(), *sites = json_array();
  for (size_t i = 0; i < samples->count; i++)
    json_array_append_new(items, sample_to_json(&samples->items[i]));
  for (size_t i = 0; i < samples->site_count; i++)
    json_array_append_new(sites, site_to_json(&samples->sites[i], samples->count));
  json_t *whole = json_pack("{s:f, s:f, s:f, s:o, s:o}", "work_total", samples->work_total,
                            "heap_limit_bytes", samples->heap_limit_bytes, "external_limit_bytes",
                            samples->external_limit_bytes, "samples", items, "sites", sites);
  if (samples->images.is_known)
    json_object_set_new(whole, "images", images_to_json(&samples->images));
  return results_json_file_write(path, whole, error, error_size);
}

static int read_samples(const json_t *items, struct results_leak_samples *samples) {
  for (size_t i = 0; i < json_array_size(items); i++) {
    struct results_leak_sample sample;
    if (json_unpack(json_array_get(items, i), "{s:F, s:F, s:F, s:F, s:F}", "work", &sample.work,
                    "time_ns", &sample.time_ns, "heap_bytes", &sample.heap_bytes, "external_bytes",
                    &sample.external_bytes, "committed_bytes", &sample.committed_bytes) != 0)
      return -EPROTO;
    if (results_leak_samples_add(samples, &sample) != 0)
      return -ENOMEM;
  }
  return 0;
}

static int read_site(json_t *item, struct results_leak_samples *samples) {
  const char *name, *path;
  json_t *objects, *bytes, *survivors;
  if (json_unpack(item, "{s:s, s:s, s:o, s:o, s:o}", "name", &name, "path", &path, "objects",
                  &objects, "bytes", &bytes, "survivor_bytes", &survivors) != 0 ||
      json_array_size(objects) != samples->count || json_array_size(bytes) != samples->count ||
      json_array_size(survivors) != samples->count)
    return -EPROTO;
  struct results_leak_site *site = results_leak_samples_site(samples, name);
  if (!site || results_leak_site_set_path(site, path) != 0)
    return -ENOMEM;
  for (size_t i = 0; i < samples->count; i++)
    site->counts[i] = (struct results_leak_count){json_number_value(json_array_get(objects, i)),
                                                  json_number_value(json_array_get(bytes, i)),
                                                  json_number_value(json_array_get(survivors, i))};
  return 0;
}

static int read_images(json_t *item, struct results_leak_images *images) {
  const char *grown_type, *stayed_type;
  if (!item)
    return 0;
  if (json_unpack(item, "{s:F, s:F, s:F, s:s, s:F, s:F, s:s, s:F, s:F, s:F}", "first_work",
                  &images->first_work, "second_work", &images->second_work, "third_work",
                  &images->third_work, "grown_type", &grown_type, "grown_before_bytes",
                  &images->grown_before_bytes, "grown_after_bytes", &images->grown_after_bytes,
                  "stayed_type", &stayed_type, "stayed_type_objects", &images->stayed_type_objects,
                  "stayed_type_bytes", &images->stayed_type_bytes, "stayed_bytes",
                  &images->stayed_bytes) != 0)
    return -EPROTO;
  snprintf(images->grown_type, sizeof images->grown_type, "%s", grown_type);
  snprintf(images->stayed_type, sizeof images->stayed_type, "%s", stayed_type);
  images->is_known = true;
  return 0;
}

int results_leak_samples_read(const char *path, struct results_leak_samples *samples, char *error,
                              size_t error_size) {
  json_error_t problem;
  json_t *items, *sites, *whole = json_load_file(path, 0, &problem);
  *samples = (struct results_leak_samples){0};
  int status = -EPROTO;
  if (whole && json_unpack(whole, "{s:F, s:F, s:F, s:o, s:o}", "work_total", &samples->work_total,
                           "heap_limit_bytes", &samples->heap_limit_bytes, "external_limit_bytes",
                           &samples->external_limit_bytes, "samples", &items, "sites", &sites) == 0)
    status = read_samples(items, samples);
  for (size_t i = 0; status == 0 && i < json_array_size(sites); i++)
    status = read_site(json_array_get(sites, i), samples);
  if (status == 0)
    status = read_images(json_object_get(whole, "images"), &samples->images);
  json_decref(whole);
  return status == 0 ? 0
                     : results_fail(status, error, error_size, "%s: %s", path,
                                    status == -ENOMEM ? "out of memory" : "not a file of samples");
}
