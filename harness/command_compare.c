/* `tricolor compare`: two runs, or two collectors of one, measure by measure; and the regression
 * gate. The method is that of results/compare.h. */
#include "harness/command.h"
#include "harness/run_directory.h"
#include "harness/text_list.h"
#include "results/compare.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct flag compare_flag_list[] = {
    {"fail-above", FLAG_VALUE, "PERCENT",
     "status 4 when a measure is called worse by more than this, or B did not finish what A did"},
    {"measure", FLAG_VALUE, "LIST", "only these are tested, by comma (all)"},
    {"seed", FLAG_VALUE, "N", "of the bootstrap (1)"},
    {"across-machines", FLAG_ALONE, "",
     "compares runs of different machines; what differs may then be the machine"},
};

static const struct flag *compare_flags(size_t *count) {
  *count = sizeof compare_flag_list / sizeof *compare_flag_list;
  return compare_flag_list;
}

/* --- sides --------------------------------------------------------------------------------------
 */

/* DIR[:COLLECTOR[/BARRIER]], taken apart. */
struct side_words {
  char directory[PATH_MAX];
  char *collector, *barrier; /* owned; null: any */
};

static bool is_directory(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void take_apart(const char *word, struct side_words *side) {
  const char *colon = is_directory(word) ? NULL : strrchr(word, ':');
  size_t length = colon ? (size_t)(colon - word) : strlen(word);
  snprintf(side->directory, sizeof side->directory, "%.*s", (int)length, word);
  if (!colon) {
    return;
  }
  side->collector = text_copy(colon + 1);
  char *slash = strchr(side->collector, '/');
  if (slash) {
    side->barrier = text_copy(slash + 1);
    *slash = 0;
  }
}

static void side_finish(struct side_words *side) {
  free(side->collector);
  free(side->barrier);
}

static enum harness_status load(const char *directory, struct results_run *run) {
  char error[1024];
  enum harness_status status = run_directory_check(directory);
  if (status != HARNESS_DONE) {
    return status;
  }
  int loaded = results_run_load(directory, run, error, sizeof error);
  if (loaded == 0) {
    for (size_t i = 0; i < run->left_out_count; i++) {
      say_note("%s: trial %llu is left out: %s", run_directory_shown(directory),
               (unsigned long long)run->left_out[i].trial, run->left_out[i].reason);
    }
    return HARNESS_DONE;
  }
  bool is_environment = loaded == -ENOMEM || loaded == -EIO;
  return is_environment ? say_environment("%s", error) : say_bad_input("%s", error);
}

/* A collector that the run does not have is a misspelling, not an empty comparison. */
static enum harness_status check_collector(const struct results_side *side) {
  const struct results_run *run = side->run;
  const char **names = memory_resize(NULL, run->summary_count + 1, sizeof *names);
  size_t count = 0;
  bool is_there = !side->collector;
  for (size_t i = 0; i < run->summary_count; i++) {
    const char *name = run->summaries[i].first.configuration.collector.text;
    is_there |= side->collector && strcmp(name, side->collector) == 0;
    if (*name) {
      names[count++] = name;
    }
  }
  char see[PATH_MAX + 32];
  snprintf(see, sizeof see, "tricolor show %s", run_directory_shown(run->directory));
  enum harness_status status =
      is_there ? HARNESS_DONE
               : say_unknown("collector in this run", side->collector, names, count, see);
  free(names);
  return status;
}

/* --- options ------------------------------------------------------------------------------------
 */

static enum harness_status choose_measures(const char *list, bool *is_chosen) {
  for (size_t i = 0; i < RESULTS_MEASURE_COUNT; i++) {
    is_chosen[i] = !list;
  }
  struct text_list names = {0};
  if (list) {
    text_list_add_parts(&names, list);
  }
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; status == HARNESS_DONE && i < names.count; i++) {
    size_t measure = 0;
    while (measure < RESULTS_MEASURE_COUNT &&
           strcmp(results_measure_names[measure], names.texts[i]) != 0) {
      measure++;
    }
    if (measure < RESULTS_MEASURE_COUNT) {
      is_chosen[measure] = true;
    } else {
      status = say_unknown("measure", names.texts[i], results_measure_names, RESULTS_MEASURE_COUNT,
                           "tricolor compare --help");
    }
  }
  text_list_finish(&names);
  return status;
}

/* "5%" or "5" is 0.05. */
static enum harness_status parse_percent(const char *text, double *share) {
  char *end;
  *share = strtod(text, &end) / 100;
  end += strspn(end, " ");
  if (end == text || (*end && strcmp(end, "%") != 0) || !(*share >= 0 && *share <= 1000)) {
    return say_bad_input("--fail-above takes a percentage such as 5%%, not '%s'", text);
  }
  return HARNESS_DONE;
}

static enum harness_status parse_seed(const char *text, uint64_t *seed) {
  char *end;
  *seed = strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end) {
    return say_bad_input("--seed takes a whole number, not '%s'", text);
  }
  return HARNESS_DONE;
}

static enum harness_status check_machines(const struct side_words *first,
                                          const struct side_words *second, bool is_allowed) {
  char sentence[1024];
  int differ =
      results_machines_compare(first->directory, second->directory, sentence, sizeof sentence);
  if (differ == 0 || strcmp(first->directory, second->directory) == 0) {
    return HARNESS_DONE;
  }
  if (differ < 0) {
    say_note("Note: whether both runs are of one machine is not known: %s.", sentence);
    return HARNESS_DONE;
  }
  if (!is_allowed) {
    return say_bad_input("the runs are of two machines (%s), and comparisons stay within one; "
                         "--across-machines compares them all the same",
                         sentence);
  }
  say_note("Warning: the runs are of two machines (%s): what differs may be the machine.",
           sentence);
  return HARNESS_DONE;
}

/* --- the gate -----------------------------------------------------------------------------------
 */

static size_t count_above(const struct results_compared *measures, double share, const char *what) {
  size_t above = 0;
  for (size_t i = 0; i < RESULTS_MEASURE_COUNT; i++) {
    if (measures[i].verdict == RESULTS_WORSE && measures[i].ratio.estimate > 1 + share) {
      say_note("Above %.4g %%: %s, %s: %.3f times as much.", 100 * share, what,
               results_measure_names[i], measures[i].ratio.estimate);
      above++;
    }
  }
  return above;
}

static enum harness_status judge(const struct results_comparison *comparison, double share) {
  size_t above = 0;
  for (size_t i = 0; i < comparison->pair_count; i++) {
    above += count_above(comparison->pairs[i].measures, share, comparison->pairs[i].second->slug);
  }
  if (comparison->pair_count > 1) {
    above += count_above(comparison->overall, share, "all together");
  }
  if (above > 0 || comparison->unfinished > 0) {
    say_error("the gate failed: %zu measure%s worse by more than %.4g %%, %zu configuration%s not "
              "finished",
              above, above == 1 ? "" : "s", 100 * share, comparison->unfinished,
              comparison->unfinished == 1 ? "" : "s");
    return HARNESS_GATE_FAILED;
  }
  if (comparison->tested == 0) {
    return say_bad_input("the gate cannot judge: nothing has the %d invocations of both sides that "
                         "a verdict needs (tricolor run --invocations %d)",
                         RESULTS_CALLED_FROM, RESULTS_BOOTSTRAP_FROM);
  }
  return HARNESS_DONE;
}

/* --- the command --------------------------------------------------------------------------------
 */

static enum harness_status compare_runs(const struct results_comparison_request *request,
                                        const char *fail_above, double share) {
  struct results_comparison comparison;
  char error[2048];
  int status = results_compare(request, &comparison, error, sizeof error);
  if (status != 0) {
    return status == -ENOMEM ? say_environment("%s", error) : say_bad_input("%s", error);
  }
  results_comparison_print(stdout, request, &comparison);
  fflush(stdout); /* before what may be said on stderr */
  enum harness_status judged = fail_above ? judge(&comparison, share) : HARNESS_DONE;
  results_comparison_finish(&comparison);
  return judged;
}

static enum harness_status compare_loaded(const struct side_words sides[2],
                                          const struct results_run runs[2],
                                          struct results_comparison_request *request,
                                          const char *fail_above, double share) {
  /* A collector that one side names is that of both, unless the other names its own. */
  const char *either = sides[0].collector ? sides[0].collector : sides[1].collector;
  struct results_side *asked[2] = {&request->first, &request->second};
  enum harness_status status = HARNESS_DONE;
  for (size_t i = 0; i < 2; i++) {
    bool has_own = sides[i].collector != NULL;
    *asked[i] = (struct results_side){.run = &runs[i],
                                      .collector = has_own ? sides[i].collector : either,
                                      .barrier = sides[i].barrier};
    status = status == HARNESS_DONE ? check_collector(asked[i]) : status;
  }
  return status == HARNESS_DONE ? compare_runs(request, fail_above, share) : status;
}

static enum harness_status compare_sides(const struct side_words sides[2],
                                         struct results_comparison_request *request,
                                         const char *fail_above, double share) {
  struct results_run runs[2];
  enum harness_status status = load(sides[0].directory, &runs[0]);
  if (status != HARNESS_DONE) {
    return status;
  }
  status = load(sides[1].directory, &runs[1]);
  if (status == HARNESS_DONE) {
    status = compare_loaded(sides, runs, request, fail_above, share);
    results_run_finish(&runs[1]);
  }
  results_run_finish(&runs[0]);
  return status;
}

static enum harness_status compare(const struct command_line *line) {
  const char *fail_above = command_line_value(line, "fail-above");
  const char *seed = command_line_value(line, "seed");
  struct results_comparison_request request = {
      .seed = 1, .is_across_machines = command_line_value(line, "across-machines") != NULL};
  struct side_words sides[2] = {{.collector = NULL}, {.collector = NULL}};
  double share = 0;
  enum harness_status status =
      choose_measures(command_line_value(line, "measure"), request.is_chosen);
  if (status == HARNESS_DONE && fail_above) {
    status = parse_percent(fail_above, &share);
  }
  if (status == HARNESS_DONE && seed) {
    status = parse_seed(seed, &request.seed);
  }
  if (status != HARNESS_DONE) {
    return status;
  }
  take_apart(line->operands[0], &sides[0]);
  take_apart(line->operands[1], &sides[1]);
  status = run_directory_check(sides[0].directory);
  if (status == HARNESS_DONE) {
    status = run_directory_check(sides[1].directory);
  }
  if (status == HARNESS_DONE) {
    status = check_machines(&sides[0], &sides[1], request.is_across_machines);
  }
  if (status == HARNESS_DONE) {
    status = compare_sides(sides, &request, fail_above, share);
  }
  side_finish(&sides[0]);
  side_finish(&sides[1]);
  return status;
}

const struct command command_compare = {
    .name = "compare",
    .operands = "DIR[:COLLECTOR[/BARRIER]] DIR[:COLLECTOR[/BARRIER]]",
    .summary = "Compares two runs, or two collectors, with intervals and verdicts.",
    .text =
        "A verdict needs 5 invocations of each side: the interval is Student's of paired log "
        "ratios, "
        "from 10\ninvocations on a bootstrap of invocations. Verdicts are corrected for how many "
        "there are (Holm).\n\n"
        "  tricolor compare old new                      the same configurations of two runs\n"
        "  tricolor compare DIR:stw DIR:concurrent       two collectors of one run\n"
        "  tricolor compare DIR:stw/card DIR:stw/slots   one collector under two barriers\n\n"
        "Measures:\n"
#define RESULTS_MEASURE(name, unit, kind, title, value) "  " #name "\n"
#include "results/measures.def"
    ,
    .flags = compare_flags,
    .operands_min = 2,
    .operands_max = 2,
    .run = compare,
};
