/* A trial of a workload on a heap: opens the heap, runs one thread per mutator, collects what was
 * recorded.
 *
 * What is timed. wall_ns is from the begin of the first measured iteration to the end of the last,
 * filling included; loading the input, opening the heap, touching its memory and warming up are
 * before it. CPU time and context switches are those of the whole process between the same two
 * moments, the collector's threads included; sums of the heap's are what they grew by.
 *
 * Concurrency. Mutators attach one after another, so that the heap numbers them as the trial does;
 * each then waits in a blocking region until all have, and they run together. The main thread only
 * waits for them.
 */
#define _GNU_SOURCE /* pthread_setname_np */
#include "harness/census_recorder.h"
#include "harness/clock.h"
#include "harness/iterations.h"
#include "harness/processor_counters.h"
#include "harness/recording_cost.h"
#include "harness/ring.h"
#include "harness/trial.h"
#include "harness/usage_sampler.h"
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include "heap/recording.h"
#include "results/events_file.h"
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct mutator_thread {
  struct heap_trial *heap_trial;
  pthread_t thread;
  struct workload_run *run;
  struct iterations_done done;
  char error[256]; /* why it could not attach; empty when it did */
};

struct heap_trial {
  struct results_trial *trial;
  struct trial_shared *shared;
  struct gc_heap *heap;
  const struct workload_ops *ops;
  struct workload_choice choice;
  struct mutator_thread *threads;
  unsigned mutators;
  enum gc_record record;
  struct usage_sampler sampler;
  const struct trial_census *census;
  struct census_recorder recorder;
  uint64_t setup_begin_ns;
  sem_t attached; /* posted by each thread that has attached, or could not */
  struct iterations iterations;
  struct gc_statistics statistics_begin;
  struct rusage usage_begin;
  struct processor_counters counters;
  double counters_begin[PROCESSOR_COUNTERS];
};

int trial_heap_options(const struct results_configuration *configuration,
                       struct gc_options *options, char *error, size_t error_size) {
  *options = gc_options_default();
  options->collector = configuration->collector.text;
  options->barrier = configuration->barrier.text;
  options->heap_bytes = configuration->heap_bytes;
  options->nursery_bytes = configuration->nursery_bytes;
  options->gc_threads = configuration->gc_threads;
  options->pause_target_ns = configuration->pause_target_ns;
  options->pretouch = configuration->pretouch;
  options->seed = configuration->seed;
  for (size_t i = 0; i < configuration->options.count; i++) {
    const struct results_setting *setting = &configuration->options.items[i];
    int status = gc_option_set(options, setting->name, setting->text, error, error_size);
    if (status != 0) {
      return status;
    }
  }
  return 0;
}

/* --- mutators -----------------------------------------------------------------------------------
 */

/* Of the mutator that attached last: the others wait, and no one attaches beside it. */
static const struct gc_event_ring *newest_ring(struct gc_heap *heap) {
  return gc_recording_ring(heap, gc_recording_ring_count(heap) - 1);
}

static void *run_mutator(void *argument) {
  struct mutator_thread *thread = argument;
  struct heap_trial *heap_trial = thread->heap_trial;
  char name[16]; /* what the system has room for */
  snprintf(name, sizeof name, "mutator-%u", thread->run->mutator_index);
  pthread_setname_np(pthread_self(), name);
  struct gc_mutator *mutator =
      heap_trial->ops->attach(heap_trial->heap, thread->error, sizeof thread->error);
  if (mutator) {
    thread->error[0] = 0;
    pause_reader_add(&heap_trial->sampler.pauses, newest_ring(heap_trial->heap));
    gc_blocking_begin(mutator);
  }
  sem_post(&heap_trial->attached);
  iterations_run(&heap_trial->iterations, heap_trial->ops, mutator, thread->run,
                 &heap_trial->shared->finished[thread->run->mutator_index], &thread->done);
  if (mutator) {
    gc_blocking_end(mutator);
    gc_detach(mutator);
  }
  return NULL;
}

/* Of the trial: what comes before enters no figure. */
static void begin_measuring(void *context) {
  struct heap_trial *heap_trial = context;
  gc_statistics_read(heap_trial->heap, &heap_trial->statistics_begin);
  getrusage(RUSAGE_SELF, &heap_trial->usage_begin);
  processor_counters_read(&heap_trial->counters, heap_trial->counters_begin);
}

static int start_mutators(struct heap_trial *heap_trial) {
  for (unsigned i = 0; i < heap_trial->mutators; i++) {
    struct mutator_thread *thread = &heap_trial->threads[i];
    thread->heap_trial = heap_trial;
    thread->run = &heap_trial->shared->runs[i];
    *thread->run = (struct workload_run){
        .input = &heap_trial->choice.input,
        .seed = workload_mutator_seed(heap_trial->choice.input.seed, i),
        .mutator_index = i,
        .checkpoints = census_recorder_start(&heap_trial->recorder, heap_trial->heap,
                                             i == 0 ? heap_trial->census->samples : 0),
        .requests = {.is_declined = heap_trial->record == GC_RECORD_NO_REQUESTS ||
                                    heap_trial->record == GC_RECORD_NOTHING},
        .operations_timed = {.is_wanted = heap_trial->record == GC_RECORD_OPERATIONS},
    };
    int status = -iterations_done_init(&thread->done, &heap_trial->iterations);
    if (status == 0) {
      status = pthread_create(&thread->thread, NULL, run_mutator, thread);
    }
    if (status != 0) {
      return -status; /* the process ends: threads that wait are not left to run */
    }
    while (sem_wait(&heap_trial->attached) != 0) {
      /* A signal woke it. */
    }
  }
  return 0;
}

static void run_mutators(struct heap_trial *heap_trial) {
  for (unsigned i = 0; i < heap_trial->mutators; i++) {
    pthread_join(heap_trial->threads[i].thread, NULL);
  }
}

/* --- what came out ------------------------------------------------------------------------------
 */

static uint64_t rusage_ns(struct timeval begin, struct timeval end) {
  int64_t us = (int64_t)(end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_usec - begin.tv_usec);
  return (uint64_t)us * 1000;
}

static void fill_counters(struct heap_trial *heap_trial) {
  struct results_machine *machine = &heap_trial->trial->machine;
  const double *begin = heap_trial->counters_begin;
  double end[PROCESSOR_COUNTERS];
  processor_counters_read(&heap_trial->counters, end);
  machine->cycles = end[PROCESSOR_CYCLES] - begin[PROCESSOR_CYCLES];
  machine->instructions = end[PROCESSOR_INSTRUCTIONS] - begin[PROCESSOR_INSTRUCTIONS];
  machine->cache_misses = end[PROCESSOR_CACHE_MISSES] - begin[PROCESSOR_CACHE_MISSES];
}

void trial_fill_usage(struct results_trial *trial, const struct rusage *begin) {
  struct rusage end;
  getrusage(RUSAGE_SELF, &end);
  trial->result.cpu_user_ns = rusage_ns(begin->ru_utime, end.ru_utime);
  trial->result.cpu_system_ns = rusage_ns(begin->ru_stime, end.ru_stime);
  trial->machine.involuntary_switches = (uint64_t)(end.ru_nivcsw - begin->ru_nivcsw);
  trial->machine.voluntary_switches = (uint64_t)(end.ru_nvcsw - begin->ru_nvcsw);
}

/* They join the ring, which is made as long as they need. */
void trial_write_requests(const struct workload_requests *requests, unsigned mutator,
                          struct gc_event_ring *ring) {
  ring->lost_events += requests->lost;
  if (ring_reserve(ring, requests->count * RING_WORDS(request)) != 0) {
    ring->lost_events += requests->count;
    return;
  }
  for (size_t i = 0; i < requests->count; i++) {
    const struct workload_request *request = &requests->items[i];
    gc_event_write(ring, request, .mutator = mutator, .class = request->class,
                   .arrival_ns = request->arrival_ns, .begin_ns = request->begin_ns,
                   .end_ns = request->end_ns);
  }
}

void trial_write_operations(const struct workload_operations *operations, unsigned mutator,
                            struct gc_event_ring *ring) {
  ring->lost_events += operations->lost;
  if (ring_reserve(ring, operations->count * RING_WORDS(operation)) != 0) {
    ring->lost_events += operations->count;
    return;
  }
  for (size_t i = 0; i < operations->count; i++) {
    const struct workload_operation *operation = &operations->items[i];
    gc_event_write(ring, operation, .mutator = mutator, .begin_ns = operation->begin_ns,
                   .end_ns = operation->end_ns, .cpu_ns = operation->cpu_ns);
  }
}

void trial_set_checksum(struct results_trial *trial, uint64_t checksum) {
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, checksum);
  results_text_set(&trial->result.checksum, text);
}

static void write_iteration(const struct heap_trial *heap_trial, unsigned mutator, uint64_t index,
                            struct gc_event_ring *ring) {
  const struct iterations *iterations = &heap_trial->iterations;
  const struct iteration *iteration = &heap_trial->threads[mutator].done.items[index];
  bool is_warmup = iterations_is_warmup(iterations, index);
  if (iterations->count > 1) {
    gc_event_write(ring, iteration, .mutator = mutator, .iteration = index + 1,
                   .is_warmup = is_warmup, .begin_ns = iteration->begin_ns,
                   .end_ns = iteration->end_ns, .timed_begin_ns = iteration->timed_begin_ns,
                   .timed_end_ns = iteration->timed_end_ns, .operations = iteration->operations);
  }
  if (!is_warmup && iteration->timed_begin_ns != 0) {
    gc_event_write(ring, timed, .mutator = mutator, .begin_ns = iteration->timed_begin_ns,
                   .end_ns = iteration->timed_end_ns, .operations = iteration->operations);
    trial_write_requests(&iteration->requests, mutator, ring);
    trial_write_operations(&iteration->operations_timed, mutator, ring);
  }
}

/* First moment and last of some span of an iteration, over all mutators. */
struct hull {
  uint64_t begin_ns, end_ns;
};

static void extend(struct hull *hull, uint64_t begin_ns, uint64_t end_ns) {
  hull->begin_ns = begin_ns < hull->begin_ns ? begin_ns : hull->begin_ns;
  hull->end_ns = end_ns > hull->end_ns ? end_ns : hull->end_ns;
}

/* Adds an iteration to the trial's operations and timed part, and to `whole`. */
static void add_iteration(struct heap_trial *heap_trial, uint64_t index, struct hull *whole) {
  struct results_result *result = &heap_trial->trial->result;
  struct hull timed = {UINT64_MAX, 0};
  for (unsigned i = 0; i < heap_trial->mutators; i++) {
    const struct iterations_done *done = &heap_trial->threads[i].done;
    const struct iteration *iteration = &done->items[index];
    if (index >= done->count) {
      continue;
    }
    extend(whole, iteration->begin_ns, iteration->end_ns);
    result->operations += iteration->operations;
    if (iteration->timed_begin_ns != 0) {
      extend(&timed, iteration->timed_begin_ns, iteration->timed_end_ns);
    }
  }
  result->timed_ns += timed.end_ns > timed.begin_ns ? timed.end_ns - timed.begin_ns : 0;
}

static void fill_result(struct heap_trial *heap_trial, struct gc_event_ring *ring) {
  struct results_trial *trial = heap_trial->trial;
  const struct iterations *iterations = &heap_trial->iterations;
  struct hull whole = {UINT64_MAX, 0};
  uint64_t checksum = 0, first_ns = UINT64_MAX;
  for (unsigned i = 0; i < heap_trial->mutators; i++) {
    const struct iterations_done *done = &heap_trial->threads[i].done;
    checksum = checksum * 31 + done->items[0].checksum;
    first_ns = done->items[0].begin_ns < first_ns ? done->items[0].begin_ns : first_ns;
    for (uint64_t index = 0; index < done->count; index++) {
      write_iteration(heap_trial, i, index, ring);
    }
  }
  for (uint64_t index = iterations->warmup_count; index < iterations->count; index++) {
    add_iteration(heap_trial, index, &whole);
  }
  trial->result.setup_ns = first_ns - heap_trial->setup_begin_ns;
  trial->result.wall_ns = whole.end_ns > whole.begin_ns ? whole.end_ns - whole.begin_ns : 0;
  trial_set_checksum(trial, checksum);
  results_text_set(&trial->result.note, heap_trial->threads[0].run->note);
}

/* " of iteration 2 of 5" where there are several. */
static void name_iteration(const struct heap_trial *heap_trial, const struct iterations_done *done,
                           char *text, size_t text_size) {
  text[0] = 0;
  if (heap_trial->iterations.count > 1) {
    snprintf(text, text_size, ", in iteration %" PRIu64 " of %" PRIu64, done->count,
             heap_trial->iterations.count);
  }
}

/* What the failure ladder that ended last had asked for. */
static bool was_external_that_lacked(struct gc_heap *heap) {
  uint64_t of = 0, last_ns = 0;
  for (size_t i = 0; i < gc_recording_ring_count(heap); i++) {
    const struct gc_event_ring *ring = gc_recording_ring(heap, i);
    for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
      const struct gc_event_out_of_memory *event = (const void *)ring_fields_at(ring, head);
      if (ring_number_at(ring, head) == GC_EVENT_out_of_memory && event->time_ns >= last_ns) {
        last_ns = event->time_ns;
        of = event->of;
      }
    }
  }
  return of != 0;
}

static void say_exhausted(struct heap_trial *heap_trial, const struct mutator_thread *thread,
                          char *text, size_t text_size) {
  char what[64], in_iteration[64];
  name_iteration(heap_trial, &thread->done, in_iteration, sizeof in_iteration);
  snprintf(what, sizeof what, "the heap of %s",
           say_size(heap_trial->trial->configuration.heap_bytes));
  snprintf(text, text_size, "%s was exhausted after %u %% of the run%s",
           was_external_that_lacked(heap_trial->heap) ? "external memory" : what,
           (unsigned)gc_atomic_load_relaxed(&thread->run->progress_percent), in_iteration);
}

static void fill_status(struct heap_trial *heap_trial) {
  struct results_trial *trial = heap_trial->trial;
  char detail[RESULTS_TEXT_SIZE] = "";
  trial->status = RESULTS_ok;
  for (unsigned i = 0; i < heap_trial->mutators; i++) {
    const struct mutator_thread *thread = &heap_trial->threads[i];
    if (thread->error[0]) {
      trial->status = RESULTS_refused;
      snprintf(detail, sizeof detail, "%s", thread->error);
      break;
    }
    if (thread->done.status == WORKLOAD_WRONG) {
      trial->status = RESULTS_wrong_result;
      snprintf(detail, sizeof detail, "%s",
               thread->done.wrong[0] ? thread->done.wrong : thread->run->note);
      break;
    }
    if (thread->done.status == WORKLOAD_OUT_OF_MEMORY) {
      trial->status = RESULTS_out_of_memory;
      say_exhausted(heap_trial, thread, detail, sizeof detail);
    }
  }
  results_text_set(&trial->status_detail, detail);
}

/* Largest use at any stop that was not of the warm-up, and at the end. */
static uint64_t peak_heap_bytes(struct gc_heap *heap, uint64_t first_stop,
                                const struct gc_memory_usage *usage) {
  uint64_t peak_bytes = usage->heap_used_bytes;
  for (size_t i = 0; i < gc_recording_ring_count(heap); i++) {
    const struct gc_event_ring *ring = gc_recording_ring(heap, i);
    for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
      if (ring_number_at(ring, head) == GC_EVENT_stop) {
        const struct gc_event_stop *stop = (const void *)ring_fields_at(ring, head);
        if (stop->stop_id < first_stop) {
          continue;
        }
        peak_bytes = stop->used_before_bytes > peak_bytes ? stop->used_before_bytes : peak_bytes;
        peak_bytes = stop->used_after_bytes > peak_bytes ? stop->used_after_bytes : peak_bytes;
      }
    }
  }
  return peak_bytes;
}

static void add_ring(struct results_recording *recording, const struct recording_costs *costs,
                     const struct gc_event_ring *ring) {
  recording->events += ring_event_count(ring);
  recording->lost_events += ring->lost_events;
  recording->cost_ns += (uint64_t)recording_costs_of(costs, ring);
}

static void fill_recording(struct heap_trial *heap_trial, const struct gc_event_ring *extra) {
  struct results_trial *trial = heap_trial->trial;
  struct recording_costs costs;
  recording_costs_measure(&costs);
  add_ring(&trial->recording, &costs, extra);
  if (heap_trial->record == GC_RECORD_OPERATIONS) {
    trial->recording.cost_ns += recording_costs_of_operations(&costs, trial->result.operations);
  }
  for (size_t i = 0; i < gc_recording_ring_count(heap_trial->heap); i++) {
    add_ring(&trial->recording, &costs, gc_recording_ring(heap_trial->heap, i));
  }
  if (trial->status == RESULTS_ok && trial->recording.lost_events > 0) {
    char detail[128] = "nothing was recorded, as was asked for";
    if (heap_trial->record != GC_RECORD_NOTHING) {
      snprintf(detail, sizeof detail, "%" PRIu64 " events found their ring full",
               trial->recording.lost_events);
    }
    trial->status = RESULTS_incomplete;
    results_text_set(&trial->status_detail, detail);
  }
}

/* What was counted since measuring began. */
static struct gc_statistics statistics_since(const struct gc_statistics *begin,
                                             struct gc_statistics end) {
#define SINCE(sum) end.sum -= begin->sum;
  SINCE(scavenge_count)
  SINCE(full_count)
  SINCE(remarks_aborted)
  SINCE(degenerated_count)
  SINCE(allocated_bytes)
  SINCE(survived_bytes)
  SINCE(survived_objects)
  SINCE(promoted_bytes)
  SINCE(promoted_objects)
  SINCE(marked_bytes)
  SINCE(marked_objects)
  SINCE(marked_slots)
  SINCE(swept_bytes)
  SINCE(evacuated_bytes)
  SINCE(evacuated_objects)
  SINCE(evacuated_blocks)
  SINCE(updated_slots)
  SINCE(scavenge_ns)
  SINCE(mark_ns)
  SINCE(sweep_ns)
  SINCE(stop_count)
  SINCE(stop_ns)
#undef SINCE
  return end;
}

static void fill_heap(struct heap_trial *heap_trial) {
  const struct gc_statistics *begin = &heap_trial->statistics_begin;
  struct results_trial *trial = heap_trial->trial;
  struct gc_statistics statistics;
  struct gc_memory_usage usage;
  gc_statistics_read(heap_trial->heap, &statistics);
  gc_memory_usage(heap_trial->heap, &usage);
  statistics = statistics_since(begin, statistics);
  results_trial_set_heap(trial, &statistics, &usage);
  trial->heap.peak_heap_bytes = peak_heap_bytes(heap_trial->heap, begin->stop_count + 1, &usage);
}

/* --- the trial ----------------------------------------------------------------------------------
 */

static enum harness_status refuse(struct results_trial *trial, const char *sentence) {
  trial->status = RESULTS_refused;
  results_text_set(&trial->status_detail, sentence);
  return HARNESS_DONE;
}

static enum harness_status run_on_heap(struct heap_trial *heap_trial, struct gc_event_ring *ring,
                                       const char *events_path) {
  char error[512] = "";
  struct trial_shared *shared = heap_trial->shared;
  const struct results_configuration *configuration = &heap_trial->trial->configuration;
  sem_init(&heap_trial->attached, 0, 0);
  if (iterations_init(&heap_trial->iterations, configuration->warmup_iterations,
                      configuration->iterations, heap_trial->mutators) != 0) {
    return say_environment("out of memory");
  }
  heap_trial->iterations.begin_measuring = begin_measuring;
  heap_trial->iterations.context = heap_trial;
  shared->mutators = heap_trial->mutators;
  shared->iterations = heap_trial->iterations.count;
  heap_trial->threads = calloc(heap_trial->mutators, sizeof *heap_trial->threads);
  if (!heap_trial->threads) {
    return say_environment("out of memory");
  }
  begin_measuring(heap_trial); /* and again when all have warmed up, if they do */
  gc_atomic_store_relaxed(&shared->is_running, 1);
  int status = heap_trial->record == GC_RECORD_NOTHING
                   ? 0
                   : usage_sampler_start(&heap_trial->sampler, heap_trial->heap, &shared->feed);
  if (status == 0) {
    status = start_mutators(heap_trial);
    if (status != 0) {
      usage_sampler_stop(&heap_trial->sampler);
    }
  }
  if (status != 0) {
    return say_environment("cannot start a thread: %s", strerror(-status));
  }
  run_mutators(heap_trial);
  usage_sampler_stop(&heap_trial->sampler);
  trial_fill_usage(heap_trial->trial, &heap_trial->usage_begin);
  fill_counters(heap_trial);
  gc_recording_finish(heap_trial->heap); /* before events are counted */
  fill_status(heap_trial);
  ring->ring_number = (uint32_t)gc_recording_ring_count(heap_trial->heap);
  usage_sampler_write(&heap_trial->sampler, ring);
  if (heap_trial->trial->status != RESULTS_refused) {
    fill_result(heap_trial, ring);
  }
  fill_heap(heap_trial);
  fill_recording(heap_trial, ring);
  if (results_events_write(events_path, heap_trial->heap, ring, error, sizeof error) != 0 ||
      (heap_trial->census->samples > 0 &&
       census_recorder_write(&heap_trial->recorder, heap_trial->census->path, error,
                             sizeof error) != 0)) {
    return say_environment("%s", error);
  }
  return HARNESS_DONE;
}

static enum harness_status prepare_input(struct heap_trial *heap_trial) {
  const struct results_configuration *configuration = &heap_trial->trial->configuration;
  const struct workload *workload = workload_find(configuration->workload.text);
  heap_trial->ops = workload_find_ops(configuration->workload.text, configuration->barrier.text);
  if (!workload || !heap_trial->ops) {
    return say_bad_input("this program has no workload '%s' under a barrier '%s'",
                         configuration->workload.text, configuration->barrier.text);
  }
  enum harness_status status =
      workload_choice_init(&heap_trial->choice, workload, &configuration->parameters,
                           configuration->quick, configuration->seed);
  char error[512];
  if (status == HARNESS_DONE && workload->prepare &&
      workload->prepare(&heap_trial->choice.input, error, sizeof error) != 0) {
    return say_bad_input("%s: %s", workload->name, error);
  }
  return status;
}

enum harness_status heap_trial_run(struct results_trial *trial, struct trial_shared *shared,
                                   struct gc_event_ring *ring, const char *events_path,
                                   const struct trial_census *census) {
  struct heap_trial heap_trial = {.trial = trial,
                                  .shared = shared,
                                  .mutators = (unsigned)trial->configuration.mutators,
                                  .census = census};
  enum harness_status status = prepare_input(&heap_trial);
  struct gc_options options;
  char error[512] = "";
  if (status == HARNESS_DONE &&
      trial_heap_options(&trial->configuration, &options, error, sizeof error) != 0) {
    status = say_bad_input("%s", error);
  }
  if (status != HARNESS_DONE) {
    return status;
  }
  processor_counters_open(&heap_trial.counters); /* before the heap starts threads */
  heap_trial.setup_begin_ns = clock_now_ns();
  if (gc_record_parse(options.record, &heap_trial.record, error, sizeof error) != 0 ||
      gc_heap_open(&options, &heap_trial.heap, error, sizeof error) != 0) {
    return refuse(trial, error);
  }
  status = run_on_heap(&heap_trial, ring, events_path);
  processor_counters_close(&heap_trial.counters);
  gc_heap_close(heap_trial.heap);
  if (heap_trial.choice.input.workload->finish) {
    heap_trial.choice.input.workload->finish(&heap_trial.choice.input);
  }
  census_recorder_finish(&heap_trial.recorder);
  iterations_finish(&heap_trial.iterations);
  sem_destroy(&heap_trial.attached);
  for (unsigned i = 0; heap_trial.threads && i < heap_trial.mutators; i++) {
    iterations_done_finish(&heap_trial.threads[i].done);
  }
  free(heap_trial.threads);
  workload_choice_finish(&heap_trial.choice);
  return status;
}
