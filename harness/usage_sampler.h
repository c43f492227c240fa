/* Samples of a trial's memory, beside its mutators: what gc_memory_usage answers, at a steady pace.
 * Where the trial is watched each also goes to its feed, with the pauses since the one before.
 *
 * Concurrency: a thread of the sampler's own, from start to stop. It touches no object and stops
 * nobody.
 *
 * Costs: about 30 us of CPU time per sample, most of it the system's: at its pace, less than a
 * thousandth of one processor.
 */
#ifndef HARNESS_USAGE_SAMPLER_H
#define HARNESS_USAGE_SAMPLER_H

#include "harness/pause_reader.h"
#include "heap/event.h"
#include <gc/heap.h>
#include <pthread.h>

/* The pace. */
#define USAGE_SAMPLE_EVERY_MS 50

struct usage_sampler {
  struct gc_heap *heap; /* null: it was not started */
  struct gc_event_usage *items;
  size_t count, capacity;
  uint64_t lost; /* samples for which there was no memory */
  struct usage_feed *feed;
  struct pause_reader pauses; /* rings are added by the trial's threads */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t stopped;
  bool is_stopping; /* under the lock */
};

/* 0 or negative errno. */
int usage_sampler_start(struct usage_sampler *sampler, struct gc_heap *heap,
                        struct usage_feed *feed);
/* Takes a last sample, and ends the thread. Nothing where it was not started. */
void usage_sampler_stop(struct usage_sampler *sampler);
/* Writes the samples as events and forgets them. */
void usage_sampler_write(struct usage_sampler *sampler, struct gc_event_ring *ring);

#endif
