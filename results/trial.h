/* One trial: what was asked for, how it ended, what came out; trials/NNNN.json in memory.
 *
 * The struct's groups and fields come from schema.def, as do the JSON keys: a field is
 * trial.<group>.<name> and the key "<name>" in the object "<group>". Texts have a fixed size and
 * are cut to it; settings (parameters, options) are owned by the trial.
 *
 * The files of a trial are DIRECTORY/trials/NNNN.json and DIRECTORY/trials/NNNN.events.zst, NNNN
 * the trial's number from 1, of four digits or more.
 *
 * Errors: 0 or a negative errno with one sentence. Reading answers -EPROTO for a file that is
 * truncated, not JSON, of a later schema version, or has keys of the wrong type: the caller names
 * the trial and leaves it out. Files of earlier versions are read; what they lack is 0 or not known.
 */
#ifndef RESULTS_TRIAL_H
#define RESULTS_TRIAL_H

#include <gc/heap.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULTS_SCHEMA_VERSION 7
#define RESULTS_TEXT_SIZE      512
#define RESULTS_IDLE_WORKLOAD  "idle"

enum results_status {
#define RESULTS_STATUS(name, description) RESULTS_##name,
#include "results/schema.def"
  RESULTS_STATUSES
};
extern const char *const results_status_names[RESULTS_STATUSES];

/* The status in words for people: "out of memory". */
const char *results_status_words(enum results_status status);

struct results_setting {
  char *name, *text;
};
struct results_settings {
  struct results_setting *items;
  size_t count;
};

/* Appends copies of both texts, keeping names in ascending order; a name that is there gets the new
 * text. Returns 0 or -ENOMEM. */
int results_settings_add(struct results_settings *settings, const char *name, const char *text);

void results_settings_finish(struct results_settings *settings);

/* Null when there is no such name. */
const char *results_settings_find(const struct results_settings *settings, const char *name);

#define RESULTS_TYPE_number   uint64_t
#define RESULTS_TYPE_duration uint64_t
#define RESULTS_TYPE_seed     uint64_t
#define RESULTS_TYPE_ratio    double
#define RESULTS_TYPE_flag     bool
#define RESULTS_TYPE_settings struct results_settings
#define RESULTS_TYPE_text     struct results_text
struct results_text {
  char text[RESULTS_TEXT_SIZE];
};

#define RESULTS_GROUP(group, description)                   struct results_##group {
#define RESULTS_FIELD(group, name, type, unit, description) RESULTS_TYPE_##type name;
#define RESULTS_GROUP_END(group)                                                                   \
  }                                                                                                \
  ;
#include "results/schema.def"

struct results_trial {
  uint64_t trial; /* its number in the run, from 1 */
  enum results_status status;
  struct results_text status_detail; /* one sentence; empty when there is nothing to say */
#define RESULTS_GROUP(group, description) struct results_##group group;
#include "results/schema.def"
};

/* All fields 0 or empty, ratios not known; one iteration, as files of versions before 6 mean. */
void results_trial_init(struct results_trial *trial);
void results_trial_finish(struct results_trial *trial);

/* Copies a text field, cut to its size. */
void results_text_set(struct results_text *field, const char *text);

/* Fills every field of the group `heap` but peak_heap_bytes. */
void results_trial_set_heap(struct results_trial *trial, const struct gc_statistics *statistics,
                            const struct gc_memory_usage *usage);

int results_trial_write(const char *path, const struct results_trial *trial, char *error,
                        size_t error_size);

/* Initialises `trial`; on failure it holds nothing to finish. */
int results_trial_read(const char *path, struct results_trial *trial, char *error,
                       size_t error_size);

/* DIRECTORY/trials/NNNN.json and .events.zst. */
int results_trial_path(char path[PATH_MAX], const char *directory, uint64_t trial, char *error,
                       size_t error_size);
int results_trial_events_path(char path[PATH_MAX], const char *directory, uint64_t trial,
                              char *error, size_t error_size);

#endif
