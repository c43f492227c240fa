/* Measuring the smallest heap in which a workload runs.
 *
 * Algorithm. Doubling from 8 MiB until a run succeeds, then bisection between the last failure and
 * the success. The time limit of the later trials is 20 times the fastest success (at least 10 s):
 * a heap in which the collector does nothing but collect counts as too small.
 *
 * One collector thread: what fragments the old space depends on the order of copying, and so would
 * the answer near the limit.
 */
#include "harness/minimum_heap.h"
#include "harness/machine.h"
#include "harness/run_directory.h"
#include "harness/runner.h"
#include "harness/settings.h"
#include <stdio.h>
#include <string.h>

static const uint64_t mebibyte = UINT64_C(1) << 20;
static const uint64_t step_bytes = UINT64_C(1) << 18; /* a block of the old space */

enum { FIRST_MEBIBYTES = 8, GRAIN_RATIO = 64, SLOWDOWN = 20 };

static void fill_configuration(struct results_configuration *configuration,
                               const struct minimum_heap_search *search, uint64_t heap_bytes) {
  struct gc_options defaults = gc_options_default();
  const struct workload_choice *choice = search->choice;
  results_text_set(&configuration->workload, choice->input.workload->name);
  results_text_set(&configuration->collector,
                   search->collector ? search->collector : MINIMUM_HEAP_COLLECTOR);
  results_text_set(&configuration->barrier,
                   search->barrier ? search->barrier : MINIMUM_HEAP_BARRIER);
  configuration->heap_bytes = heap_bytes;
  configuration->mutators = search->mutators;
  configuration->gc_threads = 1; /* two threads copy in another order each time */
  configuration->pause_target_ns = defaults.pause_target_ns;
  configuration->seed = choice->input.seed;
  configuration->invocation = 1;
  settings_add_all(&configuration->parameters, &choice->parameters);
}

enum harness_status minimum_heap_trial(const struct minimum_heap_search *search,
                                       uint64_t heap_bytes, struct results_trial *trial) {
  char directory[PATH_MAX];
  enum harness_status status = run_directory_create(search->scratch, "", directory);
  if (status != HARNESS_DONE) {
    return status;
  }
  trial->trial = 1;
  fill_configuration(&trial->configuration, search, heap_bytes);
  struct runner_request request = {
      .directory = directory,
      .limits = {.time_ns = search->time_limit_ns, .rss_bytes = machine_memory_bytes() / 5 * 4},
  };
  status = runner_run(&request, trial);
  run_directory_discard(directory);
  return status;
}

enum harness_status minimum_heap_try(const struct minimum_heap_search *search, uint64_t heap_bytes,
                                     bool *fits, uint64_t *wall_ns) {
  struct results_trial trial;
  results_trial_init(&trial);
  enum harness_status status = minimum_heap_trial(search, heap_bytes, &trial);
  *fits = trial.status == RESULTS_ok || trial.status == RESULTS_incomplete;
  *wall_ns = trial.result.wall_ns;
  bool is_answer = *fits || trial.status == RESULTS_out_of_memory ||
                   trial.status == RESULTS_timed_out || trial.status == RESULTS_refused ||
                   trial.status == RESULTS_rss_exceeded;
  if (status == HARNESS_DONE && !is_answer) {
    say_error("%s in a heap of %s: %s: %s", search->choice->input.workload->name,
              say_size(heap_bytes), results_status_words(trial.status), trial.status_detail.text);
    status = HARNESS_TRIAL_FAILED;
  }
  results_trial_finish(&trial);
  return status;
}

/* Where the minimum lies, as far as it is known. */
struct bounds {
  struct minimum_heap_search search; /* whose time limit becomes shorter */
  uint64_t too_small_bytes, fits_bytes;
};

static enum harness_status look(struct bounds *bounds, uint64_t heap_bytes, bool *fits) {
  uint64_t wall_ns;
  enum harness_status status = minimum_heap_try(&bounds->search, heap_bytes, fits, &wall_ns);
  if (status != HARNESS_DONE) {
    return status;
  }
  say_note("  %s: %s", say_size(heap_bytes), *fits ? "fits" : "too small");
  if (*fits) {
    bounds->fits_bytes = heap_bytes;
    uint64_t limit_ns = wall_ns * SLOWDOWN + UINT64_C(10000000000);
    if (limit_ns < bounds->search.time_limit_ns) {
      bounds->search.time_limit_ns = limit_ns;
    }
  } else {
    bounds->too_small_bytes = heap_bytes;
  }
  return HARNESS_DONE;
}

static uint64_t grain_bytes(uint64_t heap_bytes) {
  uint64_t grain = heap_bytes / GRAIN_RATIO / step_bytes * step_bytes;
  return grain > step_bytes ? grain : step_bytes;
}

enum harness_status minimum_heap_measure(const struct minimum_heap_search *search,
                                         uint64_t *minimum_bytes) {
  struct bounds bounds = {.search = *search};
  uint64_t most_bytes = machine_memory_bytes() / 5 * 3;
  bool fits = false;
  enum harness_status status = HARNESS_DONE;
  for (uint64_t heap_bytes = FIRST_MEBIBYTES * mebibyte; status == HARNESS_DONE && !fits;
       heap_bytes *= 2) {
    if (heap_bytes > most_bytes) {
      return say_bad_input("%s with these parameters does not fit into %s, 60 %% of this machine's "
                           "memory",
                           search->choice->input.workload->name, say_size(most_bytes));
    }
    status = look(&bounds, heap_bytes, &fits);
  }
  while (status == HARNESS_DONE &&
         bounds.fits_bytes - bounds.too_small_bytes > grain_bytes(bounds.fits_bytes)) {
    uint64_t middle = (bounds.fits_bytes + bounds.too_small_bytes) / 2;
    middle = (middle + step_bytes - 1) / step_bytes * step_bytes;
    if (middle >= bounds.fits_bytes) {
      break;
    }
    status = look(&bounds, middle, &fits);
  }
  *minimum_bytes = bounds.fits_bytes;
  return status;
}
