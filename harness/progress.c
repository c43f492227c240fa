/* Progress of a run on stderr: a bar on a terminal, plain lines elsewhere. */
#include "harness/progress.h"
#include "harness/clock.h"
#include "harness/runner.h"
#include "harness/say.h"
#include "harness/text_list.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const uint64_t draw_every_ns = 100000000;

/* Plain lines say an estimate from here on. */
#define SAID_FROM_NS UINT64_C(10000000000)

enum { BAR_COLUMNS = 20, COLUMNS_USUAL = 80 };

void progress_init(struct progress *progress, size_t configuration_count,
                   const size_t *workload_of) {
  *progress = (struct progress){
      .is_terminal = isatty(STDERR_FILENO),
      .configuration_ns = memory_resize(NULL, configuration_count, sizeof(uint64_t)),
      .configuration_count = configuration_count,
      .workload_of = workload_of,
  };
  memset(progress->configuration_ns, 0, configuration_count * sizeof(uint64_t));
}

void progress_finish(struct progress *progress) {
  progress_clear(progress);
  free(progress->configuration_ns);
  *progress = (struct progress){0};
}

void progress_set_total(struct progress *progress, size_t total) {
  progress->total = total;
}

void progress_begin_invocation(struct progress *progress, const size_t *order, size_t count) {
  progress->order = order;
  progress->order_count = count;
  progress->place = 0;
}

void progress_label(char *label, size_t label_size,
                    const struct results_configuration *configuration) {
  char multiple[32] = "";
  if (strcmp(configuration->workload.text, RESULTS_IDLE_WORKLOAD) == 0) {
    snprintf(label, label_size, "idle (the platform floor)");
    return;
  }
  if (!isnan(configuration->heap_multiple)) {
    snprintf(multiple, sizeof multiple, " (%gx)", configuration->heap_multiple);
  }
  snprintf(label, label_size, "%.60s, %.60s with %.40s, %s%s", configuration->workload.text,
           configuration->collector.text, configuration->barrier.text,
           say_size(configuration->heap_bytes), multiple);
}

void progress_begin_trial(struct progress *progress, const struct results_trial *trial,
                          size_t configuration) {
  progress->current = configuration;
  progress->trial_begin_ns = clock_now_ns();
  progress->last_drawn_ns = 0;
  progress_label(progress->label, sizeof progress->label, &trial->configuration);
  progress_show(progress, RUNNER_PREPARING);
}

/* --- the bar ------------------------------------------------------------------------------------
 */

static uint64_t expected_ns(const struct progress *progress, size_t configuration) {
  uint64_t known_ns = progress->configuration_ns[configuration];
  if (known_ns > 0) {
    return known_ns;
  }
  uint64_t sum_ns = 0, count = 0;
  for (size_t i = 0; i < progress->configuration_count; i++) {
    if (progress->workload_of[i] == progress->workload_of[configuration]) {
      sum_ns += progress->configuration_ns[i];
      count += progress->configuration_ns[i] > 0;
    }
  }
  if (count > 0) {
    return sum_ns / count;
  }
  return progress->done > 0 ? progress->measured_ns / progress->done : 0;
}

/* Of the current trial: by its percentage once that says something, else by experience. */
static uint64_t current_left_ns(const struct progress *progress, unsigned percent,
                                uint64_t elapsed_ns) {
  if (percent >= 5) {
    return elapsed_ns * (100 - percent) / percent;
  }
  uint64_t whole_ns = expected_ns(progress, progress->current);
  return whole_ns > elapsed_ns ? whole_ns - elapsed_ns : 0;
}

/* Of the trials from `place` of this invocation on. */
static uint64_t left_from_ns(const struct progress *progress, size_t place) {
  uint64_t left = 0, invocation_ns = 0;
  for (size_t i = 0; i < progress->configuration_count; i++) {
    invocation_ns += expected_ns(progress, i);
  }
  for (size_t i = place; i < progress->order_count; i++) {
    left += expected_ns(progress, progress->order[i]);
  }
  size_t after = progress->done - progress->place + progress->order_count;
  if (progress->total > after) {
    left += (progress->total - after) * invocation_ns / progress->configuration_count;
  }
  return left;
}

uint64_t progress_left_ns(const struct progress *progress) {
  return left_from_ns(progress, progress->place);
}

static uint64_t left_ns(const struct progress *progress, unsigned percent, uint64_t elapsed_ns) {
  return current_left_ns(progress, percent, elapsed_ns) +
         left_from_ns(progress, progress->place + 1);
}

static size_t terminal_columns(void) {
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return COLUMNS_USUAL;
}

static void draw(const struct progress *progress, unsigned shown_percent, uint64_t elapsed_ns) {
  char line[512], state[32] = "preparing", left[64] = "", bar[BAR_COLUMNS + 1];
  unsigned percent = shown_percent == RUNNER_PREPARING ? 0 : shown_percent;
  double done = (double)progress->done + percent / 100.0;
  size_t filled = (size_t)(done / (double)progress->total * BAR_COLUMNS);
  for (size_t i = 0; i < BAR_COLUMNS; i++) {
    bar[i] = i < filled ? '#' : '.';
  }
  bar[BAR_COLUMNS] = 0;
  if (progress->done > 0 || percent >= 5) {
    snprintf(left, sizeof left, ", about %s left",
             say_seconds((double)left_ns(progress, percent, elapsed_ns) * 1e-9));
  }
  if (shown_percent != RUNNER_PREPARING) {
    snprintf(state, sizeof state, "%3u %%", percent);
  }
  snprintf(line, sizeof line, "[%s] %zu/%zu %s%s: %s", bar, progress->done + 1, progress->total,
           state, left, progress->label);
  fprintf(stderr, "\r\033[K%.*s", (int)terminal_columns() - 1, line);
  fflush(stderr);
}

void progress_clear(const struct progress *progress) {
  if (progress->is_terminal) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
  }
}

void progress_show(struct progress *progress, unsigned percent) {
  uint64_t now_ns = clock_now_ns();
  if (progress->is_terminal && now_ns - progress->last_drawn_ns >= draw_every_ns) {
    progress->last_drawn_ns = now_ns;
    draw(progress, percent, now_ns - progress->trial_begin_ns);
  }
}

/* --- the end of a trial -------------------------------------------------------------------------
 */

static void count_trial(struct progress *progress, size_t configuration, uint64_t duration_ns) {
  progress->configuration_ns[configuration] = duration_ns;
  progress->measured_ns += duration_ns;
  progress->done++;
  progress->place++;
}

void progress_pass_trial(struct progress *progress, size_t configuration, uint64_t duration_ns) {
  count_trial(progress, configuration, duration_ns);
}

void progress_end_trial(struct progress *progress, const struct results_trial *trial) {
  count_trial(progress, progress->current, clock_now_ns() - progress->trial_begin_ns);
  bool is_worth_a_line = !progress->is_terminal || trial->status != RESULTS_ok;
  if (!is_worth_a_line) {
    return;
  }
  progress_clear(progress);
  char left[64] = "";
  uint64_t left_ns = progress_left_ns(progress);
  if (!progress->is_terminal && left_ns >= SAID_FROM_NS) {
    snprintf(left, sizeof left, " (about %s left)", say_seconds((double)left_ns * 1e-9));
  }
  if (trial->status == RESULTS_ok) {
    const char *note = trial->result.note.text;
    fprintf(stderr, "trial %zu of %zu: %s: %s%s%s%s\n", progress->done, progress->total,
            progress->label, say_seconds((double)trial->result.wall_ns * 1e-9), *note ? "; " : "",
            note, left);
  } else {
    fprintf(stderr, "trial %zu of %zu: %s: %s: %s%s\n", progress->done, progress->total,
            progress->label, results_status_words(trial->status), trial->status_detail.text, left);
  }
}
