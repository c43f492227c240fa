/* Whether two runs were made on one machine, by their manifests; compare.h says what is asked. */
#include "results/compare.h"
#include "results/file.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

/* What makes figures of two machines incomparable; load and free memory come and go. */
static const char *const identity[] = {"host",  "architecture", "processor",
                                       "cores", "memory_bytes", "release"};
enum { identity_count = sizeof identity / sizeof *identity };

/* The manifest; its object `machine` in *machine. Null when it has none. */
static json_t *read_machine(const char *directory, json_t **machine) {
  char path[PATH_MAX], error[RESULTS_TEXT_SIZE];
  if (results_path(path, directory, "manifest.json", error, sizeof error))
    return NULL;
  json_t *manifest = json_load_file(path, 0, NULL);
  *machine = json_object_get(manifest, "machine");
  if (json_is_object(*machine))
    return manifest;
  json_decref(manifest);
  return NULL;
}

static void print_value(char *text, size_t text_size, const json_t *value) {
  char *dumped = json_dumps(value, JSON_ENCODE_ANY);
  snprintf(text, text_size, "%s", dumped ? dumped : "null");
  free(dumped);
}

static int compare_values(const json_t *first, const json_t *second, char *sentence,
                          size_t sentence_size) {
  for (size_t index = 0; index < identity_count; index++) {
    const json_t *left = json_object_get(first, identity[index]);
    const json_t *right = json_object_get(second, identity[index]);
    if (!left || !right || json_equal(left, right))
      continue;
    char left_text[128], right_text[128];
    print_value(left_text, sizeof left_text, left);
    print_value(right_text, sizeof right_text, right);
    return results_fail(1, sentence, sentence_size, "%s is %s for one and %s for the other",
                        identity[index], left_text, right_text);
  }
  return 0;
}

int results_machines_compare(const char *first, const char *second, char *sentence,
                             size_t sentence_size) {
  json_t *first_machine = NULL, *second_machine = NULL;
  json_t *first_manifest = read_machine(first, &first_machine);
  json_t *second_manifest = read_machine(second, &second_machine);
  int status = 0;
  if (!first_manifest || !second_manifest)
    status = results_fail(-ENODATA, sentence, sentence_size, "%s/manifest.json names no machine",
                          first_manifest ? second : first);
  else
    status = compare_values(first_machine, second_machine, sentence, sentence_size);
  json_decref(first_manifest);
  json_decref(second_manifest);
  return status;
}
