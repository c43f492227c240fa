/* Scoring the leak detectors: the trials. See leak_score.h. */
#include "harness/leak_score.h"
#include "harness/progress.h"
#include "harness/text_list.h"
#include "results/derive.h"
#include "results/growth.h"
#include "results/leak_images.h"
#include <stdlib.h>

/* Of a program: one that is sampled, one that is left alone. */
enum { TRIAL_SAMPLED, TRIAL_ALONE, TRIALS_PER_PROGRAM };

const char *const leak_detector_names[] = {
    [LEAK_DETECTOR_TROUGHS] = "troughs",     [LEAK_DETECTOR_GROWTH] = "growth",
    [LEAK_DETECTOR_SURVIVORS] = "survivors", [LEAK_DETECTOR_RETAINED] = "retained",
    [LEAK_DETECTOR_SNAPSHOTS] = "snapshots", [LEAK_DETECTOR_COMBINED] = "combined",
};

struct score {
  const struct leak_programs *programs;
  const struct leak_trial *asked;
  struct progress progress;
  size_t *kind_of, *order; /* of every trial, for the estimate */
  uint64_t tight_bytes;    /* heap of the current program's trial that is left alone */
};

static const uint64_t tight_bytes_min = UINT64_C(4) << 20, bytes_per_mib = UINT64_C(1) << 20;

static void watch(void *context, unsigned percent) {
  progress_show(context, percent);
}

/* --- one trial ----------------------------------------------------------------------------------
 */

static enum harness_status run_trial(struct score *score, size_t program, size_t which,
                                     struct results_trial *trial,
                                     struct results_leak_samples *samples) {
  const struct leak_program *asked = &score->programs->items[program];
  size_t place = program * TRIALS_PER_PROGRAM + which;
  struct workload_choice choice;
  struct leak_trial leak_trial = *score->asked;
  enum harness_status status = leak_trial_parse(asked->text, false, asked->seed, &choice);
  if (status != HARNESS_DONE) {
    return status;
  }
  leak_trial.choice = &choice;
  leak_trial.number = place + 1;
  if (which == TRIAL_ALONE) {
    leak_trial.samples = 0;
    leak_trial.heap_bytes = score->tight_bytes;
  }
  leak_trial.watch = watch;
  leak_trial.context = &score->progress;
  leak_trial_fill(&leak_trial, trial);
  progress_begin_trial(&score->progress, trial, place);
  status = leak_trial_run(&leak_trial, trial, samples);
  workload_choice_finish(&choice);
  if (status == HARNESS_DONE) {
    progress_end_trial(&score->progress, trial);
  } else {
    progress_clear(&score->progress);
  }
  return status;
}

/* Twice what is live in the heap halfway, in whole MiB: there collections come often enough. */
static uint64_t tight_bytes_of(const struct results_leak_samples *samples) {
  uint64_t live_bytes =
      samples->count > 0 ? (uint64_t)samples->items[samples->count / 2].heap_bytes : 0;
  uint64_t bytes = (2 * live_bytes / bytes_per_mib + 1) * bytes_per_mib;
  return bytes > tight_bytes_min ? bytes : tight_bytes_min;
}

static enum harness_status look_at_samples(struct score *score, size_t program,
                                           struct leak_answer *answer) {
  struct results_trial trial;
  struct results_leak_samples samples = {0};
  struct results_leak_judgement judgement;
  results_trial_init(&trial);
  enum harness_status status = run_trial(score, program, TRIAL_SAMPLED, &trial, &samples);
  if (status == HARNESS_DONE) {
    if (results_leak_judge(&samples, &judgement) != 0) {
      status = say_environment("out of memory");
    }
    score->tight_bytes = tight_bytes_of(&samples);
    answer->verdicts[LEAK_DETECTOR_GROWTH] = judgement.growth_verdict;
    answer->verdicts[LEAK_DETECTOR_SURVIVORS] = judgement.survivors.verdict;
    answer->verdicts[LEAK_DETECTOR_RETAINED] = results_leak_retained_verdict(&samples);
    answer->verdicts[LEAK_DETECTOR_SNAPSHOTS] = results_leak_stayed_verdict(&samples);
    answer->verdicts[LEAK_DETECTOR_COMBINED] = judgement.verdict;
    results_leak_judgement_finish(&judgement);
  }
  results_leak_samples_finish(&samples);
  results_trial_finish(&trial);
  return status;
}

static enum results_leak_verdict verdict_of_growth(const struct results_figures *figures) {
  if (figures->heap_growth_bytes > 0 || figures->external_growth_bytes > 0) {
    return RESULTS_LEAK_FOUND;
  }
  bool is_known = figures->heap_growth_bytes == 0;
  return is_known ? RESULTS_LEAK_CLEAN : RESULTS_LEAK_UNDECIDED;
}

static enum harness_status judge_troughs(const char *directory, const struct results_trial *trial,
                                         enum results_leak_verdict *verdict) {
  char path[PATH_MAX], error[512];
  struct results_events events;
  struct results_figures figures;
  if (trial->status == RESULTS_out_of_memory) {
    *verdict = RESULTS_LEAK_FOUND;
    return HARNESS_DONE;
  }
  if (results_trial_events_path(path, directory, trial->trial, error, sizeof error) != 0 ||
      results_events_load(path, &events, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  int status = results_growth_derive(&events, &figures);
  results_events_finish(&events);
  if (status != 0) {
    return say_environment("out of memory");
  }
  *verdict = verdict_of_growth(&figures);
  return HARNESS_DONE;
}

static enum harness_status look_at_troughs(struct score *score, size_t program,
                                           struct leak_answer *answer) {
  struct results_trial trial;
  struct results_leak_samples samples = {0};
  results_trial_init(&trial);
  enum harness_status status = run_trial(score, program, TRIAL_ALONE, &trial, &samples);
  if (status == HARNESS_DONE) {
    status =
        judge_troughs(score->asked->directory, &trial, &answer->verdicts[LEAK_DETECTOR_TROUGHS]);
  }
  results_leak_samples_finish(&samples);
  results_trial_finish(&trial);
  return status;
}

/* --- all of them --------------------------------------------------------------------------------
 */

static void begin_progress(struct score *score) {
  size_t count = score->programs->count * TRIALS_PER_PROGRAM;
  score->kind_of = memory_resize(NULL, count + 1, sizeof *score->kind_of);
  score->order = memory_resize(NULL, count + 1, sizeof *score->order);
  for (size_t i = 0; i < count; i++) {
    enum leak_program_kind kind = score->programs->items[i / TRIALS_PER_PROGRAM].kind;
    score->kind_of[i] = kind * TRIALS_PER_PROGRAM + i % TRIALS_PER_PROGRAM;
    score->order[i] = i;
  }
  progress_init(&score->progress, count, score->kind_of);
  progress_set_total(&score->progress, count);
  progress_begin_invocation(&score->progress, score->order, count);
}

enum harness_status leak_score_run(const struct leak_programs *programs,
                                   const struct leak_trial *asked, struct leak_answer *answers) {
  struct score score = {.programs = programs, .asked = asked};
  enum harness_status status = HARNESS_DONE;
  begin_progress(&score);
  for (size_t i = 0; status == HARNESS_DONE && i < programs->count; i++) {
    status = look_at_samples(&score, i, &answers[i]);
    if (status == HARNESS_DONE) {
      status = look_at_troughs(&score, i, &answers[i]);
    }
  }
  progress_clear(&score.progress);
  progress_finish(&score.progress);
  free(score.kind_of);
  free(score.order);
  return status;
}
