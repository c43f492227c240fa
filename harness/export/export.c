/* Which trials are exported, and into which files; export.h states the order. */
#include "harness/export/export.h"
#include "harness/run_directory.h"
#include "harness/text_list.h"
#include "results/configuration.h"
#include "results/file.h"
#include "results/measured_time.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One chosen trial. */
struct entry {
  uint64_t trial, repetition;
  size_t configuration;
};

/* What is exported. Of the summaries only `first`, label and slug are filled, and repetitions in
 * trial_count. */
struct selection {
  const struct export_request *request;
  struct results_summary *configurations;
  size_t configuration_count;
  struct entry *entries; /* by configuration, then trial */
  size_t entry_count;
};

/* --- choosing ----------------------------------------------------------------------------------
 */

static bool is_trial_name(const char *name, uint64_t *trial) {
  char *end;
  if (*name < '0' || *name > '9') {
    return false;
  }
  *trial = strtoull(name, &end, 10);
  return strcmp(end, ".json") == 0;
}

static bool is_asked(const struct export_request *request,
                     const struct results_configuration *configuration) {
  return (!request->workload || strcmp(request->workload, configuration->workload.text) == 0) &&
         (!request->collector || strcmp(request->collector, configuration->collector.text) == 0);
}

/* The place of the trial's configuration; a new one takes the trial. */
static size_t place_of(struct selection *selection, struct results_trial *trial, bool *is_taken) {
  size_t place = 0;
  while (place < selection->configuration_count &&
         !results_configuration_equal(&selection->configurations[place].first.configuration,
                                      &trial->configuration)) {
    place++;
  }
  *is_taken = place == selection->configuration_count;
  if (*is_taken) {
    selection->configurations =
        memory_resize(selection->configurations, place + 1, sizeof *selection->configurations);
    selection->configurations[place] = (struct results_summary){.first = *trial};
    selection->configuration_count++;
  }
  return place;
}

/* All configurations count for their names, only chosen trials are entries. */
static void select_trial(struct selection *selection, uint64_t number) {
  const struct export_request *request = selection->request;
  char path[PATH_MAX], reason[PATH_MAX + 512];
  struct results_trial trial;
  int status = results_trial_path(path, request->directory, number, reason, sizeof reason);
  if (status == 0) {
    status = results_trial_read(path, &trial, reason, sizeof reason);
  }
  if (status != 0) {
    say_note("Left out: trial %" PRIu64 ": %s", number, reason);
    return;
  }
  bool is_taken;
  size_t place = place_of(selection, &trial, &is_taken);
  bool is_chosen =
      (request->trial == 0 || request->trial == number) && is_asked(request, &trial.configuration);
  if (is_chosen && trial.status != RESULTS_ok) {
    say_note("Left out: trial %" PRIu64 ": %s", number, results_status_words(trial.status));
  } else if (is_chosen) {
    selection->entries =
        memory_resize(selection->entries, selection->entry_count + 1, sizeof *selection->entries);
    selection->entries[selection->entry_count++] =
        (struct entry){.trial = number, .configuration = place};
  }
  if (!is_taken) {
    results_trial_finish(&trial);
  }
}

static int compare_numbers(const void *left, const void *right) {
  uint64_t first = *(const uint64_t *)left, second = *(const uint64_t *)right;
  return (first > second) - (first < second);
}

static int compare_entries(const void *left, const void *right) {
  const struct entry *first = left, *second = right;
  if (first->configuration != second->configuration) {
    return first->configuration > second->configuration ? 1 : -1;
  }
  return (first->trial > second->trial) - (first->trial < second->trial);
}

static void number_repetitions(struct selection *selection) {
  qsort(selection->entries, selection->entry_count, sizeof *selection->entries, compare_entries);
  for (size_t i = 0; i < selection->entry_count; i++) {
    struct entry *entry = &selection->entries[i];
    entry->repetition = selection->configurations[entry->configuration].trial_count++;
  }
}

static enum harness_status select_trials(struct selection *selection) {
  char path[PATH_MAX], error[1024];
  int status = results_path(path, selection->request->directory, "trials", error, sizeof error);
  DIR *directory = status == 0 ? opendir(path) : NULL;
  if (!directory) {
    return status == 0 ? say_bad_input("%s: %s", path, strerror(errno))
                       : say_bad_input("%s", error);
  }
  uint64_t *numbers = NULL;
  size_t count = 0;
  uint64_t trial;
  for (struct dirent *entry; (entry = readdir(directory));) {
    if (is_trial_name(entry->d_name, &trial)) {
      numbers = memory_resize(numbers, count + 1, sizeof *numbers);
      numbers[count++] = trial;
    }
  }
  closedir(directory);
  if (count > 0) {
    qsort(numbers, count, sizeof *numbers, compare_numbers);
  }
  for (size_t i = 0; i < count; i++) {
    select_trial(selection, numbers[i]);
  }
  free(numbers);
  if (selection->entry_count == 0) {
    return say_bad_input("%s has no trial to export%s", selection->request->directory,
                         count > 0 ? " that is ok and as asked for" : "");
  }
  number_repetitions(selection);
  return results_configurations_name(selection->configurations, selection->configuration_count) == 0
             ? HARNESS_DONE
             : say_environment("out of memory");
}

static void selection_finish(struct selection *selection) {
  for (size_t i = 0; i < selection->configuration_count; i++) {
    results_trial_finish(&selection->configurations[i].first);
  }
  free(selection->configurations);
  free(selection->entries);
}

/* --- one trial ---------------------------------------------------------------------------------
 */

struct loaded {
  struct results_trial trial;
  struct results_events events;
  struct results_pauses_list pauses;
  struct results_figures figures;
  struct results_histogram histograms[RESULTS_KINDS];
};

static int load(const struct export_request *request, uint64_t number, struct loaded *loaded,
                char *error, size_t error_size) {
  const char *directory = request->directory;
  char path[PATH_MAX];
  *loaded = (struct loaded){.events = {.event_count = 0}};
  int status = results_trial_path(path, directory, number, error, error_size);
  if (status == 0) {
    status = results_trial_read(path, &loaded->trial, error, error_size);
  }
  if (status != 0) {
    return status;
  }
  status = results_trial_events_path(path, directory, number, error, error_size);
  if (status == 0) {
    status = results_events_load(path, &loaded->events, error, error_size);
  }
  if (status == 0 && loaded->events.event_count != loaded->trial.recording.events) {
    status = results_fail(-EPROTO, error, error_size,
                          "%s holds another number of events than were "
                          "recorded",
                          path);
  }
  if (status == 0 && !request->exporter->has_warmup) {
    results_events_cut_warmup(&loaded->events);
  }
  if (status == 0 && (results_pauses_derive(&loaded->events, &loaded->pauses) != 0 ||
                      results_figures_derive(&loaded->trial, &loaded->events, &loaded->pauses,
                                             &loaded->figures, loaded->histograms) != 0)) {
    status = results_fail(-ENOMEM, error, error_size, "out of memory");
  }
  return status;
}

static void loaded_finish(struct loaded *loaded) {
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++) {
    results_histogram_finish(&loaded->histograms[kind]);
  }
  results_pauses_finish(&loaded->pauses);
  results_events_finish(&loaded->events);
  results_trial_finish(&loaded->trial);
}

struct bounds {
  uint64_t begin_ns, end_ns;
};

static void extend(struct bounds *bounds, uint64_t begin_ns, uint64_t end_ns) {
  bounds->begin_ns = begin_ns < bounds->begin_ns ? begin_ns : bounds->begin_ns;
  bounds->end_ns = end_ns > bounds->end_ns ? end_ns : bounds->end_ns;
}

/* The first moment of any event to the last. */
static struct bounds bounds_of(const struct results_events *events) {
  struct bounds bounds = {UINT64_MAX, 0};
  for (size_t i = 0; i < events->mutator.count; i++) {
    extend(&bounds, events->mutator.items[i].attach_ns, events->mutator.items[i].detach_ns);
  }
  for (size_t i = 0; i < events->timed.count; i++) {
    extend(&bounds, events->timed.items[i].begin_ns, events->timed.items[i].end_ns);
  }
  for (size_t i = 0; i < events->stop.count; i++) {
    extend(&bounds, events->stop.items[i].request_ns, events->stop.items[i].resumed_ns);
  }
  for (size_t i = 0; i < events->pause.count; i++) {
    extend(&bounds, events->pause.items[i].begin_ns, events->pause.items[i].end_ns);
  }
  for (size_t i = 0; i < events->phase.count; i++) {
    extend(&bounds, events->phase.items[i].begin_ns, events->phase.items[i].end_ns);
  }
  for (size_t i = 0; i < events->gap.count; i++) {
    extend(&bounds, events->gap.items[i].begin_ns, events->gap.items[i].end_ns);
  }
  return bounds.begin_ns <= bounds.end_ns ? bounds : (struct bounds){0, 0};
}

/* --- files -------------------------------------------------------------------------------------
 */

/* One file of an export, while it is open. */
struct output {
  struct results_file file;
  struct export_state state;
  bool is_open;
};

static size_t file_count(const struct selection *selection) {
  size_t configurations = 0;
  for (size_t i = 0; i < selection->configuration_count; i++) {
    configurations += selection->configurations[i].trial_count > 0;
  }
  switch (selection->request->exporter->file) {
  case EXPORT_ONE_FILE:
    return 1;
  case EXPORT_FILE_PER_CONFIGURATION:
    return configurations;
  case EXPORT_FILE_PER_TRIAL:
    return selection->entry_count;
  }
  return 1;
}

/* OUT, or with several files OUT with the trial or configuration before its ending. */
static int name_file(char path[PATH_MAX], const struct selection *selection,
                     const struct entry *entry, char *error, size_t error_size) {
  const char *output = selection->request->output;
  const char *slash = strrchr(output, '/'), *dot = strrchr(slash ? slash : output, '.');
  int stem = (int)(dot ? (size_t)(dot - output) : strlen(output)), length;
  if (file_count(selection) == 1) {
    length = snprintf(path, PATH_MAX, "%s", output);
  } else if (selection->request->exporter->file == EXPORT_FILE_PER_TRIAL) {
    length =
        snprintf(path, PATH_MAX, "%.*s.%04" PRIu64 "%s", stem, output, entry->trial, output + stem);
  } else {
    length = snprintf(path, PATH_MAX, "%.*s.%s%s", stem, output,
                      selection->configurations[entry->configuration].slug, output + stem);
  }
  return length < PATH_MAX
             ? 0
             : results_fail(-ENAMETOOLONG, error, error_size, "%s: the path is too long", output);
}

static int open_output(struct output *output, const struct selection *selection,
                       const struct entry *entry, const struct export_trial *first, char *error,
                       size_t error_size) {
  char path[PATH_MAX];
  int status = name_file(path, selection, entry, error, error_size);
  if (status == 0) {
    status = results_file_create(&output->file, path, error, error_size);
  }
  if (status != 0) {
    return status;
  }
  const struct exporter *exporter = selection->request->exporter;
  output->is_open = true;
  output->state =
      (struct export_state){.stream = output->file.stream, .request = selection->request};
  return exporter->begin ? exporter->begin(&output->state, first) : 0;
}

static int close_output(struct output *output, char *error, size_t error_size) {
  const struct exporter *exporter = output->state.request->exporter;
  int status = exporter->end ? exporter->end(&output->state) : 0;
  results_histogram_finish(&output->state.histogram);
  output->is_open = false;
  if (status != 0) {
    results_file_abandon(&output->file);
    return status;
  }
  status = results_file_commit(&output->file, error, error_size);
  if (status == 0) {
    printf("%s\n", output->file.path);
  }
  return status;
}

static void abandon_output(struct output *output) {
  if (output->is_open) {
    results_histogram_finish(&output->state.histogram);
    results_file_abandon(&output->file);
  }
}

/* Whether the entry belongs into the same file as the one before it. */
static bool continues_file(const struct selection *selection, size_t index) {
  const struct entry *entry = &selection->entries[index];
  enum export_file file = selection->request->exporter->file;
  return index > 0 && file != EXPORT_FILE_PER_TRIAL &&
         (file == EXPORT_ONE_FILE || entry[-1].configuration == entry->configuration);
}

static int export_trial(struct output *output, const struct selection *selection, size_t index,
                        const struct loaded *loaded, char *error, size_t error_size) {
  const struct entry *entry = &selection->entries[index];
  const struct results_summary *configuration = &selection->configurations[entry->configuration];
  struct bounds bounds = bounds_of(&loaded->events);
  struct export_trial trial = {
      .directory = selection->request->directory,
      .trial = &loaded->trial,
      .events = &loaded->events,
      .pauses = &loaded->pauses,
      .figures = &loaded->figures,
      .histograms = loaded->histograms,
      .label = configuration->label,
      .slug = configuration->slug,
      .repetitions = configuration->trial_count,
      .repetition = entry->repetition,
      .begin_ns = bounds.begin_ns,
      .end_ns = bounds.end_ns,
  };
  int status = 0;
  if (output->is_open && !continues_file(selection, index)) {
    status = close_output(output, error, error_size);
  }
  if (status == 0 && !output->is_open) {
    status = open_output(output, selection, entry, &trial, error, error_size);
  }
  return status == 0 ? selection->request->exporter->add(&output->state, &trial) : status;
}

static enum harness_status export_selection(const struct selection *selection) {
  struct output output = {.is_open = false};
  char error[PATH_MAX + 512] = "out of memory";
  int status = 0;
  for (size_t i = 0; status == 0 && i < selection->entry_count; i++) {
    struct loaded loaded;
    status = load(selection->request, selection->entries[i].trial, &loaded, error, sizeof error);
    if (status == -EPROTO || status == -ENOENT) {
      say_note("Left out: trial %" PRIu64 ": %s", selection->entries[i].trial, error);
      status = 0;
    } else if (status == 0) {
      status = export_trial(&output, selection, i, &loaded, error, sizeof error);
    }
    loaded_finish(&loaded);
  }
  if (status == 0 && !output.is_open) {
    return say_bad_input("%s has no trial to export whose events can be read",
                         selection->request->directory);
  }
  if (status == 0) {
    status = close_output(&output, error, sizeof error);
  }
  abandon_output(&output);
  return status == 0 ? HARNESS_DONE : say_environment("%s", error);
}

enum harness_status export_run(const struct export_request *request) {
  struct selection selection = {.request = request};
  enum harness_status status = select_trials(&selection);
  if (status == HARNESS_DONE) {
    status = export_selection(&selection);
  }
  selection_finish(&selection);
  return status;
}

void export_put_text(FILE *stream, const char *text) {
  putc('"', stream);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') {
      putc('\\', stream);
    }
    if ((unsigned char)*text < 0x20) {
      fprintf(stream, "\\u%04x", (unsigned)*text);
    } else {
      putc(*text, stream);
    }
  }
  putc('"', stream);
}
