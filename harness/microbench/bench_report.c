/* The table of tricolor-bench.
 *
 * Medians are of repetitions, each of which is a mean over its passes. The ratio is of the medians;
 * repetitions of ideal and ours are interleaved at random and not paired.
 */
#include "harness/microbench/bench_report.h"

#include <stdlib.h>
#include <string.h>

/* An ideal below this share of what the limits promise is no floor. */
#define IDEAL_LEAST_PERCENT 70.0

/* memcpy of the machine that the limits were measured on. */
#define LIMITS_COPY_BYTES_PER_SECOND 11e9

struct result {
  double *rates; /* items per second, or bytes for a yardstick; sorted by result_median */
  size_t rate_count;
  size_t rate_capacity;
  char failure[128]; /* empty: none */
};

struct bench_report {
  const struct bench_case *const *cases;
  size_t case_count;
  struct result results[];
};

struct limit {
  const char *path;
  unsigned thread_count;
  double items_per_second;
};

static const struct limit limits[] = {
#define BENCH_LIMIT(path, thread_count, millions) {path, thread_count, (millions)*1e6},
#include "harness/microbench/limits.def"
#undef BENCH_LIMIT
};

struct bench_report *bench_report_create(const struct bench_case *const *cases, size_t case_count) {
  struct bench_report *report = calloc(1, sizeof *report + case_count * sizeof *report->results);
  if (report != NULL) {
    report->cases = cases;
    report->case_count = case_count;
  }
  return report;
}

void bench_report_destroy(struct bench_report *report) {
  for (size_t i = 0; i < report->case_count; i++) {
    free(report->results[i].rates);
  }
  free(report);
}

void bench_report_receive(void *argument, const struct bench_repetition *repetition) {
  struct bench_report *report = argument;
  struct result *result = &report->results[repetition->index];
  if (repetition->failure != NULL) {
    snprintf(result->failure, sizeof result->failure, "%s", repetition->failure);
    return;
  }
  if (result->rate_count == result->rate_capacity) {
    size_t capacity = result->rate_capacity * 2 + 8;
    double *rates = realloc(result->rates, capacity * sizeof *rates);
    if (rates == NULL) {
      snprintf(result->failure, sizeof result->failure, "not enough memory for results");
      return;
    }
    result->rates = rates;
    result->rate_capacity = capacity;
  }
  bool is_yardstick = report->cases[repetition->index]->role == BENCH_YARDSTICK;
  result->rates[result->rate_count++] =
      is_yardstick ? repetition->bytes_per_second : repetition->items_per_second;
}

size_t bench_report_failures(const struct bench_report *report) {
  size_t count = 0;
  for (size_t i = 0; i < report->case_count; i++) {
    count += report->results[i].failure[0] != '\0';
  }
  return count;
}

static int compare_rates(const void *left, const void *right) {
  double a = *(const double *)left;
  double b = *(const double *)right;
  return (a > b) - (a < b);
}

/* 0 where nothing was measured. */
static double result_median(const struct result *result) {
  size_t count = result->rate_count;
  if (count == 0 || result->failure[0] != '\0') {
    return 0;
  }
  qsort(result->rates, count, sizeof *result->rates, compare_rates);
  return (result->rates[(count - 1) / 2] + result->rates[count / 2]) / 2;
}

/* The fastest case of a role with this path, or that of its floor, and thread count; null when none
 * was measured. */
static const struct bench_case *fastest(const struct bench_report *report,
                                        const struct bench_case *like, enum bench_role role,
                                        const struct result **result) {
  const char *path = role == BENCH_IDEAL && like->floor != NULL ? like->floor : like->path;
  const struct bench_case *best = NULL;
  double best_rate = 0;
  for (size_t i = 0; i < report->case_count; i++) {
    const struct bench_case *other = report->cases[i];
    double rate = result_median(&report->results[i]);
    if (other->role == role && other->thread_count == like->thread_count &&
        strcmp(other->path, path) == 0 && rate > best_rate) {
      best = other;
      best_rate = rate;
      *result = &report->results[i];
    }
  }
  return best;
}

/* How much faster this machine copies memory than the one of the limits; 0 when that was not
 * measured. */
static double machine_scale(const struct bench_report *report) {
  const struct bench_case like = {.path = "memory/copy", .thread_count = 1};
  const struct result *result = NULL;
  const struct bench_case *yardstick = fastest(report, &like, BENCH_YARDSTICK, &result);
  return yardstick == NULL ? 0 : result_median(result) / LIMITS_COPY_BYTES_PER_SECOND;
}

/* The limit of a path, or 0. */
static double limit_of(const struct bench_case *like) {
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    if (limits[i].thread_count == like->thread_count && strcmp(limits[i].path, like->path) == 0) {
      return limits[i].items_per_second;
    }
  }
  return 0;
}

static void print_rate(FILE *stream, const struct bench_case *measured,
                       const struct result *result) {
  if (measured == NULL) {
    fprintf(stream, "  %9s %-22s", "-", "");
    return;
  }
  char source[64];
  snprintf(source, sizeof source, "%s (n=%zu)", measured->variant, result->rate_count);
  double millions = result_median(result) / 1e6;
  fprintf(stream, "  %9.*f %-22s", millions < 1 ? 4 : 1, millions, source);
}

static void print_line(const struct bench_report *report, FILE *stream,
                       const struct bench_case *like, double scale) {
  const struct result *ideal_result = NULL;
  const struct result *our_result = NULL;
  const struct bench_case *ideal = fastest(report, like, BENCH_IDEAL, &ideal_result);
  const struct bench_case *ours = fastest(report, like, BENCH_OURS, &our_result);
  fprintf(stream, "%-46s %7u", like->path, like->thread_count);
  print_rate(stream, ideal, ideal_result);
  print_rate(stream, ours, our_result);
  if (ideal != NULL && ours != NULL) {
    double ours_rate = result_median(our_result), ideal_rate = result_median(ideal_result);
    fprintf(stream, "  %6.0f %%  %8.2f", 100 * ours_rate / ideal_rate,
            1e9 / ours_rate - 1e9 / ideal_rate);
  } else {
    fprintf(stream, "  %8s  %8s", "-", "-");
  }
  double limit = limit_of(like) * scale;
  if (ideal != NULL && limit > 0) {
    double percent = 100 * result_median(ideal_result) / limit;
    fprintf(stream, "  %6.0f %%%s", percent,
            percent < IDEAL_LEAST_PERCENT ? "  SLOW IDEAL: the ratio flatters ours" : "");
  }
  fprintf(stream, "\n");
}

static bool is_first_of_its_line(const struct bench_report *report, size_t index) {
  for (size_t i = 0; i < index; i++) {
    const struct bench_case *other = report->cases[i];
    if ((other->role == BENCH_IDEAL || other->role == BENCH_OURS) &&
        other->thread_count == report->cases[index]->thread_count &&
        strcmp(other->path, report->cases[index]->path) == 0) {
      return false;
    }
  }
  return report->cases[index]->role == BENCH_IDEAL || report->cases[index]->role == BENCH_OURS;
}

static bool was_run(const struct bench_report *report, const struct bench_case *like) {
  const struct result *result = NULL;
  return (like->floor == NULL && fastest(report, like, BENCH_IDEAL, &result) != NULL) ||
         fastest(report, like, BENCH_OURS, &result) != NULL;
}

static void print_others(const struct bench_report *report, FILE *stream) {
  for (size_t i = 0; i < report->case_count; i++) {
    const struct bench_case *other = report->cases[i];
    const struct result *result = &report->results[i];
    if (other->role == BENCH_YARDSTICK && result->rate_count > 0) {
      fprintf(stream, "%-46s %7u  %9.1f GB/s (n=%zu)\n", other->path, other->thread_count,
              result_median(result) / 1e9, result->rate_count);
    } else if (other->role == BENCH_COMPARISON && result->rate_count > 0) {
      fprintf(stream, "%-46s %7u  %9.1f %s (n=%zu), for comparison\n", other->path,
              other->thread_count, result_median(result) / 1e6, other->variant, result->rate_count);
    }
  }
  for (size_t i = 0; i < report->case_count; i++) {
    if (report->results[i].failure[0] != '\0') {
      fprintf(stream, "FAILED %s/%s, %u thread(s): %s\n", report->cases[i]->path,
              report->cases[i]->variant, report->cases[i]->thread_count,
              report->results[i].failure);
    }
  }
}

void bench_report_print(const struct bench_report *report, FILE *stream,
                        enum bench_comparison comparison) {
  double scale = comparison == BENCH_WITH_LIMITS ? machine_scale(report) : 0;
  fprintf(stream, "%-46s %7s  %-32s  %-32s  %8s  %8s  %s\n", "hot path", "threads",
          "ideal, M/s (median)", "ours, M/s (median)", "of ideal", "over, ns",
          scale > 0 ? "ideal/limit" : "");
  for (size_t i = 0; i < report->case_count; i++) {
    if (is_first_of_its_line(report, i) && was_run(report, report->cases[i])) {
      print_line(report, stream, report->cases[i], scale);
    }
  }
  fprintf(stream, "\n");
  print_others(report, stream);
  if (scale > 0) {
    fprintf(stream, "limits are scaled by %.2f, the memory/copy bandwidth over %.0f GB/s\n", scale,
            LIMITS_COPY_BYTES_PER_SECOND / 1e9);
  } else if (comparison == BENCH_WITHOUT_LIMITS) {
    fprintf(stream, "quick sizes: these ratios say that everything works, not how fast it is\n");
  }
}
