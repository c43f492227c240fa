/* Scoring the leak detectors: what is printed. See leak_score.h. */
#include "harness/leak_score.h"
#include "results/file.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BANDS = 4, WRONG_SHOWN = 20 };

/* Programs of a kind, or of a band of it. */
struct tally {
  size_t programs, leaking;
  size_t found, false_alarms, undecided; /* LEAK of one that leaks; of one that does not */
};

static bool has_kind(const struct leak_program *program, enum leak_program_kind kind) {
  return kind == LEAK_PROGRAM_KINDS || program->kind == kind;
}

static void count(struct tally *tally, const struct leak_program *program,
                  enum results_leak_verdict verdict) {
  bool leaks = leak_program_leaks(program), is_found = verdict == RESULTS_LEAK_FOUND;
  tally->programs++;
  tally->leaking += leaks;
  tally->found += is_found && leaks;
  tally->false_alarms += is_found && !leaks;
  tally->undecided += verdict == RESULTS_LEAK_UNDECIDED;
}

/* Of a kind; LEAK_PROGRAM_KINDS: of all. */
static struct tally tally_of(const struct leak_programs *programs,
                             const struct leak_answer *answers, enum leak_program_kind kind,
                             enum leak_detector detector) {
  struct tally tally = {0};
  for (size_t i = 0; i < programs->count; i++) {
    if (has_kind(&programs->items[i], kind)) {
      count(&tally, &programs->items[i], answers[i].verdicts[detector]);
    }
  }
  return tally;
}

/* "0.97"; "-" where there is nothing to divide by. Static storage for eight texts. */
static const char *ratio(size_t part, size_t whole) {
  static char texts[8][16];
  static unsigned next;
  char *text = texts[next++ % 8];
  if (whole == 0) {
    return "-";
  }
  snprintf(text, sizeof texts[0], "%.2f", (double)part / (double)whole);
  return text;
}

static void print_detector(FILE *stream, const struct leak_programs *programs,
                           const struct leak_answer *answers, enum leak_detector detector) {
  struct tally kinds[LEAK_PROGRAM_KINDS + 1];
  for (size_t kind = 0; kind <= LEAK_PROGRAM_KINDS; kind++) {
    kinds[kind] = tally_of(programs, answers, (enum leak_program_kind)kind, detector);
  }
  const struct tally *leaky = &kinds[LEAK_PROGRAM_LEAKY], *fixed = &kinds[LEAK_PROGRAM_FIXED];
  const struct tally *scenario = &kinds[LEAK_PROGRAM_SCENARIO];
  const struct tally *synthetic = &kinds[LEAK_PROGRAM_SYNTHETIC], *all = &kinds[LEAK_PROGRAM_KINDS];
  fprintf(stream, "  %-10s %6s %6zu of %-3zu %3zu of %-3zu %9s %6s %6zu of %-3zu %9s %6s %9zu\n",
          leak_detector_names[detector], ratio(leaky->found, leaky->leaking), fixed->false_alarms,
          fixed->programs, scenario->false_alarms, scenario->programs,
          ratio(synthetic->found, synthetic->found + synthetic->false_alarms),
          ratio(synthetic->found, synthetic->leaking), synthetic->false_alarms,
          synthetic->programs - synthetic->leaking,
          ratio(all->found, all->found + all->false_alarms), ratio(all->found, all->leaking),
          all->undecided);
}

/* --- by how much is lost ------------------------------------------------------------------------
 */

struct band {
  const char *name;
  double from, below;
};

/* Of the allocations, per million. */
static const struct band rate_bands[BANDS] = {
    {"nothing", 0, 1},
    {"0.001 to 0.01 %", 1, 100},
    {"0.01 to 0.1 %", 100, 1000},
    {"0.1 to 1 %", 1000, INFINITY},
};

static const struct band ratio_bands[BANDS] = {
    {"nothing", 0, 1e-9},
    {"under 2 %", 1e-9, 0.02},
    {"2 to 10 %", 0.02, 0.1},
    {"over 10 %", 0.1, INFINITY},
};

static double rate_of(const struct leak_program *program) {
  return (double)program->leak_per_million;
}

static double ratio_of(const struct leak_program *program) {
  return program->lost_ratio;
}

static void print_bands(FILE *stream, const struct leak_programs *programs,
                        const struct leak_answer *answers, const struct band bands[BANDS],
                        double (*key)(const struct leak_program *program)) {
  for (size_t b = 0; b < BANDS; b++) {
    size_t verdicts[RESULTS_LEAK_UNDECIDED + 1] = {0}, count = 0;
    for (size_t i = 0; i < programs->count; i++) {
      const struct leak_program *program = &programs->items[i];
      if (program->kind == LEAK_PROGRAM_SYNTHETIC && key(program) >= bands[b].from &&
          key(program) < bands[b].below) {
        count++;
        verdicts[answers[i].verdicts[LEAK_DETECTOR_COMBINED]]++;
      }
    }
    fprintf(stream, "  %-16s %4zu programs: LEAK %3zu, UNDECIDED %3zu, CLEAN %3zu\n", bands[b].name,
            count, verdicts[RESULTS_LEAK_FOUND], verdicts[RESULTS_LEAK_UNDECIDED],
            verdicts[RESULTS_LEAK_CLEAN]);
  }
}

static void print_limits(FILE *stream, const struct leak_programs *programs,
                         const struct leak_answer *answers) {
  uint64_t missed = 0, found = UINT64_MAX;
  for (size_t i = 0; i < programs->count; i++) {
    uint64_t rate = programs->items[i].leak_per_million;
    bool is_found = answers[i].verdicts[LEAK_DETECTOR_COMBINED] == RESULTS_LEAK_FOUND;
    missed = !is_found && rate > missed ? rate : missed;
    found = is_found && rate > 0 && rate < found ? rate : found;
  }
  if (found < UINT64_MAX) {
    fprintf(stream,
            "  smallest that was found: %.3g objects of 1,000; largest that was not: %.3g\n",
            (double)found / 1000, (double)missed / 1000);
  }
}

static void print_synthetic(FILE *stream, const struct leak_programs *programs,
                            const struct leak_answer *answers) {
  fprintf(stream, "\nsynthetic programs by what they lose of their allocation: combined\n");
  print_bands(stream, programs, answers, rate_bands, rate_of);
  print_limits(stream, programs, answers);
  fprintf(stream,
          "\nsynthetic programs by what they lose in the run, of what is alive: combined\n");
  print_bands(stream, programs, answers, ratio_bands, ratio_of);
}

/* --- what was wrong -----------------------------------------------------------------------------
 */

/* A synthetic program that leaks and was not found is in the bands. */
static bool is_wrong(const struct leak_program *program, const struct leak_answer *answer) {
  bool is_found = answer->verdicts[LEAK_DETECTOR_COMBINED] == RESULTS_LEAK_FOUND;
  bool is_missed = program->kind == LEAK_PROGRAM_LEAKY && !is_found;
  return is_missed || (is_found && !leak_program_leaks(program));
}

static void print_wrong(FILE *stream, const struct leak_programs *programs,
                        const struct leak_answer *answers) {
  size_t wrong = 0;
  for (size_t i = 0; i < programs->count; i++) {
    const struct leak_program *program = &programs->items[i];
    if (!is_wrong(program, &answers[i]) || ++wrong > WRONG_SHOWN) {
      continue;
    }
    enum results_leak_verdict verdict = answers[i].verdicts[LEAK_DETECTOR_COMBINED];
    fprintf(stream, "%s  ! %s of a program that %s: --seed %" PRIu64 " %s\n",
            wrong == 1 ? "\n" : "", results_leak_verdict_names[verdict],
            leak_program_leaks(program) ? "leaks" : "does not leak", program->seed, program->text);
  }
  if (wrong > WRONG_SHOWN) {
    fprintf(stream, "  ! and %zu more\n", wrong - WRONG_SHOWN);
  }
}

bool leak_score_is_passed(const struct leak_programs *programs, const struct leak_answer *answers) {
  for (size_t i = 0; i < programs->count; i++) {
    if (programs->items[i].kind != LEAK_PROGRAM_SYNTHETIC &&
        is_wrong(&programs->items[i], &answers[i])) {
      return false;
    }
  }
  return true;
}

static void print_verdict(FILE *stream, const struct leak_programs *programs,
                          const struct leak_answer *answers) {
  struct tally leaky = tally_of(programs, answers, LEAK_PROGRAM_LEAKY, LEAK_DETECTOR_COMBINED);
  struct tally fixed = tally_of(programs, answers, LEAK_PROGRAM_FIXED, LEAK_DETECTOR_COMBINED);
  struct tally scenario =
      tally_of(programs, answers, LEAK_PROGRAM_SCENARIO, LEAK_DETECTOR_COMBINED);
  fprintf(
      stream,
      "\nscore: combined, recall %s on %zu leaky variants; LEAK of %zu of %zu fixed ones and of "
      "%zu of %zu scenarios\n",
      ratio(leaky.found, leaky.leaking), leaky.programs, fixed.false_alarms, fixed.programs,
      scenario.false_alarms, scenario.programs);
}

void leak_score_print(FILE *stream, const struct leak_programs *programs,
                      const struct leak_answer *answers, const struct leak_trial *asked) {
  fprintf(stream, "%zu programs under %s, heap of %s, %" PRIu64 " samples\n\n", programs->count,
          asked->collector, say_size(asked->heap_bytes), asked->samples);
  fprintf(stream, "  %-10s %6s %13s %10s %26s %22s\n", "", "leaky", "fixed", "scenarios",
          "synthetic", "all");
  fprintf(stream, "  %-10s %6s %13s %10s %9s %6s %13s %9s %6s %9s\n", "detector", "recall",
          "false LEAK", "false", "precision", "recall", "false LEAK", "precision", "recall",
          "undecided");
  for (size_t detector = 0; detector < LEAK_DETECTORS; detector++) {
    print_detector(stream, programs, answers, (enum leak_detector)detector);
  }
  if (tally_of(programs, answers, LEAK_PROGRAM_SYNTHETIC, LEAK_DETECTOR_COMBINED).programs > 0) {
    print_synthetic(stream, programs, answers);
  }
  print_wrong(stream, programs, answers);
  print_verdict(stream, programs, answers);
}

int leak_score_write(const char *path, const struct leak_programs *programs,
                     const struct leak_answer *answers, char *error, size_t error_size) {
  struct results_file file;
  int status = results_file_create(&file, path, error, error_size);
  if (status != 0) {
    return status;
  }
  fprintf(file.stream, "program,seed,leaks,lost_ratio");
  for (size_t detector = 0; detector < LEAK_DETECTORS; detector++) {
    fprintf(file.stream, ",%s", leak_detector_names[detector]);
  }
  for (size_t i = 0; i < programs->count; i++) {
    const struct leak_program *program = &programs->items[i];
    fprintf(file.stream, "\n\"%s\",%" PRIu64 ",%d,%.4g", program->text, program->seed,
            leak_program_leaks(program), program->lost_ratio);
    for (size_t detector = 0; detector < LEAK_DETECTORS; detector++) {
      fprintf(file.stream, ",%s", results_leak_verdict_names[answers[i].verdicts[detector]]);
    }
  }
  fprintf(file.stream, "\n");
  return results_file_commit(&file, error, error_size);
}
