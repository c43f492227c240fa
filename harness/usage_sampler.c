/* Samples of a trial's memory. See usage_sampler.h. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "harness/usage_sampler.h"
#include "harness/clock.h"
#include "harness/ring.h"
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void keep(struct usage_sampler *sampler, const struct gc_event_usage *sample) {
  if (sampler->count == sampler->capacity) {
    size_t capacity = 2 * sampler->capacity + 256;
    struct gc_event_usage *items = realloc(sampler->items, capacity * sizeof *items);
    if (items == NULL) {
      sampler->lost++;
      return;
    }
    sampler->items = items;
    sampler->capacity = capacity;
  }
  sampler->items[sampler->count++] = *sample;
}

static void publish(struct usage_sampler *sampler, const struct gc_event_usage *usage,
                    uint64_t limit_bytes) {
  struct usage_feed_sample sample = {.time_ns = usage->time_ns,
                                     .rss_bytes = usage->rss_bytes,
                                     .heap_total_bytes = usage->heap_total_bytes,
                                     .heap_used_bytes = usage->heap_used_bytes,
                                     .external_bytes = usage->external_bytes,
                                     .metadata_bytes = usage->metadata_bytes,
                                     .limit_bytes = limit_bytes};
  pause_reader_fill(&sampler->pauses, &sample);
  usage_feed_write(sampler->feed, &sample);
}

static void take_sample(struct usage_sampler *sampler) {
  struct gc_memory_usage usage;
  gc_memory_usage(sampler->heap, &usage);
  struct gc_event_usage sample = {.time_ns = clock_now_ns(),
                                  .rss_bytes = usage.rss_bytes,
                                  .heap_total_bytes = usage.heap_total_bytes,
                                  .heap_used_bytes = usage.heap_used_bytes,
                                  .external_bytes = usage.external_bytes,
                                  .buffers_bytes = usage.buffers_bytes,
                                  .metadata_bytes = usage.metadata_bytes,
                                  .machine_total_bytes = usage.machine_total_bytes,
                                  .machine_free_bytes = usage.machine_free_bytes,
                                  .cgroup_limit_bytes = usage.cgroup_limit_bytes};
  keep(sampler, &sample);
  if (usage_feed_is_wanted(sampler->feed, sample.time_ns)) {
    publish(sampler, &sample, usage.heap_limit_bytes);
  }
}

static struct timespec later(struct timespec moment) {
  moment.tv_nsec += USAGE_SAMPLE_EVERY_MS * 1000000L;
  moment.tv_sec += moment.tv_nsec / 1000000000L;
  moment.tv_nsec %= 1000000000L;
  return moment;
}

static void *thread_main(void *argument) {
  struct usage_sampler *sampler = argument;
  struct timespec next;
  pthread_setname_np(pthread_self(), "usage");
  clock_gettime(CLOCK_MONOTONIC, &next);
  pthread_mutex_lock(&sampler->lock);
  while (!sampler->is_stopping) {
    pthread_mutex_unlock(&sampler->lock);
    take_sample(sampler);
    next = later(next);
    pthread_mutex_lock(&sampler->lock);
    while (!sampler->is_stopping &&
           pthread_cond_timedwait(&sampler->stopped, &sampler->lock, &next) != ETIMEDOUT) {
    }
  }
  pthread_mutex_unlock(&sampler->lock);
  take_sample(sampler);
  return NULL;
}

static int init_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  int error = pthread_condattr_init(&attributes);
  if (error == 0) {
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    error = error != 0 ? error : pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
  }
  return error;
}

int usage_sampler_start(struct usage_sampler *sampler, struct gc_heap *heap,
                        struct usage_feed *feed) {
  *sampler = (struct usage_sampler){.heap = heap, .feed = feed};
  gc_atomic_store_relaxed(&feed->begin_ns, clock_now_ns());
  pthread_mutex_init(&sampler->lock, NULL);
  int error = init_condition(&sampler->stopped);
  if (error == 0) {
    error = pthread_create(&sampler->thread, NULL, thread_main, sampler);
  }
  if (error != 0) {
    *sampler = (struct usage_sampler){0};
  }
  return -error;
}

void usage_sampler_stop(struct usage_sampler *sampler) {
  if (sampler->heap == NULL) {
    return;
  }
  pthread_mutex_lock(&sampler->lock);
  sampler->is_stopping = true;
  pthread_cond_signal(&sampler->stopped);
  pthread_mutex_unlock(&sampler->lock);
  pthread_join(sampler->thread, NULL);
  pthread_cond_destroy(&sampler->stopped);
  pthread_mutex_destroy(&sampler->lock);
}

void usage_sampler_write(struct usage_sampler *sampler, struct gc_event_ring *ring) {
  ring->lost_events += sampler->lost;
  if (ring_reserve(ring, sampler->count * RING_WORDS(usage)) != 0) {
    ring->lost_events += sampler->count;
    sampler->count = 0;
  }
  for (size_t i = 0; i < sampler->count; i++) {
    gc_event_ring_write(ring, GC_EVENT_usage, (const uint64_t *)&sampler->items[i],
                        sizeof sampler->items[i] / sizeof(uint64_t));
  }
  free(sampler->items);
  *sampler = (struct usage_sampler){0};
}
