/* The verdict on a run's memory. See memory_verdict.h. */
#include "results/memory_verdict.h"
#include <math.h>

enum { SHOWN_MAX = 6 };

static const double bytes_per_mib = 1 << 20, ns_per_s = 1e9;

static const char *const what[RESULTS_MEMORY_VERDICTS] = {
    [RESULTS_MEMORY_HEAP] = "the heap grows: objects",
    [RESULTS_MEMORY_EXTERNAL] = "external memory grows over a flat heap: buffers",
    [RESULTS_MEMORY_RESIDENT] = "resident memory grows over a flat heap: fragmentation, or the "
                                "program's own",
};

enum results_memory_verdict results_memory_verdict_of(const struct results_figures *median) {
  if (median->heap_growth_bytes > 0)
    return RESULTS_MEMORY_HEAP;
  if (median->external_growth_bytes > 0)
    return RESULTS_MEMORY_EXTERNAL;
  if (isnan(median->heap_growth_bytes))
    return RESULTS_MEMORY_UNKNOWN;
  return median->rss_growth_bytes > 0 ? RESULTS_MEMORY_RESIDENT : RESULTS_MEMORY_FLAT;
}

static double growth_of(const struct results_figures *median, enum results_memory_verdict verdict) {
  return verdict == RESULTS_MEMORY_HEAP       ? median->heap_growth_bytes
         : verdict == RESULTS_MEMORY_EXTERNAL ? median->external_growth_bytes
                                              : median->rss_growth_bytes;
}

static bool is_judged(const struct results_summary *summary) {
  return summary->statuses[RESULTS_ok] > 0 && !results_is_floor(summary);
}

static void print_growing(FILE *stream, const struct results_run *run) {
  size_t shown = 0, growing = 0;
  for (size_t i = 0; i < run->summary_count; i++) {
    const struct results_summary *summary = &run->summaries[i];
    enum results_memory_verdict verdict = results_memory_verdict_of(&summary->median);
    if (!is_judged(summary) || !what[verdict] || ++growing > SHOWN_MAX)
      continue;
    shown++;
    fprintf(stream, "  %s under %s: %s, %.3g MiB in %.3g s\n",
            summary->first.configuration.workload.text, summary->first.configuration.collector.text,
            what[verdict], growth_of(&summary->median, verdict) / bytes_per_mib,
            summary->median.timed_ns / ns_per_s);
  }
  if (growing > shown)
    fprintf(stream, "  and %zu more\n", growing - shown);
}

void results_memory_verdict_print(FILE *stream, const struct results_run *run) {
  size_t counts[RESULTS_MEMORY_VERDICTS] = {0}, judged = 0;
  for (size_t i = 0; i < run->summary_count; i++)
    if (is_judged(&run->summaries[i])) {
      counts[results_memory_verdict_of(&run->summaries[i].median)]++;
      judged++;
    }
  if (judged == 0)
    return;
  size_t unknown = counts[RESULTS_MEMORY_UNKNOWN], flat = counts[RESULTS_MEMORY_FLAT];
  fprintf(stream, "memory: ");
  if (unknown == judged) {
    fprintf(stream, "too few cycles to tell whether it grows\n");
    return;
  }
  if (flat == judged)
    fprintf(stream, "flat in every configuration");
  else
    fprintf(stream, "flat in %zu of %zu configurations", flat, judged);
  if (unknown > 0)
    fprintf(stream, "; %zu had too few cycles to tell", unknown);
  fprintf(stream, "%s\n", judged > flat + unknown ? "; growing:" : "");
  print_growing(stream, run);
}
