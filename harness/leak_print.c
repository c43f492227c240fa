/* What `tricolor leaks` prints of one workload. */
#include "harness/leak_print.h"
#include "harness/say.h"
#include "results/leak_images.h"
#include <inttypes.h>
#include <math.h>

enum { SITES_SHOWN = 5 };

/* "1.5K", of a number that may be negative or not known. */
static const char *size_of(double bytes) {
  static char texts[4][32];
  static unsigned next;
  char *text = texts[next++ % 4];
  if (isnan(bytes)) {
    snprintf(text, sizeof texts[0], "?");
  } else {
    snprintf(text, sizeof texts[0], "%s%s", bytes < -0.5 ? "-" : "",
             say_size((unsigned long long)(fabs(bytes) + 0.5)));
  }
  return text;
}

/* "168", "1020", "0.0312", of bytes per operation. */
static const char *rate_of(double bytes) {
  static char texts[4][32];
  static unsigned next;
  char *text = texts[next++ % 4];
  snprintf(text, sizeof texts[0], fabs(bytes) < 999.5 ? "%.3g" : "%.0f", bytes);
  return text;
}

static void print_head(FILE *stream, const struct results_trial *trial,
                       const struct results_leak_samples *samples,
                       const struct results_leak_judgement *judgement) {
  const struct results_configuration *configuration = &trial->configuration;
  fprintf(stream, "%s: %s under %s, heap of %s, %zu samples\n",
          results_leak_verdict_names[judgement->verdict], configuration->workload.text,
          configuration->collector.text, say_size(configuration->heap_bytes), samples->count);
  if (trial->status == RESULTS_out_of_memory) {
    fprintf(stream, "  it reached its limit: %s\n", trial->status_detail.text);
  }
}

static void print_culprit(FILE *stream, const struct results_leak_samples *samples,
                          const struct results_leak_judgement *judgement) {
  if (judgement->survivors.verdict != RESULTS_LEAK_FOUND) {
    return;
  }
  const struct results_leak_suspect *suspect = &judgement->survivors.suspects[0];
  const struct results_leak_site *site = &samples->sites[suspect->site];
  const struct results_leak_count *last = &site->counts[samples->count - 1];
  fprintf(stream, "  site    %s: ", site->name);
  if (last->objects > 0) { /* what is declared has none */
    fprintf(stream, "%.0f objects of ", last->objects);
  }
  fprintf(stream, "%s at the last sample\n", size_of(last->bytes));
  if (*site->path) {
    fprintf(stream, "  path    %s\n", site->path);
  }
}

static void print_rate(FILE *stream, const struct workload_choice *choice,
                       const struct results_leak_judgement *judgement) {
  if (judgement->verdict == RESULTS_LEAK_CLEAN || isnan(judgement->bytes_per_operation)) {
    return;
  }
  const char *what = judgement->is_external ? "external memory" : "heap";
  fprintf(stream, "  rate    %s grows by %s bytes per %s, %s per second\n", what,
          rate_of(judgement->bytes_per_operation), choice->input.workload->operation,
          size_of(judgement->bytes_per_s));
  if (isfinite(judgement->seconds_to_limit)) {
    fprintf(stream, "  limit   of %s reached in %s at this rate\n", what,
            say_seconds(judgement->seconds_to_limit));
  }
}

static void print_growth(FILE *stream, const char *name, const struct results_leak_growth *growth) {
  fprintf(stream,
          "  %-8s  %-9s  %9s live, %9s over the run, %s bytes per operation [%s, %s], p = "
          "%.2g%s\n",
          name, results_leak_verdict_names[growth->verdict], size_of(growth->latest_bytes),
          size_of(growth->growth_bytes), rate_of(growth->trend.slope), rate_of(growth->trend.low),
          rate_of(growth->trend.high), growth->trend.p,
          growth->verdict == RESULTS_LEAK_FOUND && !growth->goes_on ? ", ended" : "");
}

static void print_sites(FILE *stream, const struct results_leak_samples *samples,
                        const struct results_leak_survivors *survivors) {
  fprintf(stream, "\nsites by growth of what survived since the sample before: %s\n",
          results_leak_verdict_names[survivors->verdict]);
  for (size_t i = 0; i < survivors->count && i < SITES_SHOWN; i++) {
    const struct results_leak_suspect *suspect = &survivors->suspects[i];
    const struct results_leak_count *last =
        &samples->sites[suspect->site].counts[samples->count - 1];
    fprintf(stream,
            "  %-24s  %-9s  %9.0f objects, %9s live, %9s over the run (%.3g %% of what is live)\n",
            samples->sites[suspect->site].name, results_leak_verdict_names[suspect->verdict],
            last->objects, size_of(last->bytes), size_of(suspect->growth.growth_bytes),
            100 * suspect->score);
  }
}

/* What to look at, where images say it. */
static void print_images(FILE *stream, const struct results_leak_samples *samples) {
  const struct results_leak_images *images = &samples->images;
  if (!images->is_known) {
    return;
  }
  fprintf(stream, "\nretained sizes, from half of the work to its end: %s\n",
          results_leak_verdict_names[results_leak_retained_verdict(samples)]);
  if (*images->grown_type) {
    bool is_new = images->grown_before_bytes <= 0;
    fprintf(stream, "  %-24s  grew most: it retains %s, %s%s\n", images->grown_type,
            size_of(images->grown_after_bytes), is_new ? "and is new" : "after ",
            is_new ? "" : size_of(images->grown_before_bytes));
  }
  fprintf(stream,
          "\nthree snapshots: what was allocated between the first two and is in the third: %s\n",
          results_leak_verdict_names[results_leak_stayed_verdict(samples)]);
  if (*images->stayed_type) {
    fprintf(stream, "  %-24s  %9.0f objects, %s of %s that stayed\n", images->stayed_type,
            images->stayed_type_objects, size_of(images->stayed_type_bytes),
            size_of(images->stayed_bytes));
  }
}

void leak_print(FILE *stream, const struct results_trial *trial,
                const struct workload_choice *choice, const struct results_leak_samples *samples,
                const struct results_leak_judgement *judgement) {
  print_head(stream, trial, samples, judgement);
  if (samples->count < 2) {
    fprintf(stream, "  too few samples: the work is done in fewer parts than were asked for, or "
                    "the limit was reached first\n");
    return;
  }
  print_culprit(stream, samples, judgement);
  print_rate(stream, choice, judgement);
  fprintf(stream, "\ngrowth of what is live: %s\n",
          results_leak_verdict_names[judgement->growth_verdict]);
  print_growth(stream, "heap", &judgement->heap);
  print_growth(stream, "external", &judgement->external);
  print_sites(stream, samples, &judgement->survivors);
  print_images(stream, samples);
}
