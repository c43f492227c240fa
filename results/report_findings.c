/* What a report says first: sentences with numbers, and only those that the run supports.
 *
 * Comparisons are those of compare.h, every collector and barrier against a baseline, `stw` where
 * the run has it. A difference is called one only where its interval says so after correction for
 * all that was tested with it: of the whole run, and apart of each workload in each heap; below RESULTS_CALLED_FROM invocations ratios are given without
 * intervals, and it is said that they happened once.
 */
#include "results/compare.h"
#include "results/memory_verdict.h"
#include "results/plot_canvas.h"
#include "results/report_data.h"
#include "results/units.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char baseline_name[] = "stw";
static const char uncalled[] = " (not enough to be called, of so many tests)";
static const double worth_saying_ratio = 0.0005, noisy_share = 0.01;

/* Answers the finding, for what it is said of; borrowed. */
static json_t *add(json_t *findings, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static json_t *add(json_t *findings, const char *kind, const char *format, ...) {
  char text[4 * RESULTS_TEXT_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  json_t *finding = json_pack("{ssss}", "kind", kind, "text", text);
  json_array_append_new(findings, finding);
  return finding;
}

/* The page shows a finding while the filter shows what it is said of. */
static void say_of(json_t *finding, const struct results_run *run,
                   const struct results_summary *summary) {
  json_t *of = json_object_get(finding, "of");
  if (!of) {
    of = json_array();
    json_object_set_new(finding, "of", of);
  }
  json_array_append_new(of, json_integer(summary - run->summaries));
}

/* --- one collector against another -------------------------------------------------------------
 */

/* "12.3"; no more digits than say something. */
static struct results_unit_text percent_of(double ratio) {
  struct results_unit_text text;
  double percent = 100 * fabs(ratio - 1);
  snprintf(text.text, sizeof text.text, "%.*f", percent < 9.95 ? 1 : 0, percent);
  return text;
}

static struct results_unit_text factor_of(double ratio) {
  struct results_unit_text text;
  snprintf(text.text, sizeof text.text, "%.*f", ratio < 0.0995 ? 3 : ratio < 9.95 ? 2 : 0, ratio);
  return text;
}

/* An interval in the words of the estimate: in percent where both ends lie on its side of 1, and
 * that is how the estimate is said. */
static void say_interval(char *text, size_t size, const struct results_interval *ratio,
                         bool in_percent) {
  bool is_more = ratio->estimate > 1;
  double near = is_more ? ratio->low : ratio->high, far = is_more ? ratio->high : ratio->low;
  text[0] = '\0';
  if (isnan(ratio->low))
    return;
  if (in_percent && (near > 1) == is_more)
    snprintf(text, size, " [%s, %s]", percent_of(near).text, percent_of(far).text);
  else
    snprintf(text, size, " [%s, %s]", factor_of(ratio->low).text, factor_of(ratio->high).text);
}

/* What a measure is called in a sentence, and being more or less of it. */
struct measure_words {
  const char *noun, *more, *less;
};

static struct measure_words words_of(enum results_measure measure) {
  switch (measure) {
  case RESULTS_MEASURE_pause_p99_9_ns:
    return (struct measure_words){"pauses at p99.9", "longer", "shorter"};
  case RESULTS_MEASURE_pause_p99_ns:
    return (struct measure_words){"pauses at p99", "longer", "shorter"};
  case RESULTS_MEASURE_pause_max_ns:
    return (struct measure_words){"the largest pause", "longer", "shorter"};
  default:
    return (struct measure_words){results_measure_titles[measure], "more", "less"};
  }
}

/* "CPU time 11 % [8, 14] more", "pauses at p99 0.12 times [0.10, 0.15]" */
static void say_measure(char *text, size_t size, const struct results_compared *compared,
                        enum results_measure measure) {
  const struct results_interval *ratio = &compared->ratio;
  struct measure_words words = words_of(measure);
  char interval[96];
  bool in_percent = ratio->estimate > 0.25 && ratio->estimate < 2.5;
  say_interval(interval, sizeof interval, ratio, in_percent);
  if (compared->verdict == RESULTS_EQUAL)
    snprintf(text, size, "%s: no difference shown (%s times, [%s, %s])", words.noun,
             factor_of(ratio->estimate).text, factor_of(ratio->low).text,
             factor_of(ratio->high).text);
  else if (fabs(ratio->estimate - 1) < worth_saying_ratio)
    snprintf(text, size, "%s the same", words.noun);
  else if (in_percent)
    snprintf(text, size, "%s %s %%%s %s", words.noun, percent_of(ratio->estimate).text, interval,
             ratio->estimate > 1 ? words.more : words.less);
  else
    snprintf(text, size, "%s %s times%s", words.noun, factor_of(ratio->estimate).text, interval);
  if (compared->verdict == RESULTS_ALONE && strlen(text) + sizeof uncalled <= size)
    strcat(text, uncalled);
}

/* What is tested, and so the family that verdicts stand among. */
static const enum results_measure said_measures[] = {
    RESULTS_MEASURE_pause_p99_9_ns, RESULTS_MEASURE_pause_p99_ns, RESULTS_MEASURE_pause_max_ns,
    RESULTS_MEASURE_cpu_ns,         RESULTS_MEASURE_wall_ns,      RESULTS_MEASURE_peak_heap_bytes};
enum { pause_measures = 3 }; /* of them, from the most telling */

/* The longest percentile that both sides have. */
static enum results_measure pause_measure(const struct results_compared *measures) {
  for (size_t index = 0; index < pause_measures; index++)
    if (measures[said_measures[index]].verdict != RESULTS_NOT_KNOWN)
      return said_measures[index];
  return RESULTS_MEASURE_pause_max_ns;
}

static void say_all(char *text, size_t size, const struct results_compared *measures) {
  const enum results_measure said[] = {pause_measure(measures), RESULTS_MEASURE_cpu_ns,
                                       RESULTS_MEASURE_wall_ns, RESULTS_MEASURE_peak_heap_bytes};
  size_t length = 0;
  text[0] = '\0';
  for (size_t index = 0; index < sizeof said / sizeof *said; index++) {
    const struct results_compared *compared = &measures[said[index]];
    char words[256];
    if (compared->verdict == RESULTS_NOT_KNOWN || isnan(compared->ratio.estimate))
      continue;
    say_measure(words, sizeof words, compared, said[index]);
    if (length + strlen(words) + 3 < size)
      length += (size_t)snprintf(text + length, size - length, "%s%s", length ? "; " : "", words);
  }
}

static size_t workloads_in(const struct results_comparison *comparison) {
  size_t count = 0;
  for (size_t index = 0; index < comparison->pair_count; index++) {
    const char *name = comparison->pairs[index].first->first.configuration.workload.text;
    bool is_new = true;
    for (size_t before = 0; before < index; before++)
      is_new &=
          strcmp(name, comparison->pairs[before].first->first.configuration.workload.text) != 0;
    count += is_new;
  }
  return count;
}

/* Of the whole run, or of one workload in one heap. Null when there is nothing to say. */
static json_t *say_comparison(json_t *findings, const struct results_compared *measures,
                              const char *over, const char *first, const char *second) {
  char words[2 * RESULTS_TEXT_SIZE];
  say_all(words, sizeof words, measures);
  size_t invocations = measures[RESULTS_MEASURE_wall_ns].pairs;
  if (!words[0])
    return NULL;
  if (invocations < RESULTS_CALLED_FROM)
    return add(findings, "comparison", "%s against %s, %s: %s. %zu paired invocation%s.", second,
               first, over, words, invocations, invocations == 1 ? "" : "s");
  return add(findings, "comparison",
             "%s against %s, %s: %s. %zu paired invocations, 95 %% intervals in brackets.", second,
             first, over, words, invocations);
}

static void say_whole(json_t *findings, const struct results_run *run,
                      const struct results_comparison *comparison, const char *first,
                      const char *second) {
  size_t workloads = workloads_in(comparison);
  char over[RESULTS_TEXT_SIZE];
  if (workloads > 1)
    snprintf(over, sizeof over, "%zu workloads (geometric mean)", workloads);
  else
    snprintf(over, sizeof over, "%.200s%s",
             comparison->pairs[0].first->first.configuration.workload.text,
             comparison->pair_count > 1 ? " (geometric mean over heaps)" : "");
  json_t *finding = say_comparison(
      findings, comparison->pair_count > 1 ? comparison->overall : comparison->pairs[0].measures,
      over, first, second);
  for (size_t index = 0; finding && index < comparison->pair_count; index++) {
    say_of(finding, run, comparison->pairs[index].first);
    say_of(finding, run, comparison->pairs[index].second);
  }
}

/* The page shows these where the filter leaves out some of what the whole was said of. */
static void say_parts(json_t *findings, const struct results_run *run,
                      const struct results_comparison *comparison, const char *first,
                      const char *second) {
  for (size_t index = 0; comparison->pair_count > 1 && index < comparison->pair_count; index++) {
    const struct results_compared_pair *pair = &comparison->pairs[index];
    char over[RESULTS_TEXT_SIZE];
    plot_group_title(over, sizeof over, pair->first);
    json_t *finding = say_comparison(findings, pair->measures, over, first, second);
    if (finding) {
      json_object_set_new(finding, "is_part", json_true());
      say_of(finding, run, pair->first);
      say_of(finding, run, pair->second);
    }
  }
}

static bool same_side(const struct results_summary *left, const struct results_summary *right) {
  return strcmp(left->first.configuration.collector.text,
                right->first.configuration.collector.text) == 0 &&
         strcmp(left->first.configuration.barrier.text, right->first.configuration.barrier.text) ==
             0;
}

static bool has_other_barrier(const struct results_run *run,
                              const struct results_summary *summary) {
  for (size_t index = 0; index < run->summary_count; index++)
    if (strcmp(run->summaries[index].first.configuration.collector.text,
               summary->first.configuration.collector.text) == 0 &&
        !same_side(&run->summaries[index], summary))
      return true;
  return false;
}

static struct results_side side_of(const struct results_run *run,
                                   const struct results_summary *summary) {
  return (struct results_side){.run = run,
                               .collector = summary->first.configuration.collector.text,
                               .barrier = summary->first.configuration.barrier.text};
}

static void name_side(char *text, size_t size, const struct results_run *run,
                      const struct results_summary *summary) {
  const struct results_configuration *asked = &summary->first.configuration;
  if (has_other_barrier(run, summary))
    snprintf(text, size, "%s with %s", asked->collector.text, asked->barrier.text);
  else
    snprintf(text, size, "%s", asked->collector.text);
}

static void compare_with(json_t *findings, const struct results_run *run,
                         const struct results_summary *baseline,
                         const struct results_summary *other) {
  struct results_comparison_request request = {
      .first = side_of(run, baseline), .second = side_of(run, other), .seed = 1};
  struct results_comparison comparison;
  char first[2 * RESULTS_TEXT_SIZE + 8], second[2 * RESULTS_TEXT_SIZE + 8],
      error[RESULTS_TEXT_SIZE];
  for (size_t index = 0; index < sizeof said_measures / sizeof *said_measures; index++)
    request.is_chosen[said_measures[index]] = true;
  if (results_compare(&request, &comparison, error, sizeof error))
    return; /* nothing to compare: no finding */
  name_side(first, sizeof first, run, baseline);
  name_side(second, sizeof second, run, other);
  if (comparison.pair_count > 0) {
    say_whole(findings, run, &comparison, first, second);
    say_parts(findings, run, &comparison, first, second);
  }
  results_comparison_finish(&comparison);
}

static const struct results_summary *baseline_of(const struct results_run *run) {
  const struct results_summary *found = NULL;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (results_is_floor(summary) || summary->statuses[RESULTS_ok] == 0)
      continue;
    if (strcmp(summary->first.configuration.collector.text, baseline_name) == 0)
      return summary;
    found = found ? found : summary;
  }
  return found;
}

static void find_comparisons(json_t *findings, const struct results_run *run) {
  const struct results_summary *baseline = baseline_of(run);
  for (size_t index = 0; baseline && index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    bool is_new = !results_is_floor(summary) && !same_side(summary, baseline);
    for (size_t before = 0; is_new && before < index; before++)
      is_new = !same_side(&run->summaries[before], summary);
    if (is_new)
      compare_with(findings, run, baseline, summary);
  }
}

/* --- what else is to be known ------------------------------------------------------------------
 */

/* Said once, of all comparisons. */
static void find_few(json_t *findings, const struct results_run *run) {
  uint64_t least = UINT64_MAX;
  size_t compared = 0;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (results_is_floor(summary) || summary->statuses[RESULTS_ok] == 0)
      continue;
    compared++;
    if (summary->statuses[RESULTS_ok] < least)
      least = summary->statuses[RESULTS_ok];
  }
  if (compared > 0 && least < RESULTS_CALLED_FROM)
    add(findings, "few",
        "There are no intervals where a configuration has fewer than %d trials, and some here have "
        "%" PRIu64 ": what is said of those happened in this run, and may not in the next.",
        RESULTS_CALLED_FROM, least);
}

/* A configuration's longest pause. */
struct longest {
  const struct results_summary *summary;
  size_t kind;
  double ns;
};

static struct longest longest_of(const struct results_summary *summary) {
  struct longest longest = {.summary = summary};
  bool has_pauses = summary->statuses[RESULTS_ok] > 0 && !results_is_floor(summary);
  for (size_t kind = 0; has_pauses && kind < RESULTS_ALL_KINDS; kind++) {
    double ns = summary->largest.wall[kind].percentile_ns[RESULTS_MAX];
    if (!isnan(ns) && ns > longest.ns) {
      longest.kind = kind;
      longest.ns = ns;
    }
  }
  return longest;
}

static int compare_longest(const void *left, const void *right) {
  const struct longest *first = left, *second = right;
  return (first->ns < second->ns) - (first->ns > second->ns);
}

/* One for each configuration, the longest first: the page shows the first of those that the filter
 * shows. */
static void find_longest(json_t *findings, const struct results_run *run) {
  struct longest *all = malloc((run->summary_count + 1) * sizeof *all);
  if (!all)
    return;
  for (size_t index = 0; index < run->summary_count; index++)
    all[index] = longest_of(&run->summaries[index]);
  qsort(all, run->summary_count, sizeof *all, compare_longest);
  for (size_t index = 0; index < run->summary_count && all[index].ns > 0; index++) {
    const struct results_configuration *asked = &all[index].summary->first.configuration;
    json_t *finding =
        add(findings, "longest",
            "The longest pause%s was %s: %s of %s on %s, heap %s. It happened once; percentiles "
            "say more.",
            index == 0 ? " of all" : " of what is shown", results_text_ns(all[index].ns).text,
            gc_pause_kind_names[all[index].kind], asked->collector.text, asked->workload.text,
            results_text_size(asked->heap_bytes).text);
    say_of(finding, run, all[index].summary);
  }
  free(all);
}

/* One for each configuration that has a pause target, the worst kept first. */
static void find_targets(json_t *findings, const struct results_run *run) {
  size_t *places = malloc((run->summary_count + 1) * sizeof *places);
  size_t count = places ? results_pause_target_order(run, places) : 0;
  for (size_t index = 0; index < count; index++) {
    const struct results_summary *summary = &run->summaries[places[index]];
    char text[2 * RESULTS_TEXT_SIZE];
    results_pause_target_say(text, sizeof text, run, summary);
    say_of(add(findings, "target", "Pause target, %s.", text), run, summary);
  }
  free(places);
}

/* What ran out is among the failures. */
static void find_growth(json_t *findings, const struct results_run *run) {
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    char text[4 * RESULTS_TEXT_SIZE];
    if (summary->statuses[RESULTS_ok] > 0 &&
        results_memory_verdict_say(text, sizeof text, run, summary))
      say_of(add(findings, "memory", "Memory, %s.", text), run, summary);
  }
}

static void find_floor(json_t *findings, const struct results_run *run) {
  const struct results_summary *floor = results_run_floor(run);
  if (!floor) {
    add(findings, "floor",
        "The run has no control trial: how much of a pause is this machine's own doing is not "
        "known.");
    return;
  }
  static const char *const names[] = {"p50", "p90", "p99", "p99.9"};
  const double *gaps_ns = floor->median.wall[RESULTS_ALL_KINDS].percentile_ns;
  double largest_ns = floor->largest.wall[RESULTS_ALL_KINDS].percentile_ns[RESULTS_MAX];
  size_t known = RESULTS_MAX; /* the longest percentile that there were gaps enough for */
  while (known > 0 && isnan(gaps_ns[known - 1]))
    known--;
  if (isnan(largest_ns))
    return;
  if (known > 0)
    add(findings, "floor",
        "The machine alone stopped a thread that used no heap for %s at %s and for %s at the most. "
        "Pauses that short say nothing of a collector.",
        results_text_ns(gaps_ns[known - 1]).text, names[known - 1],
        results_text_ns(largest_ns).text);
  else
    add(findings, "floor",
        "The machine alone stopped a thread that used no heap for %s at the most, in few moments. "
        "Pauses that short say nothing of a collector.",
        results_text_ns(largest_ns).text);
}

static void find_failures(json_t *findings, const struct results_run *run) {
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (summary->failed_trial)
      say_of(add(findings, "failure", "Trial %" PRIu64 " (%s) ended as %s: %s",
                 summary->failed_trial, summary->slug, results_status_words(summary->failed_status),
                 summary->failure),
             run, summary);
  }
  if (run->left_out_count > 0)
    add(findings, "failure", "%zu trial%s left out because of damaged files: see below.",
        run->left_out_count, run->left_out_count == 1 ? " was" : "s were");
}

/* Ticks of the host's theft, as a share of the time that the processors of all trials had. */
static void find_noise(json_t *findings, const struct results_run *run) {
  double steal_ticks = 0, processor_ns = 0;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (summary->statuses[RESULTS_ok] == 0)
      continue;
    steal_ticks += summary->sum.steal_ticks;
    processor_ns += summary->sum.wall_ns * (double)(run->cores ? run->cores : 1);
  }
  static const double ns_per_tick = 1e7;
  double share = processor_ns > 0 ? steal_ticks * ns_per_tick / processor_ns : 0;
  if (share >= noisy_share)
    add(findings, "noise",
        "The machine was noisy: its host took %.1f %% of the processors' time while trials ran.",
        100 * share);
  if (run->is_quick)
    add(findings, "noise",
        "Quick parameters: the trials are short, and their figures compare with those of quick "
        "runs only.");
}

json_t *report_findings(const struct results_run *run) {
  json_t *findings = json_array();
  find_comparisons(findings, run);
  find_few(findings, run);
  find_longest(findings, run);
  find_targets(findings, run);
  find_growth(findings, run);
  find_floor(findings, run);
  find_failures(findings, run);
  find_noise(findings, run);
  return findings;
}
