/* Collectors beside baselines; peers.h says how they are compared. */
#include "results/peers.h"
#include "results/compare.h"
#include "results/configuration.h"
#include "results/order.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INTERVAL_SEED = 1 };

/* In the order in which a denominator is looked for. */
static const char *const denominators[] = {"native_bdwgc", "bdwgc", "native_malloc", "malloc"};

static const char *collector_of(const struct results_summary *summary) {
  return summary->first.configuration.collector.text;
}

static bool is_ok(const struct results_summary *summary) {
  return summary->statuses[RESULTS_ok] > 0;
}

/* The same work: everything alike but what a baseline has none of. */
static bool same_work(const struct results_summary *left, const struct results_summary *right) {
  struct results_configuration changed = left->first.configuration;
  const struct results_configuration *other = &right->first.configuration;
  changed.collector = other->collector;
  changed.barrier = other->barrier;
  changed.heap_bytes = other->heap_bytes;
  changed.heap_multiple = other->heap_multiple;
  changed.nursery_bytes = other->nursery_bytes;
  changed.gc_threads = other->gc_threads;
  changed.pause_target_ns = other->pause_target_ns;
  changed.options = other->options;
  return results_configuration_equal(&changed, other);
}

static const struct results_summary *
find(const struct results_run *run, const struct results_summary *work, const char *collector) {
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (is_ok(summary) && !results_is_floor(summary) &&
        strcmp(collector_of(summary), collector) == 0 && same_work(work, summary))
      return summary;
  }
  return NULL;
}

static const struct results_summary *find_denominator(const struct results_run *run,
                                                      const struct results_summary *work) {
  const struct results_summary *found = NULL;
  for (size_t index = 0; !found && index < sizeof denominators / sizeof *denominators; index++)
    found = find(run, work, denominators[index]);
  return found;
}

static const struct results_summary *find_native(const struct results_run *run,
                                                 const struct results_summary *summary) {
  char name[RESULTS_TEXT_SIZE + 8];
  if (!results_collector_is_baseline(collector_of(summary)))
    return NULL;
  snprintf(name, sizeof name, "native_%s", collector_of(summary));
  return find(run, summary, name);
}

/* Wall time of the one over that of the other, over invocations that both have. */
static struct results_interval wall_over(const struct results_summary *summary,
                                         const struct results_summary *under, double *ratios,
                                         size_t *pairs) {
  *pairs = 0;
  for (size_t first = 0; under && first < summary->statuses[RESULTS_ok]; first++)
    for (size_t second = 0; second < under->statuses[RESULTS_ok]; second++)
      if (summary->ok_trials[first].invocation == under->ok_trials[second].invocation)
        ratios[(*pairs)++] = summary->trials[first].wall_ns / under->trials[second].wall_ns;
  return results_interval_of_ratios(ratios, *pairs, 1, INTERVAL_SEED);
}

static double known_or_zero(double value) {
  return isnan(value) ? 0 : value;
}

static void fill_memory(struct results_peer *peer) {
  const struct results_summary *summary = peer->summary;
  peer->rss_bytes = peer->rss_bound_bytes = NAN;
  for (size_t index = 0; index < summary->statuses[RESULTS_ok]; index++) {
    const struct results_figures *figures = &summary->trials[index];
    peer->rss_bytes = fmax(peer->rss_bytes,
                           figures->peak_rss_bytes - known_or_zero(figures->peak_external_bytes));
  }
  if (!results_collector_is_baseline(collector_of(summary)))
    peer->rss_bound_bytes =
        1.15 * (double)summary->first.configuration.heap_bytes + 24.0 * 1024 * 1024;
}

/* Room for the ratios of any two of them. */
static size_t most_trials(const struct results_run *run) {
  size_t most = 1;
  for (size_t index = 0; index < run->summary_count; index++)
    if (run->summaries[index].trial_count > most)
      most = run->summaries[index].trial_count;
  return most * most;
}

int results_peers_derive(const struct results_run *run, struct results_peers *peers) {
  double *ratios = malloc(most_trials(run) * sizeof *ratios);
  *peers = (struct results_peers){.items = calloc(run->summary_count + 1, sizeof *peers->items)};
  if (!ratios || !peers->items) {
    free(ratios);
    free(peers->items);
    return -ENOMEM;
  }
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    struct results_peer *peer = &peers->items[peers->count];
    if (results_is_floor(summary) || !is_ok(summary))
      continue;
    *peer = (struct results_peer){.summary = summary,
                                  .denominator = find_denominator(run, summary),
                                  .native = find_native(run, summary)};
    if (!peer->denominator)
      continue;
    size_t ignored;
    peer->framework = wall_over(summary, peer->native, ratios, &ignored);
    peer->wall = wall_over(summary, peer->denominator, ratios, &peer->pairs);
    fill_memory(peer);
    peers->count++;
  }
  free(ratios);
  return 0;
}

void results_peers_finish(struct results_peers *peers) {
  free(peers->items);
  *peers = (struct results_peers){0};
}

bool results_peer_is_quotable(const struct results_peer *peer) {
  return !(peer->framework.estimate > RESULTS_PEERS_QUOTABLE);
}
