/* Pauses against the target that was asked for. See pause_target.h. */
#include "results/pause_target.h"
#include "results/configuration.h"
#include "results/units.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED_MAX = 6, SENTENCE_SIZE = 2 * RESULTS_TEXT_SIZE, WORKERS_MAX = 64 };

/* --- from a trial ------------------------------------------------------------------------------
 */

bool results_pause_target_is_asked(const struct results_trial *trial) {
  uint64_t target_ns = trial->configuration.pause_target_ns;
  bool is_floor = strcmp(trial->configuration.workload.text, RESULTS_IDLE_WORKLOAD) == 0;
  return target_ns > 0 && target_ns < UINT64_MAX && !is_floor;
}

static uint64_t length_of(const struct results_pause *pause) {
  return pause->has_cpu ? pause->cpu_ns : pause->wall_ns;
}

static bool is_of(const struct gc_event_phase *phase, uint32_t ring,
                  const struct results_pause *pause) {
  if (pause->has_stop)
    return phase->stop_id == pause->stop.stop_id;
  return phase->stop_id == 0 && ring == pause->ring && phase->begin_ns >= pause->begin_ns &&
         phase->end_ns <= pause->resumed_ns;
}

/* The time of the worker that spent most on the phase in this pause. */
static uint64_t critical_ns(const struct results_events *events, const struct results_pause *pause,
                            uint64_t number) {
  uint64_t of_worker[WORKERS_MAX] = {0}, most_ns = 0;
  for (size_t index = 0; index < events->phase.count; index++) {
    const struct gc_event_phase *phase = &events->phase.items[index];
    if (phase->phase != number || !is_of(phase, events->phase.rings[index], pause))
      continue;
    uint64_t *worker_ns = &of_worker[phase->worker % WORKERS_MAX];
    *worker_ns += phase->cpu_ns ? phase->cpu_ns : phase->end_ns - phase->begin_ns;
    most_ns = *worker_ns > most_ns ? *worker_ns : most_ns;
  }
  return most_ns;
}

static void find_phase(struct results_worst_pause *worst, const struct results_events *events,
                       const struct results_pause *pause) {
  for (size_t number = 0; number < events->names.phase_count; number++) {
    uint64_t ns = critical_ns(events, pause, number);
    if (ns <= worst->phase_ns)
      continue;
    worst->phase_ns = ns;
    snprintf(worst->phase, sizeof worst->phase, "%s", events->names.phases[number]);
  }
}

static struct results_worst_pause take_apart(uint64_t trial, const struct results_events *events,
                                             const struct results_pauses_list *pauses,
                                             const struct results_pause *pause) {
  struct results_worst_pause worst = {
      .trial = trial,
      .at_ns = pause->begin_ns - results_whole_bounds(events, pauses).begin_ns,
      .kind = pause->kind,
      .ns = length_of(pause),
      .has_cpu = pause->has_cpu,
      .survived_bytes = pause->stop.survived_bytes,
      .promoted_bytes = pause->stop.promoted_bytes,
      .marked_bytes = pause->stop.marked_bytes,
      .swept_bytes = pause->stop.swept_bytes,
  };
  find_phase(&worst, events, pause);
  return worst;
}

void results_pause_target_add(struct results_pause_target *kept, const struct results_trial *trial,
                              const struct results_events *events,
                              const struct results_pauses_list *pauses) {
  uint64_t target_ns = trial->configuration.pause_target_ns;
  const struct results_pause *longest = NULL;
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    if (!results_pause_counts(pause) || pause->kind >= GC_PAUSE_KINDS)
      continue;
    bool is_within = length_of(pause) <= target_ns;
    kept->pauses++;
    kept->within += is_within;
    kept->beyond[pause->kind] += !is_within;
    kept->whole_collections += pause->kind == GC_PAUSE_full;
    kept->parts_of_cycles += pause->kind == GC_PAUSE_cycle_begin ||
                             pause->kind == GC_PAUSE_mark_step || pause->kind == GC_PAUSE_remark;
    if (!longest || length_of(pause) > length_of(longest))
      longest = pause;
  }
  if (longest && length_of(longest) > kept->worst.ns)
    kept->worst = take_apart(trial->trial, events, pauses, longest);
}

/* --- of a configuration ------------------------------------------------------------------------
 */

double results_pause_target_ratio(const struct results_pause_target *kept) {
  return kept->pauses > 0 ? (double)kept->within / (double)kept->pauses : NAN;
}

bool results_pause_target_is_known(const struct results_summary *summary) {
  return summary->target.pauses > 0;
}

static bool is_met(const struct results_pause_target *kept) {
  return results_pause_target_ratio(kept) >= RESULTS_TARGET_MET;
}

static bool stops_for_whole_collections(const struct results_pause_target *kept) {
  return kept->whole_collections > 0 && kept->parts_of_cycles == 0;
}

struct sentence {
  char *text;
  size_t size, length;
};

static void put(struct sentence *sentence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put(struct sentence *sentence, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(sentence->text + sentence->length, sentence->size - sentence->length,
                         format, arguments);
  va_end(arguments);
  sentence->length += (size_t)length;
  if (sentence->length >= sentence->size)
    sentence->length = sentence->size - 1;
}

/* "99.97 % of 12,345 pauses within 1 ms"; never rounded up to what was not reached. */
static void put_share(struct sentence *sentence, const struct results_pause_target *kept,
                      uint64_t target_ns) {
  const char *pauses = kept->pauses == 1 ? "pause" : "pauses";
  if (kept->within == 0)
    put(sentence, "none of %s %s", results_text_count((double)kept->pauses).text, pauses);
  else if (kept->within == kept->pauses)
    put(sentence, "all %s %s", results_text_count((double)kept->pauses).text, pauses);
  else
    put(sentence, "%.2f %% of %s %s", floor(1e4 * results_pause_target_ratio(kept)) / 100,
        results_text_count((double)kept->pauses).text, pauses);
  put(sentence, " within %s", results_text_ns((double)target_ns).text);
}

static void put_beyond(struct sentence *sentence, const struct results_pause_target *kept) {
  const char *before = "; beyond it ";
  for (size_t kind = 0; kind < GC_PAUSE_KINDS; kind++)
    if (kept->beyond[kind] > 0) {
      put(sentence, "%s%s %s", before, results_text_count((double)kept->beyond[kind]).text,
          gc_pause_kind_names[kind]);
      before = ", ";
    }
}

/* What the phase did, where the stop says it. */
static void put_amount(struct sentence *sentence, const struct results_worst_pause *worst) {
  const char *phase = worst->phase;
  if (strcmp(phase, "scavenge") == 0 && worst->survived_bytes + worst->promoted_bytes > 0)
    put(sentence, ": %s kept young, %s promoted",
        results_text_bytes((double)worst->survived_bytes).text,
        results_text_bytes((double)worst->promoted_bytes).text);
  else if (strcmp(phase, "mark") == 0 && worst->marked_bytes > 0)
    put(sentence, ": %s marked", results_text_bytes((double)worst->marked_bytes).text);
  else if (strcmp(phase, "sweep") == 0 && worst->swept_bytes > 0)
    put(sentence, ": %s found dead", results_text_bytes((double)worst->swept_bytes).text);
}

static void put_worst(struct sentence *sentence, const struct results_worst_pause *worst) {
  put(sentence, "; the longest %s%s (%s, trial %" PRIu64 " at %s)",
      results_text_ns((double)worst->ns).text, worst->has_cpu ? "" : " of wall time",
      gc_pause_kind_names[worst->kind], worst->trial, results_text_ns((double)worst->at_ns).text);
  if (worst->phase[0]) {
    put(sentence, ", of which %s %s", worst->phase, results_text_ns((double)worst->phase_ns).text);
    put_amount(sentence, worst);
  }
}

static bool is_nursery_fixed(const struct results_configuration *asked) {
  static const char *const names[] = {"nursery", "nursery-sizing"};
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    const char *text = results_settings_find(&asked->options, names[index]);
    if (text && strcmp(text, "auto") == 0)
      return false;
  }
  return true;
}

/* What would have to be otherwise, where that is known. */
static void put_remedy(struct sentence *sentence, const struct results_summary *summary) {
  const struct results_pause_target *kept = &summary->target;
  uint64_t beyond = kept->pauses - kept->within;
  if (kept->beyond[GC_PAUSE_full] > 0 && stops_for_whole_collections(kept))
    put(sentence, "; its collections stop the world, whatever the target");
  else if (kept->beyond[GC_PAUSE_degenerated] > 0)
    put(sentence, "; a heap that was full before marking ended was marked to the end in one pause");
  else if (2 * kept->beyond[GC_PAUSE_scavenge] > beyond &&
           is_nursery_fixed(&summary->first.configuration))
    put(sentence, "; the nursery has a fixed size, --nursery=auto sizes it by the target");
}

void results_pause_target_say(char *text, size_t size, const struct results_run *run,
                              const struct results_summary *summary) {
  struct sentence sentence = {.text = text, .size = size};
  const struct results_pause_target *kept = &summary->target;
  results_configuration_say(text, size, run, summary);
  sentence.length = strlen(text);
  put(&sentence, ": ");
  put_share(&sentence, kept, summary->first.configuration.pause_target_ns);
  put_beyond(&sentence, kept);
  put_worst(&sentence, &kept->worst);
  put_remedy(&sentence, summary);
}

/* --- of a run ----------------------------------------------------------------------------------
 */

struct ordered {
  double ratio;
  size_t place;
};

static int compare_ordered(const void *left, const void *right) {
  const struct ordered *first = left, *second = right;
  if (first->ratio != second->ratio)
    return first->ratio > second->ratio ? 1 : -1;
  return (first->place > second->place) - (first->place < second->place);
}

size_t results_pause_target_order(const struct results_run *run, size_t *places) {
  struct ordered *all = malloc((run->summary_count + 1) * sizeof *all);
  size_t count = 0;
  for (size_t index = 0; all && index < run->summary_count; index++)
    if (results_pause_target_is_known(&run->summaries[index]))
      all[count++] = (struct ordered){
          .ratio = results_pause_target_ratio(&run->summaries[index].target), .place = index};
  if (all)
    qsort(all, count, sizeof *all, compare_ordered);
  for (size_t index = 0; index < count; index++)
    places[index] = all[index].place;
  free(all);
  return count;
}

static void print_missed(FILE *stream, const struct results_run *run,
                         const struct results_summary *summary) {
  char text[SENTENCE_SIZE];
  results_pause_target_say(text, sizeof text, run, summary);
  fprintf(stream, "  %s\n", text);
}

/* Those that stop the world for whole collections were not made to keep to it. */
void results_pause_target_print(FILE *stream, const struct results_run *run) {
  size_t *places = malloc((run->summary_count + 1) * sizeof *places);
  size_t known = places ? results_pause_target_order(run, places) : 0, met = 0, whole = 0;
  size_t missed = 0;
  for (size_t index = 0; index < known; index++) {
    const struct results_pause_target *kept = &run->summaries[places[index]].target;
    bool is_whole = !is_met(kept) && stops_for_whole_collections(kept);
    met += is_met(kept);
    whole += is_whole;
    if (!is_met(kept) && !is_whole)
      places[missed++] = places[index];
  }
  if (known > 0) {
    fprintf(stream, "pause target: %g %% of pauses are within it in %zu of %zu configurations",
            100 * RESULTS_TARGET_MET, met, known);
    if (whole > 0)
      fprintf(stream, "; %zu stop%s the world for whole collections", whole, whole == 1 ? "s" : "");
    fprintf(stream, "%s\n", missed > 0 ? "; missed by:" : "");
    for (size_t index = 0; index < missed && index < PRINTED_MAX; index++)
      print_missed(stream, run, &run->summaries[places[index]]);
    if (missed > PRINTED_MAX)
      fprintf(stream, "  and %zu more\n", missed - PRINTED_MAX);
  }
  free(places);
}
