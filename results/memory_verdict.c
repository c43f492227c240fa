/* The verdict on a run's memory. See memory_verdict.h. */
#include "results/memory_verdict.h"
#include "results/configuration.h"
#include "results/units.h"
#include <math.h>

enum { SHOWN_MAX = 6 };

static const char *const what[RESULTS_MEMORY_VERDICTS] = {
    [RESULTS_MEMORY_HEAP] = "the heap grows: objects",
    [RESULTS_MEMORY_EXTERNAL] = "external memory grows over a flat heap: buffers",
    [RESULTS_MEMORY_RESIDENT] = "resident memory grows over a flat heap, beyond its limit: "
                                "the allocator's fragmentation, or the program's own",
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

static bool ran_out(const struct results_summary *summary) {
  return summary->statuses[RESULTS_ok] == 0 && summary->statuses[RESULTS_out_of_memory] > 0;
}

bool results_memory_verdict_say(char *text, size_t size, const struct results_run *run,
                                const struct results_summary *summary) {
  char name[2 * RESULTS_TEXT_SIZE];
  enum results_memory_verdict verdict = results_memory_verdict_of(&summary->median);
  results_configuration_say(name, sizeof name, run, summary);
  if (ran_out(summary))
    snprintf(text, size, "%s: %s", name,
             summary->failed_status == RESULTS_out_of_memory ? summary->failure : "out of memory");
  else if (is_judged(summary) && what[verdict])
    snprintf(text, size, "%s: %s, %s in %s", name, what[verdict],
             results_text_bytes(growth_of(&summary->median, verdict)).text,
             results_text_ns(summary->median.timed_ns).text);
  else
    return false;
  return true;
}

/* Counts in `said` even what is more than is shown. */
static void print_those(FILE *stream, const struct results_run *run,
                        bool (*is_one)(const struct results_summary *summary), size_t *said) {
  char text[4 * RESULTS_TEXT_SIZE];
  for (size_t i = 0; i < run->summary_count; i++)
    if (is_one(&run->summaries[i]) &&
        results_memory_verdict_say(text, sizeof text, run, &run->summaries[i]) &&
        ++*said <= SHOWN_MAX)
      fprintf(stream, "  %s\n", text);
}

/* What ran out last: of that there may be much, in a sweep of heaps. */
static void print_each(FILE *stream, const struct results_run *run) {
  size_t said = 0;
  print_those(stream, run, is_judged, &said);
  print_those(stream, run, ran_out, &said);
  if (said > SHOWN_MAX)
    fprintf(stream, "  and %zu more\n", said - SHOWN_MAX);
}

void results_memory_verdict_print(FILE *stream, const struct results_run *run) {
  size_t counts[RESULTS_MEMORY_VERDICTS] = {0}, judged = 0, out = 0;
  for (size_t i = 0; i < run->summary_count; i++) {
    out += ran_out(&run->summaries[i]);
    if (is_judged(&run->summaries[i])) {
      counts[results_memory_verdict_of(&run->summaries[i].median)]++;
      judged++;
    }
  }
  size_t unknown = counts[RESULTS_MEMORY_UNKNOWN], flat = counts[RESULTS_MEMORY_FLAT];
  if (judged + out == 0)
    return;
  fprintf(stream, "memory: ");
  if (unknown == judged + out) {
    fprintf(stream, "too few cycles to tell whether it grows; a smaller heap has more, and "
                    "tricolor leaks collects on purpose\n");
    return;
  }
  if (flat == judged + out)
    fprintf(stream, "flat in every configuration");
  else
    fprintf(stream, "flat in %zu of %zu configurations", flat, judged + out);
  if (unknown > 0)
    fprintf(stream, "; %zu had too few cycles to tell", unknown);
  if (out > 0)
    fprintf(stream, "; %zu ran out of it", out);
  size_t growing = judged - flat - unknown;
  fprintf(stream, "%s%s\n", growing > 0 ? "; growing" : "", growing + out > 0 ? ":" : "");
  print_each(stream, run);
}
