/* Flags of commands that look into one heap. See subject.h. */
#include "harness/subject.h"
#include "harness/variants.h"
#include <errno.h>
#include <gc/options.h>
#include <stdlib.h>

enum harness_status subject_take_number(const struct command_line *line, const char *flag,
                                        uint64_t minimum, uint64_t maximum, uint64_t *number) {
  const char *text = command_line_value(line, flag);
  if (!text) {
    return HARNESS_DONE;
  }
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || errno != 0 || value < minimum || value > maximum) {
    return say_bad_input("--%s %s: a number from %llu to %llu is needed", flag, text,
                         (unsigned long long)minimum, (unsigned long long)maximum);
  }
  *number = value;
  return HARNESS_DONE;
}

static enum harness_status take_collector(const char *collector, struct subject *subject) {
  char reason[512];
  enum harness_status status = collector_check(collector);
  if (status == HARNESS_DONE && collector_reserves(collector)) {
    return say_bad_input("%s collects nothing: under it everything leaks", collector);
  }
  if (status == HARNESS_DONE && collector_is_baseline(collector)) {
    return say_bad_input("%s has no heap that could be looked into", collector);
  }
  if (status == HARNESS_DONE) {
    subject->collector = collector;
    subject->barrier = collector_barrier(collector, reason, sizeof reason);
    status = subject->barrier ? HARNESS_DONE : say_bad_input("%s", reason);
  }
  return status;
}

enum harness_status subject_take(const struct command_line *line, struct subject *subject) {
  char error[512];
  const char *collector = command_line_value(line, "collector");
  const char *heap = command_line_value(line, "heap");
  *subject = (struct subject){.heap_bytes = gc_options_default().heap_bytes,
                              .seed = 1,
                              .is_quick = command_line_value(line, "quick") != NULL};
  enum harness_status status = take_collector(collector ? collector : "stw", subject);
  if (status == HARNESS_DONE && heap &&
      gc_parse_size(heap, &subject->heap_bytes, error, sizeof error) != 0) {
    status = say_bad_input("--heap %s: %s", heap, error);
  }
  return status == HARNESS_DONE ? subject_take_number(line, "seed", 0, UINT64_MAX, &subject->seed)
                                : status;
}
