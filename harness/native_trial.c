/* A trial without a heap: the workload's native port on an allocator, in this process's first
 * thread.
 *
 * What is timed begins before the allocator is set to work, as it does for a program of its own. The
 * collections of libgc become stops and pauses as under the collector bdwgc; the whole of its thread is
 * the one mutator.
 */
#include "collectors/libgc.h"
#include "harness/clock.h"
#include "harness/native/native_registry.h"
#include "harness/recording_cost.h"
#include "harness/ring.h"
#include "harness/trial.h"
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include "results/events_file.h"
#include <stdio.h>
#include <string.h>

static void write_collections(const struct gc_libgc_collection *last, struct gc_event_ring *ring) {
  const struct gc_libgc_collection *collection = gc_libgc_next_collection(last);
  for (; collection; collection = gc_libgc_next_collection(collection)) {
    gc_event_write(ring, stop, .stop_id = collection->number, .cycle = collection->number,
                   .kind = GC_PAUSE_full, .reason = GC_REASON_old_space_full, .threads = 1,
                   .request_ns = collection->begin_ns, .stopped_ns = collection->stopped_ns,
                   .work_end_ns = collection->marked_ns, .resumed_ns = collection->end_ns,
                   .cpu_ns = collection->cpu_ns, .cpu_total_ns = collection->cpu_ns,
                   .used_before_bytes = collection->used_before_bytes,
                   .used_after_bytes = collection->used_after_bytes);
    gc_event_write(ring, pause, .stop_id = collection->number, .kind = GC_PAUSE_full,
                   .begin_ns = collection->begin_ns, .end_ns = collection->end_ns);
  }
}

static void fill_heap(struct results_trial *trial, const struct gc_libgc *libgc) {
  if (libgc) {
    trial->heap.full_count = gc_libgc_last_collection()->number;
    trial->heap.allocated_bytes = libgc->get_total_bytes();
    trial->heap.heap_total_bytes = libgc->get_heap_size();
    trial->heap.heap_used_bytes = libgc->get_heap_size() - libgc->get_free_bytes();
    trial->heap.peak_heap_bytes = libgc->get_heap_size(); /* it gives nothing back */
  }
}

static void fill_recording(struct results_trial *trial, const struct workload_run *run,
                           const struct gc_event_ring *ring) {
  struct recording_costs costs;
  recording_costs_measure(&costs);
  trial->recording.events = ring_event_count(ring);
  trial->recording.lost_events = ring->lost_events;
  trial->recording.cost_ns = (uint64_t)recording_costs_of(&costs, ring);
  if (run->operations_timed.is_wanted) {
    trial->recording.cost_ns += recording_costs_of_operations(&costs, run->operations);
  }
}

static void fill_result(struct results_trial *trial, const struct workload_run *run,
                        enum workload_status status, struct gc_event_ring *ring) {
  uint64_t timed_end_ns = run->timed_end_ns ? run->timed_end_ns : run->timed_begin_ns;
  trial->status = status == WORKLOAD_WRONG ? RESULTS_wrong_result : RESULTS_ok;
  results_text_set(&trial->status_detail, status == WORKLOAD_WRONG ? run->note : "");
  trial->result.operations = run->operations;
  trial->result.timed_ns = timed_end_ns - run->timed_begin_ns;
  trial_set_checksum(trial, run->checksum);
  gc_event_write(ring, timed, .mutator = 0, .begin_ns = run->timed_begin_ns, .end_ns = timed_end_ns,
                 .operations = run->operations);
  trial_write_operations(&run->operations_timed, 0, ring);
  if (trial->status == RESULTS_ok && ring->lost_events > 0) {
    trial->status = RESULTS_incomplete;
  }
  fill_recording(trial, run, ring);
}

static enum harness_status run_port(struct results_trial *trial, struct workload_run *run,
                                    struct gc_event_ring *ring) {
  const struct results_configuration *configuration = &trial->configuration;
  const struct native_allocator *allocator = native_allocator_find(configuration->collector.text);
  const struct native_port *port = native_port_find(allocator, configuration->workload.text);
  char error[512] = "";
  struct rusage usage_begin;
  if (!port) {
    return say_bad_input("this program has no native port of %s", configuration->workload.text);
  }
  const struct gc_libgc_collection *last = gc_libgc_last_collection();
  getrusage(RUSAGE_SELF, &usage_begin);
  uint64_t begin_ns = clock_now_ns();
  if (allocator->open((unsigned)configuration->gc_threads, error, sizeof error) != 0) {
    trial->status = RESULTS_refused;
    results_text_set(&trial->status_detail, error);
    return HARNESS_DONE;
  }
  enum workload_status status = port->run(run);
  uint64_t end_ns = clock_now_ns();
  gc_event_write(ring, mutator, .mutator = 0, .attach_ns = begin_ns, .detach_ns = end_ns);
  trial_fill_usage(trial, &usage_begin);
  trial->result.wall_ns = end_ns - begin_ns;
  write_collections(last, ring);
  fill_heap(trial, native_libgc);
  fill_result(trial, run, status, ring);
  return HARNESS_DONE;
}

enum harness_status native_trial_run(struct results_trial *trial, struct trial_shared *shared,
                                     struct gc_event_ring *ring, const char *events_path) {
  const struct results_configuration *configuration = &trial->configuration;
  const struct workload *workload = workload_find(configuration->workload.text);
  struct workload_choice choice;
  char error[512];
  if (!workload) {
    return say_bad_input("this program has no workload '%s'", configuration->workload.text);
  }
  enum harness_status status = workload_choice_init(&choice, workload, &configuration->parameters,
                                                    configuration->quick, configuration->seed);
  if (status != HARNESS_DONE) {
    return status;
  }
  struct workload_run *run = &shared->runs[0];
  const char *record = results_settings_find(&configuration->options, "record");
  *run = (struct workload_run){
      .input = &choice.input,
      .seed = workload_mutator_seed(choice.input.seed, 0),
      .operations_timed = {.is_wanted = record && strcmp(record, "operations") == 0},
  };
  shared->mutators = shared->iterations = 1;
  gc_atomic_store_relaxed(&shared->is_running, 1);
  status = run_port(trial, run, ring);
  workload_operations_finish(run);
  workload_choice_finish(&choice);
  if (status == HARNESS_DONE &&
      results_events_write(events_path, NULL, ring, error, sizeof error) != 0) {
    status = say_environment("%s", error);
  }
  return status;
}
