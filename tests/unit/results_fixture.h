/* A run directory made of synthetic trials, for tests of results/: known pauses, written through
 * the project's own writers.
 *
 * A trial lasts `length_ns` from `fixture_epoch_ns`; its pauses are scavenges of a skewed
 * distribution at regular distances, and every `full_every`th is a full collection. The caller's
 * seed makes them the same everywhere.
 */
#ifndef TESTS_UNIT_RESULTS_FIXTURE_H
#define TESTS_UNIT_RESULTS_FIXTURE_H

#include "results/events_file.h"
#include "results/trial.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const uint64_t fixture_epoch_ns = UINT64_C(5000000000);

struct fixture_trial {
  const char *workload, *collector, *barrier;
  uint64_t heap_bytes, trial, invocation, seed;
  uint64_t length_ns, pause_count, full_every;
  uint64_t usage_count; /* samples of the process's memory: see fixture_usage_events */
  double scavenge_us, full_us;
  enum results_status status;
  const char *detail;
};

/* SplitMix64. */
static inline uint64_t fixture_random(uint64_t *state) {
  uint64_t mixed = (*state += UINT64_C(0x9e3779b97f4a7c15));
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

static inline double fixture_uniform(uint64_t *state) {
  return (double)(fixture_random(state) >> 11) * 0x1p-53;
}

/* Log-normal: the median times e to the power of spread times a normal deviate. */
static inline uint64_t fixture_skewed_ns(uint64_t *state, double median_us, double spread) {
  double first = fixture_uniform(state) + 1e-12, second = fixture_uniform(state);
  double normal = sqrt(-2 * log(first)) * cos(2 * 3.14159265358979323846 * second);
  return (uint64_t)(1000 * median_us * exp(spread * normal));
}

static inline void fixture_stop(struct gc_event_ring *ring, const struct fixture_trial *trial,
                                uint64_t *state, uint64_t number, uint64_t begin_ns,
                                uint64_t used_bytes) {
  bool is_full = trial->full_every && number % trial->full_every == trial->full_every - 1;
  uint64_t wall_ns = is_full ? fixture_skewed_ns(state, trial->full_us, 0.25)
                             : fixture_skewed_ns(state, trial->scavenge_us, 0.6);
  uint64_t safepoint_ns = 200 + (uint64_t)(fixture_uniform(state) * 2000);
  uint64_t cpu_ns = wall_ns >= 20000 ? (uint64_t)((double)wall_ns * 0.93) : 0;
  uint64_t end_ns = begin_ns + safepoint_ns + wall_ns,
           kind = is_full ? GC_PAUSE_full : GC_PAUSE_scavenge;
  uint64_t after_bytes = is_full ? used_bytes / 3 : used_bytes - used_bytes / 16;
  gc_event_write(ring, stop, .stop_id = number + 1, .cycle = is_full, .kind = kind,
                 .reason = is_full ? GC_REASON_old_space_full : GC_REASON_nursery_full,
                 .threads = 2, .request_ns = begin_ns, .stopped_ns = begin_ns + safepoint_ns,
                 .work_end_ns = end_ns - 100, .resumed_ns = end_ns, .cpu_ns = cpu_ns,
                 .cpu_total_ns = 2 * cpu_ns, .scavenge_ns = is_full ? wall_ns / 8 : wall_ns,
                 .scavenge_cpu_ns = cpu_ns, .used_before_bytes = used_bytes,
                 .used_after_bytes = after_bytes, .promoted_bytes = 4096);
  gc_event_write(ring, pause, .stop_id = number + 1, .mutator = 0, .kind = kind,
                 .begin_ns = begin_ns, .end_ns = end_ns);
  gc_event_write(ring, phase, .stop_id = number + 1, .phase = is_full, .begin_ns = begin_ns,
                 .end_ns = end_ns, .cpu_ns = cpu_ns);
  gc_event_write(ring, sample, .time_ns = end_ns, .nursery_bytes = 0, .old_bytes = after_bytes,
                 .committed_bytes = trial->heap_bytes, .limit_bytes = trial->heap_bytes);
}

/* Two cycles that were paced, in quarters. */
static inline void fixture_pacer_events(struct gc_event_ring *ring,
                                        const struct fixture_trial *trial) {
  for (uint64_t quarter = 0; quarter < 8; quarter++)
    gc_event_write(ring, pacer, .cycle = 1 + quarter / 4,
                   .time_ns = fixture_epoch_ns + (quarter + 1) * trial->length_ns / 10,
                   .goal_bytes = trial->heap_bytes / 2,
                   .marked_bytes = (quarter % 4 + 1) * trial->heap_bytes / 8,
                   .debt_bytes = quarter << 10, .step_bytes = 1 << 20,
                   .room_bytes = trial->heap_bytes / 4, .marked_per_ms = 1 << 20,
                   .promoted_per_ms = 1 << 18);
}

/* A burst, then idling: resident memory is that of the heap, but for one sample in the middle that is
 * twice it, and the last tenth, in which it is a tenth. */
static inline void fixture_usage_events(struct gc_event_ring *ring,
                                        const struct fixture_trial *trial) {
  for (uint64_t number = 0; number < trial->usage_count; number++) {
    uint64_t rss_bytes = number == trial->usage_count / 2        ? 2 * trial->heap_bytes
                         : number >= trial->usage_count * 9 / 10 ? trial->heap_bytes / 10
                                                                 : trial->heap_bytes;
    gc_event_write(
        ring, usage, .time_ns = fixture_epoch_ns + number * trial->length_ns / trial->usage_count,
        .rss_bytes = rss_bytes, .heap_total_bytes = rss_bytes / 2, .heap_used_bytes = rss_bytes / 4,
        .external_bytes = 1 << 20, .metadata_bytes = 1 << 18);
  }
}

static inline void fixture_heap_events(struct gc_event_ring *ring,
                                       const struct fixture_trial *trial) {
  uint64_t state = trial->seed, used_bytes = trial->heap_bytes / 4;
  for (uint64_t number = 0; number < trial->pause_count; number++) {
    uint64_t begin_ns =
        fixture_epoch_ns + (number + 1) * trial->length_ns / (trial->pause_count + 1);
    fixture_stop(ring, trial, &state, number, begin_ns, used_bytes);
    bool was_full = trial->full_every && number % trial->full_every == trial->full_every - 1;
    uint64_t step_bytes =
        trial->heap_bytes / 2 / (trial->full_every ? trial->full_every : trial->pause_count + 1);
    used_bytes = was_full ? trial->heap_bytes / 4 : used_bytes + step_bytes;
  }
  fixture_pacer_events(ring, trial);
  fixture_usage_events(ring, trial);
  gc_event_write(ring, mutator, .mutator = 0, .attach_ns = fixture_epoch_ns,
                 .detach_ns = fixture_epoch_ns + trial->length_ns);
}

static inline void fixture_idle_events(struct gc_event_ring *ring,
                                       const struct fixture_trial *trial) {
  uint64_t state = trial->seed;
  for (uint64_t number = 0; number < trial->pause_count; number++) {
    uint64_t begin_ns =
        fixture_epoch_ns + (number + 1) * trial->length_ns / (trial->pause_count + 1);
    uint64_t length_ns = fixture_skewed_ns(&state, 4, 1.2);
    gc_event_write(ring, gap, .begin_ns = begin_ns, .end_ns = begin_ns + length_ns,
                   .cpu_ns = length_ns >= 20000 ? length_ns / 8 : 0);
  }
}

static inline int fixture_fail(const char *error) {
  fprintf(stderr, "%s\n", error);
  return -1;
}

/* Writes the trial's two files. Returns 0, or -1 with a sentence on standard error. */
static inline int fixture_write_trial(const char *directory, const struct fixture_trial *from) {
  static const char *const phases[] = {"scavenge", "mark"};
  char path[PATH_MAX], error[1024];
  struct gc_event_ring ring;
  struct results_trial trial;
  if (gc_event_ring_init(&ring, 0))
    return fixture_fail("no memory for a ring");
  bool is_idle = strcmp(from->workload, RESULTS_IDLE_WORKLOAD) == 0;
  if (is_idle)
    fixture_idle_events(&ring, from);
  else
    fixture_heap_events(&ring, from);
  gc_event_write(&ring, timed, .mutator = 0, .begin_ns = fixture_epoch_ns,
                 .end_ns = fixture_epoch_ns + from->length_ns, .operations = 1000000);
  results_trial_init(&trial);
  trial.trial = from->trial;
  trial.status = from->status;
  results_text_set(&trial.status_detail, from->detail ? from->detail : "");
  results_text_set(&trial.configuration.workload, from->workload);
  results_text_set(&trial.configuration.collector, from->collector);
  results_text_set(&trial.configuration.barrier, from->barrier);
  trial.configuration.heap_bytes = from->heap_bytes;
  trial.configuration.heap_multiple = is_idle ? NAN : 3;
  trial.configuration.mutators = 1;
  trial.configuration.gc_threads = 2;
  trial.configuration.nursery_bytes = from->heap_bytes / 16;
  trial.configuration.pause_target_ns = UINT64_MAX;
  trial.configuration.seed = UINT64_MAX - from->invocation;
  trial.configuration.invocation = from->invocation;
  results_settings_add(&trial.configuration.parameters, "depth", "18");
  trial.result.wall_ns = trial.result.timed_ns = from->length_ns;
  trial.result.operations = 1000000;
  trial.result.cpu_user_ns = from->length_ns;
  trial.heap.peak_heap_bytes = from->heap_bytes * 3 / 4;
  trial.machine.cores = 2;
  for (size_t head = 0; head < ring.used_words; head += 1 + (ring.words[head] >> 16 & 0xffff))
    trial.recording.events++;
  struct results_events_source source = {.rings = (const struct gc_event_ring *[]){&ring},
                                         .ring_count = 1,
                                         .phases = phases,
                                         .phase_count = 2};
  int status = results_trial_events_path(path, directory, from->trial, error, sizeof error);
  if (!status)
    status = results_events_write_source(path, &source, error, sizeof error);
  if (!status)
    status = results_trial_path(path, directory, from->trial, error, sizeof error);
  if (!status)
    status = results_trial_write(path, &trial, error, sizeof error);
  results_trial_finish(&trial);
  gc_event_ring_finish(&ring);
  return status ? fixture_fail(error) : 0;
}

/* An empty run directory. */
static inline int fixture_make_directory(const char *directory) {
  char path[PATH_MAX];
  mkdir(directory, 0777);
  snprintf(path, sizeof path, "%s/trials", directory);
  return mkdir(path, 0777);
}

#endif
