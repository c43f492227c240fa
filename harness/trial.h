/* One trial, in the process that is only there for it.
 *
 * `tricolor trial FILE` reads a configuration from DIRECTORY/trials/NNNN.running.json (the form of
 * results/trial.h), runs it, and writes DIRECTORY/trials/NNNN.events.zst and NNNN.json. What the
 * process cannot know of itself (that it was ended, and why) the watching process adds.
 */
#ifndef HARNESS_TRIAL_H
#define HARNESS_TRIAL_H

#include "harness/say.h"
#include "harness/trial_shared.h"
#include "heap/event.h"
#include "results/trial.h"
#include <sys/resource.h>

/* Samples that a trial is to take of what its heap holds (census_recorder.h). */
struct trial_census {
  uint64_t samples; /* 0: none */
  const char *path; /* where they go */
};

/* Fills everything but configuration and machine. `ring` is the trial's own, for timed and gap
 * events. `events_path` is where the events go. HARNESS_ENVIRONMENT: they could not be written. */
enum harness_status heap_trial_run(struct results_trial *trial, struct trial_shared *shared,
                                   struct gc_event_ring *ring, const char *events_path,
                                   const struct trial_census *census);
enum harness_status idle_trial_run(struct results_trial *trial, struct trial_shared *shared,
                                   struct gc_event_ring *ring, const char *events_path);
/* Of a collector that is a native allocator. */
enum harness_status native_trial_run(struct results_trial *trial, struct trial_shared *shared,
                                     struct gc_event_ring *ring, const char *events_path);

/* The requests that a run recorded, into the trial's own ring. */
void trial_write_requests(const struct workload_requests *requests, unsigned mutator,
                          struct gc_event_ring *ring);

/* And its slow operations. */
void trial_write_operations(const struct workload_operations *operations, unsigned mutator,
                            struct gc_event_ring *ring);

/* Writes the CPU time and context switches of the process since `begin`. */
void trial_fill_usage(struct results_trial *trial, const struct rusage *begin);

/* As tables show it, of the runs' checksums joined. */
void trial_set_checksum(struct results_trial *trial, uint64_t checksum);

/* The heap options that a trial's configuration describes. Texts are borrowed from it. 0, or
 * -EINVAL with a sentence. */
int trial_heap_options(const struct results_configuration *configuration,
                       struct gc_options *options, char *error, size_t error_size);

#define IDLE_NS       UINT64_C(2000000000)
#define IDLE_QUICK_NS UINT64_C(500000000)

#endif
