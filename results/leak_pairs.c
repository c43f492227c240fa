/* Leak pairs of a run. See leak_pairs.h. */
#include "results/leak_pairs.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const results_pair_end_names[] = {
    [RESULTS_PAIR_LIMIT] = "limit", [RESULTS_PAIR_RISES] = "rises",   [RESULTS_PAIR_FLAT] = "flat",
    [RESULTS_PAIR_UNKNOWN] = "few", [RESULTS_PAIR_FAILED] = "failed",
};

const char *const results_pair_variant_names[] = {
    [RESULTS_PAIR_LEAKY] = "leaky",
    [RESULTS_PAIR_FIXED] = "fixed",
};

static enum results_pair_end end_of(const struct results_figures *figures) {
  if (figures->heap_growth_bytes > 0 || figures->external_growth_bytes > 0)
    return RESULTS_PAIR_RISES;
  return isnan(figures->heap_growth_bytes) ? RESULTS_PAIR_UNKNOWN : RESULTS_PAIR_FLAT;
}

static void count_ends(struct results_leak_pair *pair) {
  const struct results_summary *summary = pair->summary;
  uint64_t ok = summary->statuses[RESULTS_ok];
  for (uint64_t trial = 0; trial < ok; trial++)
    pair->ends[end_of(&summary->trials[trial])]++;
  pair->ends[RESULTS_PAIR_LIMIT] = summary->statuses[RESULTS_out_of_memory];
  pair->ends[RESULTS_PAIR_FAILED] = summary->trial_count - ok -
                                    summary->statuses[RESULTS_out_of_memory] -
                                    summary->statuses[RESULTS_refused];
}

/* False for a configuration of another workload. */
static bool is_pair(const struct results_summary *summary, struct results_leak_pair *pair) {
  const struct results_settings *parameters = &summary->first.configuration.parameters;
  const char *name = results_settings_find(parameters, "pair");
  const char *variant = results_settings_find(parameters, "variant");
  *pair = (struct results_leak_pair){.summary = summary, .pair = name};
  if (!name || !variant || summary->statuses[RESULTS_refused] == summary->trial_count)
    return false;
  for (; pair->variant < RESULTS_PAIR_VARIANTS; pair->variant++)
    if (strcmp(variant, results_pair_variant_names[pair->variant]) == 0)
      return true;
  return false;
}

static int compare(const void *left, const void *right) {
  const struct results_leak_pair *first = left, *second = right;
  int by_name = strcmp(first->pair, second->pair);
  return by_name ? by_name : (first->summary > second->summary) * 2 - 1;
}

int results_leak_pairs_derive(const struct results_run *run, struct results_leak_pairs *pairs) {
  *pairs =
      (struct results_leak_pairs){.items = calloc(run->summary_count + 1, sizeof *pairs->items)};
  if (!pairs->items)
    return -ENOMEM;
  for (size_t i = 0; i < run->summary_count; i++) {
    struct results_leak_pair *pair = &pairs->items[pairs->count];
    if (is_pair(&run->summaries[i], pair)) {
      count_ends(pair);
      pairs->count++;
    }
  }
  if (pairs->count > 1)
    qsort(pairs->items, pairs->count, sizeof *pairs->items, compare);
  return 0;
}

void results_leak_pairs_finish(struct results_leak_pairs *pairs) {
  free(pairs->items);
  *pairs = (struct results_leak_pairs){0};
}

bool results_leak_pair_is_expected(const struct results_leak_pair *pair) {
  uint64_t trials = 0, expected = pair->ends[RESULTS_PAIR_FLAT];
  for (size_t end = 0; end < RESULTS_PAIR_ENDS; end++)
    trials += pair->ends[end];
  if (pair->variant == RESULTS_PAIR_LEAKY)
    expected = pair->ends[RESULTS_PAIR_LIMIT] + pair->ends[RESULTS_PAIR_RISES];
  return 2 * expected > trials;
}
