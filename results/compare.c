/* Pairs configurations and invocations, and tests their ratios; compare.h states the method. */
#include "results/compare.h"
#include "results/configuration.h"
#include "results/file.h"
#include "results/order.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum measure_kind { COST, SHARE };

#define RESULTS_MEASURE(name, unit, kind, title, value) [RESULTS_MEASURE_##name] = #name,
const char *const results_measure_names[RESULTS_MEASURE_COUNT] = {
#include "results/measures.def"
};
#define RESULTS_MEASURE(name, unit, kind, title, value) [RESULTS_MEASURE_##name] = title,
const char *const results_measure_titles[RESULTS_MEASURE_COUNT] = {
#include "results/measures.def"
};
#define RESULTS_MEASURE(name, unit, kind, title, value) [RESULTS_MEASURE_##name] = unit,
const char *const results_measure_units[RESULTS_MEASURE_COUNT] = {
#include "results/measures.def"
};
#define RESULTS_MEASURE(name, unit, kind, title, value) [RESULTS_MEASURE_##name] = kind,
static const enum measure_kind kinds[RESULTS_MEASURE_COUNT] = {
#include "results/measures.def"
};

double results_measure_of(const struct results_figures *figures, enum results_measure measure) {
  switch (measure) {
#define RESULTS_MEASURE(name, unit, kind, title, value)                                            \
  case RESULTS_MEASURE_##name:                                                                     \
    return value;
#include "results/measures.def"
  case RESULTS_MEASURE_COUNT:
    break;
  }
  return NAN;
}

/* --- which configurations are compared ---------------------------------------------------------
 */

struct matching {
  const struct results_comparison_request *request;
  struct results_comparison *comparison;
  bool has_failed; /* memory was lacking */
};

static void note(struct matching *matching, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void note(struct matching *matching, const char *format, ...) {
  struct results_comparison *comparison = matching->comparison;
  char(*more)[RESULTS_TEXT_SIZE] =
      realloc(comparison->notes, (comparison->note_count + 1) * sizeof *more);
  if (!more) {
    matching->has_failed = true;
    return;
  }
  va_list arguments;
  comparison->notes = more;
  va_start(arguments, format);
  vsnprintf(more[comparison->note_count++], sizeof *more, format, arguments);
  va_end(arguments);
}

static bool is_on(const struct results_side *side, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  return !results_is_floor(summary) &&
         (!side->collector || strcmp(side->collector, configuration->collector.text) == 0) &&
         (!side->barrier || strcmp(side->barrier, configuration->barrier.text) == 0);
}

/* How near two configurations are; what the sides name does not count. */
enum nearness { APART, SAME_WORK, SAME_SETTINGS, SAME_BARRIER };

static enum nearness nearness_of(const struct results_comparison_request *request,
                                 const struct results_summary *first,
                                 const struct results_summary *second) {
  struct results_configuration changed = first->first.configuration;
  const struct results_configuration *other = &second->first.configuration;
  if (results_configuration_equal(&changed, other))
    return SAME_BARRIER;
  if (!request->first.collector && !request->second.collector)
    return APART;
  if (results_collector_is_baseline(changed.collector.text) ||
      results_collector_is_baseline(other->collector.text)) { /* which has no heap size */
    changed.heap_bytes = other->heap_bytes;
    changed.heap_multiple = other->heap_multiple;
    changed.nursery_bytes = other->nursery_bytes;
  }
  changed.collector = other->collector;
  if (results_configuration_equal(&changed, other))
    return SAME_BARRIER;
  changed.barrier = other->barrier;
  if (results_configuration_equal(&changed, other))
    return SAME_SETTINGS;
  changed.nursery_bytes = other->nursery_bytes;
  changed.gc_threads = other->gc_threads;
  changed.pause_target_ns = other->pause_target_ns;
  changed.options = other->options;
  return results_configuration_equal(&changed, other) ? SAME_WORK : APART;
}

/* The nearest one; null when there is none, or several equally near. */
static const struct results_summary *counterpart(struct matching *matching,
                                                 const struct results_summary *first) {
  const struct results_comparison_request *request = matching->request;
  const struct results_run *run = request->second.run;
  const struct results_summary *found = NULL;
  enum nearness best = APART;
  size_t as_near = 0;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *second = &run->summaries[index];
    enum nearness nearness =
        is_on(&request->second, second) ? nearness_of(request, first, second) : APART;
    if (nearness == APART || nearness < best)
      continue;
    as_near = nearness > best ? 1 : as_near + 1;
    best = nearness;
    found = second;
  }
  if (as_near > 1)
    note(matching,
         "%s: %zu configurations of the second side fit; name one as DIR:COLLECTOR/BARRIER",
         first->slug, as_near);
  else if (!found)
    note(matching, "%s: the second side has nothing to compare it with", first->slug);
  return as_near == 1 ? found : NULL;
}

static void add_pair(struct matching *matching, const struct results_summary *first,
                     const struct results_summary *second) {
  struct results_comparison *comparison = matching->comparison;
  if (first->statuses[RESULTS_ok] == 0) {
    note(matching, "%s: the first side did not finish: %s", first->slug, first->failure);
    return;
  }
  if (second->statuses[RESULTS_ok] == 0) {
    note(matching, "%s: the second side did not finish, the first did: %s", second->slug,
         second->failure);
    comparison->unfinished++;
    return;
  }
  struct results_compared_pair *more =
      realloc(comparison->pairs, (comparison->pair_count + 1) * sizeof *more);
  if (!more) {
    matching->has_failed = true;
    return;
  }
  comparison->pairs = more;
  comparison->pairs[comparison->pair_count++] =
      (struct results_compared_pair){.first = first, .second = second};
}

static void match(struct matching *matching) {
  const struct results_side *side = &matching->request->first;
  for (size_t index = 0; index < side->run->summary_count; index++) {
    const struct results_summary *first = &side->run->summaries[index];
    if (!is_on(side, first))
      continue;
    const struct results_summary *second = counterpart(matching, first);
    if (second)
      add_pair(matching, first, second);
  }
}

static int check_request(const struct results_comparison_request *request, char *error,
                         size_t error_size) {
  const struct results_side *first = &request->first, *second = &request->second;
  if (first->run->is_quick != second->run->is_quick)
    return results_fail(-EINVAL, error, error_size,
                        "%s is a quick run and %s is a full one: their figures do not compare",
                        (first->run->is_quick ? first : second)->run->directory,
                        (first->run->is_quick ? second : first)->run->directory);
  bool same_run = strcmp(first->run->directory, second->run->directory) == 0;
  bool same_collector =
      (!first->collector && !second->collector) ||
      (first->collector && second->collector && strcmp(first->collector, second->collector) == 0);
  bool same_barrier =
      (!first->barrier && !second->barrier) ||
      (first->barrier && second->barrier && strcmp(first->barrier, second->barrier) == 0);
  if (same_run && same_collector && same_barrier)
    return results_fail(-EINVAL, error, error_size,
                        "both sides are the same trials of %s: name a collector for each, as in "
                        "DIR:stw DIR:concurrent",
                        first->run->directory);
  return 0;
}

/* --- ratios ------------------------------------------------------------------------------------
 */

/* Invocations that both sides have, as places in their lists of ok trials. */
struct invocation {
  uint64_t number;
  size_t first, second;
};

static bool is_one_machine(const struct results_comparison_request *request,
                           const struct results_ok_trial *first,
                           const struct results_ok_trial *second) {
  const struct results_hosts *left = &request->first.run->hosts;
  const struct results_hosts *right = &request->second.run->hosts;
  return request->is_across_machines || results_hosts_same(left, first->host, right, second->host);
}

/* `apart` counts those that two machines ran. */
static size_t pair_invocations(const struct results_comparison_request *request,
                               const struct results_compared_pair *pair,
                               struct invocation *invocations, size_t *apart) {
  size_t count = 0;
  *apart = 0;
  for (size_t i = 0; i < pair->first->statuses[RESULTS_ok]; i++)
    for (size_t j = 0; j < pair->second->statuses[RESULTS_ok]; j++) {
      const struct results_ok_trial *first = &pair->first->ok_trials[i];
      const struct results_ok_trial *second = &pair->second->ok_trials[j];
      if (first->invocation != second->invocation)
        continue;
      if (is_one_machine(request, first, second))
        invocations[count++] = (struct invocation){first->invocation, i, j};
      else
        ++*apart;
    }
  return count;
}

static double cost_of(double value, enum results_measure measure) {
  return kinds[measure] == SHARE ? 1 - value : value;
}

/* NaN where a side is not known or has no cost at all. */
static double ratio_of(double first, double second, enum results_measure measure) {
  double over = cost_of(second, measure), under = cost_of(first, measure);
  return over > 0 && under > 0 ? over / under : NAN;
}

/* What one invocation says of one measure. */
struct sample {
  uint64_t invocation;
  double first, second, ratio;
};

struct samples {
  struct sample *items;
  double *column; /* room for as many values */
};

/* Room for the largest pair of a comparison. */
struct workspace {
  const struct results_comparison_request *request;
  size_t family;
  struct invocation *invocations;
  struct sample *samples, *overall;
  double *values;
};

static size_t sample_pair(const struct workspace *space, const struct results_compared_pair *pair,
                          enum results_measure measure, struct sample *samples) {
  struct invocation *invocations = space->invocations;
  size_t apart, known = 0, count = pair_invocations(space->request, pair, invocations, &apart);
  for (size_t index = 0; index < count; index++) {
    double first = results_measure_of(&pair->first->trials[invocations[index].first], measure);
    double second = results_measure_of(&pair->second->trials[invocations[index].second], measure);
    if (!isnan(first) && !isnan(second))
      samples[known++] = (struct sample){invocations[index].number, first, second,
                                         ratio_of(first, second, measure)};
  }
  return known;
}

enum column { COLUMN_FIRST, COLUMN_SECOND };

static double median_of(const struct sample *samples, size_t count, enum column column,
                        double *values) {
  for (size_t index = 0; index < count; index++)
    values[index] = column == COLUMN_FIRST ? samples[index].first : samples[index].second;
  return results_median(values, count);
}

/* Sides that are both without cost in every invocation are equal, though they have no ratio. */
static bool are_all_free(const struct sample *samples, size_t count, enum results_measure measure) {
  bool are_free = count > 0;
  for (size_t index = 0; index < count; index++)
    are_free = are_free && cost_of(samples[index].first, measure) == 0 &&
               cost_of(samples[index].second, measure) == 0;
  return are_free;
}

static size_t known_ratios(const struct sample *samples, size_t count, double *ratios) {
  size_t known = 0;
  for (size_t index = 0; index < count; index++)
    if (!isnan(samples[index].ratio))
      ratios[known++] = samples[index].ratio;
  return known;
}

/* The bootstraps of a comparison are not the same one. */
static uint64_t seed_of(const struct results_comparison_request *request, size_t place,
                        enum results_measure measure) {
  return request->seed + UINT64_C(0x9e3779b97f4a7c15) * (place * RESULTS_MEASURE_COUNT + measure);
}

/* The family is not known before every interval is; its size without tests that turn out not to be
 * possible is at most this. */
static size_t largest_family(const struct results_comparison_request *request,
                             const struct results_comparison *comparison) {
  size_t chosen = 0;
  for (size_t measure = 0; measure < RESULTS_MEASURE_COUNT; measure++)
    chosen += request->is_chosen[measure];
  return chosen * (comparison->pair_count + (comparison->pair_count > 1));
}

static void compare_ratios(struct results_compared *compared, const struct sample *samples,
                           size_t count, double *ratios, size_t family, uint64_t seed) {
  compared->pairs = known_ratios(samples, count, ratios);
  compared->ratio = results_interval_of_ratios(ratios, compared->pairs, family, seed);
  if (compared->pairs < RESULTS_CALLED_FROM)
    compared->verdict = compared->pairs ? RESULTS_TOO_FEW : RESULTS_NOT_KNOWN;
  else if (isnan(compared->ratio.p)) /* no memory for the resamples */
    compared->verdict = RESULTS_NOT_KNOWN;
  else
    compared->verdict = compared->ratio.p > RESULTS_ERROR_CHANCE ? RESULTS_EQUAL : RESULTS_ALONE;
}

static size_t most_trials(const struct results_comparison *comparison) {
  size_t most = 0;
  for (size_t index = 0; index < comparison->pair_count; index++) {
    size_t trials = comparison->pairs[index].first->statuses[RESULTS_ok] *
                    comparison->pairs[index].second->statuses[RESULTS_ok];
    most = trials > most ? trials : most;
  }
  return most;
}

static void compare_pair(const struct workspace *space, struct results_compared_pair *pair,
                         size_t place) {
  for (enum results_measure measure = 0; measure < RESULTS_MEASURE_COUNT; measure++) {
    struct results_compared *compared = &pair->measures[measure];
    size_t count = sample_pair(space, pair, measure, space->samples);
    *compared = (struct results_compared){
        .is_chosen = space->request->is_chosen[measure],
        .pairs = count,
        .first = median_of(space->samples, count, COLUMN_FIRST, space->values),
        .second = median_of(space->samples, count, COLUMN_SECOND, space->values),
        .ratio = {NAN, NAN, NAN, NAN}};
    if (count == 0) {
      compared->first = results_measure_of(&pair->first->median, measure);
      compared->second = results_measure_of(&pair->second->median, measure);
    }
    if (are_all_free(space->samples, count, measure))
      compared->verdict = count < RESULTS_CALLED_FROM ? RESULTS_TOO_FEW : RESULTS_EQUAL;
    else if (compared->is_chosen)
      compare_ratios(compared, space->samples, count, space->values, space->family,
                     seed_of(space->request, place, measure));
  }
}

/* Geometric means over the pairs of configurations, of invocations that all of them have. */
static size_t sample_overall(const struct workspace *space,
                             const struct results_comparison *comparison,
                             enum results_measure measure) {
  size_t kept = 0;
  for (size_t place = 0; place < comparison->pair_count; place++) {
    size_t count = sample_pair(space, &comparison->pairs[place], measure, space->samples);
    size_t still = 0;
    if (place == 0)
      for (size_t index = 0; index < count; index++)
        space->overall[kept++] = (struct sample){space->samples[index].invocation, 0, 0, 0};
    for (size_t index = 0; index < kept; index++)
      for (size_t other = 0; other < count; other++)
        if (space->overall[index].invocation == space->samples[other].invocation) {
          space->overall[still] = space->overall[index];
          space->overall[still++].ratio += log(space->samples[other].ratio);
        }
    kept = still;
  }
  for (size_t index = 0; index < kept; index++)
    space->overall[index].ratio = exp(space->overall[index].ratio / (double)comparison->pair_count);
  return kept;
}

static void compare_overall(const struct workspace *space, struct results_comparison *comparison) {
  for (enum results_measure measure = 0; measure < RESULTS_MEASURE_COUNT; measure++) {
    struct results_compared *compared = &comparison->overall[measure];
    *compared = (struct results_compared){.is_chosen = space->request->is_chosen[measure],
                                          .first = NAN,
                                          .second = NAN,
                                          .ratio = {NAN, NAN, NAN, NAN}};
    if (!compared->is_chosen || comparison->pair_count < 2)
      continue;
    size_t count = sample_overall(space, comparison, measure);
    compare_ratios(compared, space->overall, count, space->values, space->family,
                   seed_of(space->request, comparison->pair_count, measure));
  }
}

/* --- verdicts ----------------------------------------------------------------------------------
 */

/* The measures of every pair, then the overall ones. */
static struct results_compared *compared_at(struct results_comparison *comparison, size_t place) {
  size_t pair = place / RESULTS_MEASURE_COUNT, measure = place % RESULTS_MEASURE_COUNT;
  return pair < comparison->pair_count ? &comparison->pairs[pair].measures[measure]
                                       : &comparison->overall[measure];
}

static int call(struct results_comparison *comparison) {
  size_t count = (comparison->pair_count + 1) * RESULTS_MEASURE_COUNT;
  double *p_values = malloc(count * sizeof *p_values);
  bool *is_called = malloc(count * sizeof *is_called);
  for (size_t place = 0; p_values && is_called && place < count; place++) {
    const struct results_compared *compared = compared_at(comparison, place);
    p_values[place] = compared->is_chosen ? compared->ratio.p : NAN;
  }
  if (p_values && is_called)
    comparison->tested = results_holm(p_values, count, is_called);
  for (size_t place = 0; p_values && is_called && place < count; place++) {
    struct results_compared *compared = compared_at(comparison, place);
    if (is_called[place])
      compared->verdict = compared->ratio.estimate > 1 ? RESULTS_WORSE : RESULTS_BETTER;
    comparison->worse += compared->verdict == RESULTS_WORSE;
    comparison->better += compared->verdict == RESULTS_BETTER;
    comparison->too_few += compared->is_chosen && compared->verdict == RESULTS_TOO_FEW;
  }
  bool is_done = p_values && is_called;
  free(p_values);
  free(is_called);
  return is_done ? 0 : -ENOMEM;
}

/* How many pairs of trials two machines ran; false: there is no other pair. */
static bool count_apart(const struct workspace *space, struct results_comparison *comparison) {
  size_t paired = 0, apart;
  for (size_t place = 0; place < comparison->pair_count; place++) {
    paired +=
        pair_invocations(space->request, &comparison->pairs[place], space->invocations, &apart);
    comparison->apart += apart;
  }
  return paired > 0 || comparison->apart == 0;
}

static int compare_all(const struct results_comparison_request *request,
                       struct results_comparison *comparison) {
  size_t most = most_trials(comparison) + 1;
  struct workspace space = {.request = request,
                            .family = largest_family(request, comparison),
                            .invocations = malloc(most * sizeof *space.invocations),
                            .samples = malloc(most * sizeof *space.samples),
                            .overall = malloc(most * sizeof *space.overall),
                            .values = malloc(most * sizeof *space.values)};
  bool has_room = space.invocations && space.samples && space.overall && space.values;
  bool is_comparable = has_room && count_apart(&space, comparison);
  for (size_t place = 0; is_comparable && place < comparison->pair_count; place++)
    compare_pair(&space, &comparison->pairs[place], place);
  if (is_comparable)
    compare_overall(&space, comparison);
  free(space.invocations);
  free(space.samples);
  free(space.overall);
  free(space.values);
  if (has_room && !is_comparable)
    return -EINVAL;
  return has_room ? call(comparison) : -ENOMEM;
}

int results_compare(const struct results_comparison_request *request,
                    struct results_comparison *comparison, char *error, size_t error_size) {
  struct matching matching = {.request = request, .comparison = comparison};
  *comparison = (struct results_comparison){0};
  int status = check_request(request, error, error_size);
  if (status)
    return status;
  match(&matching);
  int compared = compare_all(request, comparison);
  if (comparison->apart > 0)
    note(&matching,
         "%zu pair%s of trials that two machines ran %s not compared: comparisons stay within one.",
         comparison->apart, comparison->apart == 1 ? "" : "s",
         comparison->apart == 1 ? "is" : "are");
  if (compared == -EINVAL)
    status = results_fail(-EINVAL, error, error_size,
                          "no invocation of both sides ran on one machine, and comparisons stay "
                          "within one; --across-machines compares them all the same");
  else if (matching.has_failed || compared)
    status = results_fail(-ENOMEM, error, error_size, "out of memory");
  else if (comparison->pair_count == 0 && comparison->unfinished == 0)
    status = results_fail(
        -ENODATA, error, error_size, "%s and %s have no configuration in common%s%s",
        request->first.run->directory, request->second.run->directory,
        comparison->note_count ? ": " : "", comparison->note_count ? comparison->notes[0] : "");
  if (status)
    results_comparison_finish(comparison);
  return status;
}

void results_comparison_finish(struct results_comparison *comparison) {
  free(comparison->pairs);
  free(comparison->notes);
  *comparison = (struct results_comparison){0};
}

struct results_verdict_text results_verdict_words(const struct results_compared *compared,
                                                  size_t tested) {
  struct results_verdict_text words = {""};
  double ratio = compared->ratio.estimate, percent = 100 * fabs(ratio - 1);
  const char *side = compared->verdict == RESULTS_WORSE ? "worse" : "better";
  switch (compared->verdict) {
  case RESULTS_NOT_KNOWN:
    snprintf(words.text, sizeof words.text, "not known on both sides");
    break;
  case RESULTS_TOO_FEW:
    snprintf(words.text, sizeof words.text, "too few to call");
    break;
  case RESULTS_EQUAL:
    snprintf(words.text, sizeof words.text, "no difference");
    break;
  case RESULTS_ALONE:
    snprintf(words.text, sizeof words.text, "not called among %zu tests", tested);
    break;
  case RESULTS_BETTER:
  case RESULTS_WORSE:
    if (ratio >= 2 || ratio <= 0.5)
      snprintf(words.text, sizeof words.text, "%s: %.3g times as much", side, ratio);
    else
      snprintf(words.text, sizeof words.text, "%s: %.*f %% %s", side, percent < 9.95 ? 1 : 0,
               percent, ratio > 1 ? "more" : "less");
    break;
  }
  return words;
}
