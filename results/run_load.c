/* Reads a run directory into one summary per configuration; summarize.h states the method. */
#include "results/run_load.h"
#include "results/configuration.h"
#include "results/file.h"
#include "results/measured_time.h"
#include "results/order.h"
#include "results/pauses_csv.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool results_is_floor(const struct results_summary *summary) {
  return strcmp(summary->first.configuration.workload.text, RESULTS_IDLE_WORKLOAD) == 0;
}

bool results_same_group(const struct results_summary *left, const struct results_summary *right) {
  const struct results_configuration *first = &left->first.configuration;
  const struct results_configuration *second = &right->first.configuration;
  return first->heap_bytes == second->heap_bytes &&
         strcmp(first->workload.text, second->workload.text) == 0;
}

size_t results_run_group_end(const struct results_run *run, size_t first) {
  size_t end = first + 1;
  while (end < run->summary_count &&
         results_same_group(&run->summaries[first], &run->summaries[end]))
    end++;
  return end;
}

const struct results_summary *results_run_floor(const struct results_run *run) {
  for (size_t index = 0; index < run->summary_count; index++)
    if (results_is_floor(&run->summaries[index]) && run->summaries[index].statuses[RESULTS_ok])
      return &run->summaries[index];
  return NULL;
}

/* What reading a run needs besides the run. */
struct loader {
  struct results_run *run;
  FILE *pauses_csv; /* null: none is written */
  char *error;
  size_t error_size;
};

static int out_of_memory(struct loader *loader) {
  return results_fail(-ENOMEM, loader->error, loader->error_size, "%s: out of memory",
                      loader->run->directory);
}

/* Room for one more item of a list that doubles; null when memory is lacking. */
static void *one_more(void *items, size_t count, size_t item_size) {
  if (count & (count - 1))
    return items; /* the last power of two still has room */
  return realloc(items, (count ? 2 * count : 1) * item_size);
}

/* --- which trials there are --------------------------------------------------------------------
 */

static bool is_trial_name(const char *name, uint64_t *trial) {
  char *end;
  if (*name < '0' || *name > '9')
    return false;
  *trial = strtoull(name, &end, 10);
  return strcmp(end, ".json") == 0;
}

static int compare_trials(const void *left, const void *right) {
  uint64_t first = *(const uint64_t *)left, second = *(const uint64_t *)right;
  return (first > second) - (first < second);
}

static int open_trials(const char *run, DIR **directory, char *error, size_t error_size) {
  char path[PATH_MAX];
  int status = results_path(path, run, "trials", error, error_size);
  if (status)
    return status;
  *directory = opendir(path);
  if (*directory)
    return 0;
  return results_fail(-errno, error, error_size, "%s is not the directory of a run: %s: %s", run,
                      path, strerror(errno));
}

int results_run_check(const char *directory, char *error, size_t error_size) {
  DIR *trials;
  int status = open_trials(directory, &trials, error, error_size);
  if (!status)
    closedir(trials);
  return status;
}

static int list_trials(struct loader *loader, uint64_t **trials, size_t *count) {
  DIR *directory;
  int status = open_trials(loader->run->directory, &directory, loader->error, loader->error_size);
  if (status)
    return status;
  struct dirent *entry;
  uint64_t trial;
  *trials = NULL;
  *count = 0;
  while (!status && (entry = readdir(directory))) {
    if (!is_trial_name(entry->d_name, &trial))
      continue;
    uint64_t *more = one_more(*trials, *count, sizeof **trials);
    if (!more)
      status = out_of_memory(loader);
    else
      (*trials = more)[(*count)++] = trial;
  }
  closedir(directory);
  if (!status && *count == 0)
    status = results_fail(-ENODATA, loader->error, loader->error_size, "%s/trials holds no trials",
                          loader->run->directory);
  if (!status)
    qsort(*trials, *count, sizeof **trials, compare_trials);
  else
    free(*trials);
  return status;
}

/* --- one trial ---------------------------------------------------------------------------------
 */

static int leave_out(struct loader *loader, uint64_t trial, const char *reason) {
  struct results_run *run = loader->run;
  struct results_left_out *more =
      one_more(run->left_out, run->left_out_count, sizeof *run->left_out);
  if (!more)
    return out_of_memory(loader);
  run->left_out = more;
  struct results_left_out *left_out = &run->left_out[run->left_out_count++];
  left_out->trial = trial;
  snprintf(left_out->reason, sizeof left_out->reason, "%s", reason);
  return 0;
}

/* The summary of the trial's configuration; a new one takes the trial. Null: no memory. */
static struct results_summary *summary_of(struct results_run *run, struct results_trial *trial) {
  for (size_t index = 0; index < run->summary_count; index++)
    if (results_configuration_equal(&run->summaries[index].first.configuration,
                                    &trial->configuration))
      return &run->summaries[index];
  struct results_summary *more =
      one_more(run->summaries, run->summary_count, sizeof *run->summaries);
  if (!more)
    return NULL;
  run->summaries = more;
  struct results_summary *summary = &run->summaries[run->summary_count++];
  *summary = (struct results_summary){.first = *trial};
  trial->configuration.parameters = (struct results_settings){0};
  trial->configuration.options = (struct results_settings){0};
  return summary;
}

static int add_phase(struct results_summary *summary, const char *name,
                     const struct results_phase_work *work) {
  size_t index = 0;
  while (index < summary->phase_count && strcmp(summary->phases[index].name, name) != 0)
    index++;
  if (index == summary->phase_count) {
    struct results_phase_sum *more = one_more(summary->phases, index, sizeof *more);
    char *copy = more ? strdup(name) : NULL;
    summary->phases = more ? more : summary->phases;
    if (!copy)
      return -ENOMEM;
    summary->phases[summary->phase_count++] = (struct results_phase_sum){.name = copy};
  }
  struct results_phase_work *sum = &summary->phases[index].work;
  sum->count += work->count;
  for (enum results_place place = 0; place < RESULTS_PLACES; place++) {
    sum->places[place].wall_ns += work->places[place].wall_ns;
    sum->places[place].cpu_ns += work->places[place].cpu_ns;
  }
  return 0;
}

static int add_phases(struct results_summary *summary, const struct results_events *events) {
  struct results_phase_work *phases = calloc(events->names.phase_count + 1, sizeof *phases);
  int status = phases ? results_work_derive(events, phases) : -ENOMEM;
  for (size_t index = 0; !status && index < events->names.phase_count; index++)
    if (phases[index].count)
      status = add_phase(summary, events->names.phases[index], &phases[index]);
  free(phases);
  return status;
}

static int add_counter(struct results_summary *summary, const struct results_counter_name *name,
                       uint64_t value) {
  size_t index = 0;
  while (index < summary->counter_count && strcmp(summary->counters[index].name, name->name) != 0)
    index++;
  if (index == summary->counter_count) {
    struct results_counter_sum *more = one_more(summary->counters, index, sizeof *more);
    char *copy = more ? strdup(name->name) : NULL, *unit = copy ? strdup(name->unit) : NULL;
    summary->counters = more ? more : summary->counters;
    if (!unit) {
      free(copy);
      return -ENOMEM;
    }
    summary->counters[summary->counter_count++] =
        (struct results_counter_sum){.name = copy, .unit = unit, .aggregate = name->aggregate};
  }
  uint64_t *sum = &summary->counters[index].value;
  if (name->aggregate == GC_AGGREGATE_SUM)
    *sum += value;
  else if (name->aggregate == GC_AGGREGATE_LAST || value > *sum)
    *sum = value;
  return 0;
}

static int add_parts(struct results_summary *summary, const struct results_events *events) {
  int status = add_phases(summary, events);
  for (size_t index = 0; !status && index < events->counter.count; index++) {
    const struct gc_event_counter *counter = &events->counter.items[index];
    if (counter->counter < events->names.counter_count)
      status = add_counter(summary, &events->names.counters[counter->counter], counter->value);
  }
  return status;
}

static int add_figures(struct loader *loader, struct results_summary *summary,
                       const struct results_trial *trial, const struct results_events *events) {
  struct results_pauses_list pauses;
  size_t place = summary->statuses[RESULTS_ok];
  struct results_figures *more = one_more(summary->trials, place, sizeof *more);
  summary->trials = more ? more : summary->trials;
  struct results_ok_trial *ok_trials =
      more ? one_more(summary->ok_trials, place, sizeof *ok_trials) : NULL;
  summary->ok_trials = ok_trials ? ok_trials : summary->ok_trials;
  if (!ok_trials || results_pauses_derive(events, &pauses))
    return out_of_memory(loader);
  ok_trials[place] =
      (struct results_ok_trial){.trial = trial->trial,
                                .invocation = trial->configuration.invocation,
                                .host = results_hosts_place(&loader->run->hosts, trial->trial),
                                .timed = results_timed_bounds(events)};
  struct results_figures *figures = &summary->trials[place];
  int status = results_timed_intervals(events, &ok_trials[place].iterations);
  if (!status)
    status = results_figures_derive(trial, events, &pauses, figures, summary->histograms);
  if (!status)
    status = add_parts(summary, events);
  if (!status && results_pause_target_is_asked(trial))
    results_pause_target_add(&summary->target, trial, events, &pauses);
  if (!status && loader->pauses_csv)
    results_pauses_csv_rows(loader->pauses_csv, trial, &pauses);
  results_pauses_finish(&pauses);
  return status ? out_of_memory(loader) : 0;
}

/* What a trial that ran out of memory tried at the end; nothing where its events cannot be read. */
static void add_last_collections(const struct results_run *run, struct results_summary *summary,
                                 uint64_t trial) {
  char path[PATH_MAX], reason[PATH_MAX + RESULTS_TEXT_SIZE];
  struct results_events events;
  if (results_trial_events_path(path, run->directory, trial, reason, sizeof reason) ||
      results_events_load(path, &events, reason, sizeof reason))
    return;
  summary->last_collections = results_last_collections_of(&events);
  results_events_finish(&events);
}

/* Takes what `trial` owns when it is the first of its configuration. */
static int add_trial(struct loader *loader, struct results_trial *trial,
                     const struct results_events *events) {
  struct results_run *run = loader->run;
  struct results_summary *summary = summary_of(run, trial);
  if (!summary)
    return out_of_memory(loader);
  run->is_quick |= trial->configuration.quick;
  run->cores = trial->machine.cores > run->cores ? trial->machine.cores : run->cores;
  int status = events ? add_figures(loader, summary, trial, events) : 0;
  if (status)
    return status;
  summary->trial_count++;
  summary->statuses[trial->status]++;
  if (trial->status != RESULTS_ok && !summary->failed_trial) {
    summary->failed_trial = trial->trial;
    summary->failed_status = trial->status;
    snprintf(summary->failure, sizeof summary->failure, "%s", trial->status_detail.text);
  }
  if (trial->status == RESULTS_out_of_memory && summary->last_collections.count == 0)
    add_last_collections(run, summary, trial->trial);
  return 0;
}

static int check_events(const struct results_trial *trial, const struct results_events *events,
                        char *reason, size_t reason_size) {
  if (trial->recording.events == events->event_count)
    return 0;
  return results_fail(-EPROTO, reason, reason_size,
                      "its events file holds %" PRIu64 " events, but %" PRIu64 " were recorded",
                      events->event_count, trial->recording.events);
}

/* Damage is the trial's and names it; only what stops the whole run is answered. */
static int load_trial(struct loader *loader, uint64_t number) {
  char path[PATH_MAX], reason[PATH_MAX + RESULTS_TEXT_SIZE] = "";
  struct results_trial trial;
  struct results_events events;
  const char *directory = loader->run->directory;
  int status = results_trial_path(path, directory, number, reason, sizeof reason);
  if (!status)
    status = results_trial_read(path, &trial, reason, sizeof reason);
  if (status)
    return status == -ENOMEM ? out_of_memory(loader) : leave_out(loader, number, reason);
  bool has_events = false;
  if (trial.trial != number)
    status = results_fail(-EPROTO, reason, sizeof reason, "%s says it is trial %" PRIu64, path,
                          trial.trial);
  else if (trial.status == RESULTS_ok) {
    status = results_trial_events_path(path, directory, number, reason, sizeof reason);
    if (!status)
      status = results_events_load(path, &events, reason, sizeof reason);
    has_events = !status;
    if (!status)
      status = check_events(&trial, &events, reason, sizeof reason);
    if (!status)
      results_events_cut_warmup(&events);
  }
  status = status ? leave_out(loader, number, reason)
                  : add_trial(loader, &trial, has_events ? &events : NULL);
  if (has_events)
    results_events_finish(&events);
  results_trial_finish(&trial);
  return status;
}

/* --- the run -----------------------------------------------------------------------------------
 */

/* Place in which readers look for a configuration: workloads, collectors and barriers as their lists
 * have them, those that are in no list by their first trials; heaps ascending; the floor last. */
struct place {
  bool is_floor;
  size_t workload, collector, barrier, index;
  uint64_t heap_bytes;
};

/* The first summary that has the same text in the field at `offset` of its configuration. */
static size_t first_with(const struct results_run *run, size_t index, size_t offset) {
  size_t first = 0;
  while (strcmp((const char *)&run->summaries[first].first.configuration + offset,
                (const char *)&run->summaries[index].first.configuration + offset) != 0)
    first++;
  return first;
}

/* By the list that the function knows, names that it does not know behind. */
static size_t place_of(const struct results_run *run, size_t index, size_t offset,
                       size_t (*place_in_list)(const char *name)) {
  const char *name = (const char *)&run->summaries[index].first.configuration + offset;
  size_t place = place_in_list(name), end = place_in_list("");
  return place < end ? place : end + first_with(run, index, offset);
}

static int compare_places(const void *left, const void *right) {
  const struct place *first = left, *second = right;
  if (first->is_floor != second->is_floor)
    return first->is_floor - second->is_floor;
  if (first->workload != second->workload)
    return first->workload > second->workload ? 1 : -1;
  if (first->heap_bytes != second->heap_bytes)
    return first->heap_bytes > second->heap_bytes ? 1 : -1;
  if (first->collector != second->collector)
    return first->collector > second->collector ? 1 : -1;
  if (first->barrier != second->barrier)
    return first->barrier > second->barrier ? 1 : -1;
  return (first->index > second->index) - (first->index < second->index);
}

static int sort_summaries(struct loader *loader) {
  struct results_run *run = loader->run;
  struct place *places = malloc((run->summary_count + 1) * sizeof *places);
  struct results_summary *sorted = malloc((run->summary_count + 1) * sizeof *sorted);
  for (size_t index = 0; places && sorted && index < run->summary_count; index++)
    places[index] = (struct place){
        .is_floor = results_is_floor(&run->summaries[index]),
        .workload = place_of(run, index, offsetof(struct results_configuration, workload),
                             results_workload_place),
        .collector = place_of(run, index, offsetof(struct results_configuration, collector),
                              results_collector_place),
        .barrier = place_of(run, index, offsetof(struct results_configuration, barrier),
                            results_barrier_place),
        .index = index,
        .heap_bytes = run->summaries[index].first.configuration.heap_bytes};
  if (places && sorted) {
    qsort(places, run->summary_count, sizeof *places, compare_places);
    for (size_t index = 0; index < run->summary_count; index++)
      sorted[index] = run->summaries[places[index].index];
    free(run->summaries);
    run->summaries = sorted;
  } else {
    free(sorted);
  }
  bool is_sorted = places && sorted;
  free(places);
  return is_sorted ? 0 : out_of_memory(loader);
}

static void aggregate(struct results_summary *summary) {
  size_t count = summary->statuses[RESULTS_ok];
  summary->median = results_figures_aggregate(summary->trials, count, RESULTS_MEDIAN);
  summary->least = results_figures_aggregate(summary->trials, count, RESULTS_LEAST);
  summary->largest = results_figures_aggregate(summary->trials, count, RESULTS_LARGEST);
  summary->sum = results_figures_aggregate(summary->trials, count, RESULTS_SUM);
}

static int load(struct loader *loader) {
  uint64_t *trials;
  size_t count;
  int status = list_trials(loader, &trials, &count);
  if (status)
    return status;
  for (size_t index = 0; !status && index < count; index++)
    status = load_trial(loader, trials[index]);
  free(trials);
  if (status)
    return status;
  status = sort_summaries(loader);
  if (status)
    return status;
  for (size_t index = 0; index < loader->run->summary_count; index++)
    aggregate(&loader->run->summaries[index]);
  if (results_configurations_name(loader->run->summaries, loader->run->summary_count))
    return out_of_memory(loader);
  return 0;
}

/* Trailing slashes would double in every sentence. */
static void set_directory(struct results_run *run, const char *directory) {
  snprintf(run->directory, sizeof run->directory, "%s", directory);
  size_t length = strlen(run->directory);
  while (length > 1 && run->directory[length - 1] == '/')
    run->directory[--length] = 0;
}

int results_run_load_with(const char *directory, FILE *pauses_csv, struct results_run *run,
                          char *error, size_t error_size) {
  *run = (struct results_run){0};
  set_directory(run, directory);
  struct loader loader = {
      .run = run, .pauses_csv = pauses_csv, .error = error, .error_size = error_size};
  int status =
      results_hosts_load(run->directory, &run->hosts) ? out_of_memory(&loader) : load(&loader);
  if (status)
    results_run_finish(run);
  return status;
}

int results_run_load(const char *directory, struct results_run *run, char *error,
                     size_t error_size) {
  return results_run_load_with(directory, NULL, run, error, error_size);
}

static void summary_finish(struct results_summary *summary) {
  for (size_t kind = 0; kind < RESULTS_KINDS; kind++)
    results_histogram_finish(&summary->histograms[kind]);
  for (size_t index = 0; index < summary->phase_count; index++)
    free(summary->phases[index].name);
  for (size_t index = 0; index < summary->counter_count; index++) {
    free(summary->counters[index].name);
    free(summary->counters[index].unit);
  }
  free(summary->phases);
  free(summary->counters);
  free(summary->trials);
  for (size_t index = 0; index < summary->statuses[RESULTS_ok]; index++)
    results_intervals_finish(&summary->ok_trials[index].iterations);
  free(summary->ok_trials);
  results_trial_finish(&summary->first);
}

void results_run_finish(struct results_run *run) {
  for (size_t index = 0; index < run->summary_count; index++)
    summary_finish(&run->summaries[index]);
  free(run->summaries);
  free(run->left_out);
  results_hosts_finish(&run->hosts);
  *run = (struct results_run){0};
}
