/* Recording as cases: an event that a pause leaves, beside the same bytes copied into a buffer. An
 * item is one event. The ring is touched before anything is timed, as a trial's is after its first
 * use.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/ideal_kernels.h"

#include "harness/clock.h"
#include "heap/event.h"
#include <string.h>

enum {
  EVENTS = 20000,
  FIELDS = sizeof(struct gc_event_pause) / sizeof(uint64_t),
  WORDS = FIELDS + 1,
};

static struct gc_event_ring ring;
static struct ideal_memory buffer;

static void prepare(const struct bench_sizes *sizes) {
  (void)sizes;
}

static void close_suite(void) {
  if (ring.words != NULL) {
    gc_event_ring_finish(&ring);
    ring.words = NULL;
  }
  ideal_memory_close(&buffer);
}

static void write_events(void) {
  ring.used_words = 0;
  for (uint64_t event = 0; event < EVENTS; event++) {
    gc_event_write(&ring, pause, .stop_id = event, .kind = 1, .begin_ns = event, .end_ns = event);
  }
}

static void finish(struct bench_pass *result, const uint64_t *words) {
  result->items = EVENTS;
  result->bytes = (uint64_t)EVENTS * WORDS * sizeof(uint64_t);
  for (uint64_t event = 0; event < EVENTS; event++) {
    struct gc_event_pause record;
    memcpy(&record, words + event * WORDS + 1, sizeof record);
    if (record.stop_id != event || record.end_ns != event) {
      result->failure = "an event is not what was written";
    }
  }
}

static void run(void *argument, struct bench_pass *result) {
  (void)argument;
  if (ring.words == NULL) {
    if (gc_event_ring_init(&ring, 1) != 0) {
      result->failure = "not enough memory";
      return;
    }
    write_events();
  }
  uint64_t begin_ns = clock_now_ns();
  write_events();
  result->elapsed_ns = clock_now_ns() - begin_ns;
  finish(result, ring.words);
}

static void run_ideal(void *argument, struct bench_pass *result) {
  (void)argument;
  size_t bytes = (size_t)EVENTS * WORDS * sizeof(uint64_t);
  if (buffer.base == NULL && ideal_memory_open(&buffer, bytes, IDEAL_TOUCH_NOW) != 0) {
    result->failure = "not enough memory";
    return;
  }
  uint64_t *next = (uint64_t *)(void *)buffer.base, *end = next + (size_t)EVENTS * WORDS;
  uint64_t begin_ns = clock_now_ns();
  for (uint64_t event = 0; event < EVENTS && next + WORDS <= end; event++) {
    struct gc_event_pause record = {
        .stop_id = event, .kind = 1, .begin_ns = event, .end_ns = event};
    *next = event;
    memcpy(next + 1, &record, sizeof record);
    next += WORDS;
    __asm__("" : : "r"(next) : "memory");
  }
  result->elapsed_ns = clock_now_ns() - begin_ns;
  finish(result, (const uint64_t *)(const void *)buffer.base);
}

static const struct bench_case cases[] = {
    {"record/event", "copy", BENCH_IDEAL, 1, run_ideal, NULL, NULL},
    {"record/event", "gc_event_write", BENCH_OURS, 1, run, NULL, NULL},
};

const struct bench_suite bench_record_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
