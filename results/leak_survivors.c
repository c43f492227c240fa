/* Leak detector 3. See leak_survivors.h. */
#include "results/leak_survivors.h"
#include "results/statistics.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

double results_leak_live_bytes(const struct results_leak_samples *samples) {
  double live[RESULTS_TREND_POINTS_MAX];
  size_t first = results_leak_warm_up(samples->count), count = 0;
  for (size_t i = first; i < samples->count; i++)
    live[count++] = samples->items[i].heap_bytes + samples->items[i].external_bytes;
  return results_median(live, count);
}

static struct results_leak_suspect look_at(const struct results_leak_samples *samples, size_t site,
                                           const struct results_leak_scale *scale) {
  double work[RESULTS_TREND_POINTS_MAX], bytes[RESULTS_TREND_POINTS_MAX];
  for (size_t i = 0; i < samples->count; i++) {
    work[i] = samples->items[i].work;
    bytes[i] = samples->sites[site].counts[i].survivor_bytes;
  }
  struct results_leak_suspect suspect = {
      .site = site, .growth = results_leak_growth_of(work, bytes, samples->count, scale)};
  suspect.verdict = suspect.growth.verdict;
  if (suspect.verdict != RESULTS_LEAK_CLEAN && !suspect.growth.goes_on)
    suspect.verdict = suspect.growth.trend.points < RESULTS_LEAK_POINTS_MIN ? RESULTS_LEAK_UNDECIDED
                                                                            : RESULTS_LEAK_CLEAN;
  suspect.score = suspect.growth.growth_bytes / scale->live_bytes;
  return suspect;
}

static int compare(const void *left, const void *right) {
  const struct results_leak_suspect *first = left, *second = right;
  int by_verdict = (second->verdict == RESULTS_LEAK_FOUND) - (first->verdict == RESULTS_LEAK_FOUND);
  int by_score = (second->score > first->score) - (second->score < first->score);
  return by_verdict ? by_verdict : by_score ? by_score : (first->site > second->site) * 2 - 1;
}

static enum results_leak_verdict join(const struct results_leak_survivors *survivors) {
  enum results_leak_verdict verdict =
      survivors->count > 0 ? RESULTS_LEAK_CLEAN : RESULTS_LEAK_UNDECIDED;
  for (size_t i = 0; i < survivors->count; i++) {
    if (survivors->suspects[i].verdict == RESULTS_LEAK_FOUND)
      return RESULTS_LEAK_FOUND;
    if (survivors->suspects[i].verdict == RESULTS_LEAK_UNDECIDED)
      verdict = RESULTS_LEAK_UNDECIDED;
  }
  return verdict;
}

int results_leak_survivors_find(const struct results_leak_samples *samples,
                                struct results_leak_survivors *survivors) {
  *survivors = (struct results_leak_survivors){
      .suspects = calloc(samples->site_count + 1, sizeof *survivors->suspects),
      .count = samples->site_count,
  };
  if (!survivors->suspects)
    return -ENOMEM;
  struct results_leak_scale scale = {samples->work_total, results_leak_live_bytes(samples),
                                     (unsigned)samples->site_count};
  for (size_t i = 0; i < survivors->count; i++)
    survivors->suspects[i] = look_at(samples, i, &scale);
  if (survivors->count > 1)
    qsort(survivors->suspects, survivors->count, sizeof *survivors->suspects, compare);
  survivors->verdict = join(survivors);
  return 0;
}

void results_leak_survivors_finish(struct results_leak_survivors *survivors) {
  free(survivors->suspects);
  *survivors = (struct results_leak_survivors){0};
}
