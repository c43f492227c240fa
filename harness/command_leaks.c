/* `tricolor leaks`: whether a workload leaks, what, from where, and how fast; and how often that is
 * right. */
#include "harness/census_recorder.h"
#include "harness/command.h"
#include "harness/interrupt.h"
#include "harness/leak_print.h"
#include "harness/leak_score.h"
#include "harness/leak_trial.h"
#include "harness/run_directory.h"
#include "harness/subject.h"
#include "harness/text_list.h"
#include "results/leak_verdict.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRAMS = 200, QUICK_PROGRAMS = 20, PROGRAMS_MAX = 100000 };
static const uint64_t time_limit_ns = UINT64_C(1800) * 1000000000;

static const struct flag flags[] = {
    SUBJECT_FLAGS("the workload's quick parameters; of a score, 20 synthetic programs"),
    {"samples", FLAG_VALUE, "N",
     "equal parts of the work, 12 to 256; after each everything dead is collected and the rest "
     "counted (24)"},
    {"score", FLAG_ALONE, "",
     "precision and recall of the detectors, over programs that are known"},
    {"programs", FLAG_VALUE, "N", "synthetic programs in the score (200)"},
    {"out", FLAG_VALUE, "DIR",
     "keeps the trials' files, samples and trials/score.csv among them (not kept)"},
};

static const struct flag *leaks_flags(size_t *count) {
  *count = sizeof flags / sizeof *flags;
  return flags;
}

struct leaks {
  struct subject subject;
  struct leak_trial asked;
};

static enum harness_status take_flags(const struct command_line *line, struct leaks *leaks) {
  const struct subject *subject = &leaks->subject;
  enum harness_status status = subject_take(line, &leaks->subject);
  leaks->asked = (struct leak_trial){.collector = subject->collector,
                                     .barrier = subject->barrier,
                                     .heap_bytes = subject->heap_bytes,
                                     .samples = CENSUS_SAMPLES,
                                     .time_limit_ns = time_limit_ns,
                                     .number = 1};
  return status == HARNESS_DONE ? subject_take_number(line, "samples", CENSUS_SAMPLES_MIN,
                                                      CENSUS_SAMPLES_MAX, &leaks->asked.samples)
                                : status;
}

/* --- one program --------------------------------------------------------------------------------
 */

static enum harness_status judge(const struct leak_trial *asked) {
  struct results_trial trial;
  struct results_leak_samples samples;
  struct results_leak_judgement judgement;
  results_trial_init(&trial);
  leak_trial_fill(asked, &trial);
  enum harness_status status = leak_trial_run(asked, &trial, &samples);
  if (status == HARNESS_DONE) {
    if (results_leak_judge(&samples, &judgement) != 0) {
      status = say_environment("out of memory");
    } else {
      leak_print(stdout, &trial, asked->choice, &samples, &judgement);
    }
    results_leak_judgement_finish(&judgement);
  }
  results_leak_samples_finish(&samples);
  results_trial_finish(&trial);
  return status;
}

/* --- the score ----------------------------------------------------------------------------------
 */

static enum harness_status write_score(const struct leak_programs *programs,
                                       const struct leak_answer *answers, const char *directory) {
  char path[PATH_MAX], error[512];
  snprintf(path, sizeof path, "%.4000s/trials/score.csv", directory);
  return leak_score_write(path, programs, answers, error, sizeof error) == 0
             ? HARNESS_DONE
             : say_environment("%s", error);
}

static enum harness_status score(const struct leak_programs *programs,
                                 const struct leak_trial *asked) {
  struct leak_answer *answers = memory_resize(NULL, programs->count, sizeof *answers);
  enum harness_status status = leak_score_run(programs, asked, answers);
  if (status == HARNESS_DONE) {
    leak_score_print(stdout, programs, answers, asked);
    status = write_score(programs, answers, asked->directory);
  }
  if (status == HARNESS_DONE) {
    status = leak_score_is_passed(programs, answers) ? HARNESS_DONE : HARNESS_GATE_FAILED;
  }
  free(answers);
  return status;
}

static enum harness_status take_programs(const struct command_line *line, const struct leaks *leaks,
                                         struct leak_programs *programs) {
  struct leak_programs_asked asked = {.synthetic_count =
                                          leaks->subject.is_quick ? QUICK_PROGRAMS : PROGRAMS,
                                      .seed = leaks->subject.seed,
                                      .only = line->operand_count > 0 ? line->operands[0] : NULL};
  enum harness_status status =
      subject_take_number(line, "programs", 0, PROGRAMS_MAX, &asked.synthetic_count);
  if (status == HARNESS_DONE) {
    leak_programs_make(programs, &asked);
    if (programs->count == 0) {
      status =
          say_bad_input("no program of the score begins with '%s'; leak:pair=cache, no_leak and "
                        "synthetic, for some, do",
                        asked.only ? asked.only : "");
    }
  }
  return status;
}

/* --- both ---------------------------------------------------------------------------------------
 */

static enum harness_status work_in_directory(const struct command_line *line,
                                             struct leak_trial *asked,
                                             const struct leak_programs *programs) {
  char scratch[PATH_MAX], directory[PATH_MAX];
  const char *out = command_line_value(line, "out");
  run_directory_scratch(scratch, "leaks");
  enum harness_status status = run_directory_create(out ? out : scratch, "", directory);
  if (status == HARNESS_DONE) {
    asked->directory = directory;
    interrupt_catch();
    status = programs->count > 0 ? score(programs, asked) : judge(asked);
    if (!out) {
      run_directory_discard(directory);
    }
  }
  return status;
}

static enum harness_status run_one(const struct command_line *line, struct leaks *leaks) {
  struct workload_choice choice;
  if (line->operand_count == 0) {
    return say_bad_input("leaks needs WORKLOAD, or --score; see: tricolor leaks --help");
  }
  enum harness_status status =
      leak_trial_parse(line->operands[0], leaks->subject.is_quick, leaks->subject.seed, &choice);
  if (status == HARNESS_DONE) {
    struct leak_programs none = {0};
    leaks->asked.choice = &choice;
    status = work_in_directory(line, &leaks->asked, &none);
    workload_choice_finish(&choice);
  }
  return status;
}

static enum harness_status run(const struct command_line *line) {
  struct leaks leaks;
  struct leak_programs programs = {0};
  enum harness_status status = take_flags(line, &leaks);
  if (status != HARNESS_DONE) {
    return status;
  }
  if (!command_line_value(line, "score")) {
    return run_one(line, &leaks);
  }
  status = take_programs(line, &leaks, &programs);
  if (status == HARNESS_DONE) {
    status = work_in_directory(line, &leaks.asked, &programs);
  }
  leak_programs_finish(&programs);
  return status;
}

const struct command command_leaks = {
    .name = "leaks",
    .operands = "[WORKLOAD[:NAME=VALUE,...]]",
    .operands_max = 1,
    .summary = "Says whether a workload leaks, what, from where, and how fast.",
    .text =
        "The workload runs in a process of its own. At equal parts of its work everything dead is\n"
        "collected and what is left is counted by type, which stands for the site that allocates.\n"
        "LEAK: what is live grows to the end, and a site's survivors do. CLEAN: neither grows.\n"
        "UNDECIDED: the two disagree, or growth is less than 2 % of what is live. The exit status\n"
        "is 0 in each case. Retained sizes and three snapshots say where to look; they have no\n"
        "part in the verdict.\n\n"
        "--score runs the detectors on programs of which it is known whether they leak: the leak\n"
        "pairs, scenarios that are no leak, and synthetic programs drawn from the seed; with an\n"
        "operand, only programs that begin so. Exit status 4: a leaky variant was missed, or a\n"
        "fixed one or a scenario was called a leak.\n\n"
        "Examples:\n"
        "  tricolor leaks lru_cache\n"
        "  tricolor leaks leak:pair=listener\n"
        "  tricolor leaks synthetic:leak=1000,operations=2000000 --heap 512M\n"
        "  tricolor leaks closures --collector concurrent --samples 40\n"
        "  tricolor leaks --score\n"
        "  tricolor leaks --score synthetic --programs 50 --seed 7\n",
    .flags = leaks_flags,
    .run = run,
};
