/* The verdict of the detectors together. See leak_verdict.h. */
#include "results/leak_verdict.h"
#include <math.h>

static const double ns_per_s = 1e9;

static void look_at_classes(const struct results_leak_samples *samples,
                            struct results_leak_judgement *judgement) {
  double work[RESULTS_TREND_POINTS_MAX], heap[RESULTS_TREND_POINTS_MAX],
      external[RESULTS_TREND_POINTS_MAX];
  for (size_t i = 0; i < samples->count; i++) {
    work[i] = samples->items[i].work;
    heap[i] = samples->items[i].heap_bytes;
    external[i] = samples->items[i].external_bytes;
  }
  struct results_leak_scale scale = {samples->work_total, results_leak_live_bytes(samples), 1};
  judgement->heap = results_leak_growth_of(work, heap, samples->count, &scale);
  judgement->external = results_leak_growth_of(work, external, samples->count, &scale);
}

static enum results_leak_verdict join(enum results_leak_verdict first,
                                      enum results_leak_verdict second) {
  if (first == RESULTS_LEAK_FOUND || second == RESULTS_LEAK_FOUND)
    return RESULTS_LEAK_FOUND;
  return first == RESULTS_LEAK_CLEAN ? second : first;
}

/* Detector 1's answer of one class, where growth that has ended is none. */
static enum results_leak_verdict lasting(const struct results_leak_growth *growth) {
  bool has_ended = growth->trend.points >= RESULTS_LEAK_POINTS_MIN && !growth->goes_on;
  return has_ended ? RESULTS_LEAK_CLEAN : growth->verdict;
}

static enum results_leak_verdict combine(const struct results_leak_judgement *judgement) {
  enum results_leak_verdict growth = join(lasting(&judgement->heap), lasting(&judgement->external));
  bool names_site = judgement->survivors.verdict == RESULTS_LEAK_FOUND;
  if (growth == RESULTS_LEAK_FOUND && names_site)
    return RESULTS_LEAK_FOUND;
  return growth == RESULTS_LEAK_CLEAN && !names_site ? RESULTS_LEAK_CLEAN : RESULTS_LEAK_UNDECIDED;
}

static void fill_rates(const struct results_leak_samples *samples,
                       struct results_leak_judgement *judgement) {
  const struct results_leak_sample *first = &samples->items[results_leak_warm_up(samples->count)];
  const struct results_leak_sample *last = &samples->items[samples->count - 1];
  judgement->is_external = judgement->external.growth_bytes > judgement->heap.growth_bytes;
  const struct results_leak_growth *growth =
      judgement->is_external ? &judgement->external : &judgement->heap;
  double limit_bytes =
      judgement->is_external ? samples->external_limit_bytes : samples->heap_limit_bytes;
  judgement->bytes_per_operation = growth->trend.slope;
  judgement->bytes_per_s = growth->trend.slope * (last->work - first->work) /
                           (last->time_ns - first->time_ns) * ns_per_s;
  if (judgement->bytes_per_s > 0 && limit_bytes > growth->latest_bytes)
    judgement->seconds_to_limit = (limit_bytes - growth->latest_bytes) / judgement->bytes_per_s;
}

int results_leak_judge(const struct results_leak_samples *samples,
                       struct results_leak_judgement *judgement) {
  *judgement = (struct results_leak_judgement){.verdict = RESULTS_LEAK_UNDECIDED,
                                               .growth_verdict = RESULTS_LEAK_UNDECIDED,
                                               .seconds_to_limit = INFINITY};
  int status = results_leak_survivors_find(samples, &judgement->survivors);
  if (status == 0 && samples->count > 1) {
    look_at_classes(samples, judgement);
    judgement->growth_verdict = join(judgement->heap.verdict, judgement->external.verdict);
    judgement->verdict = combine(judgement);
    fill_rates(samples, judgement);
  }
  return status;
}

void results_leak_judgement_finish(struct results_leak_judgement *judgement) {
  results_leak_survivors_finish(&judgement->survivors);
}
