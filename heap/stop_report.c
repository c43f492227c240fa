/* Waiting for a mutator with an end to patience. See stop_report.h. */
#include "heap/stop_report.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A limit is waited for in so many parks. */
#define PARKS_PER_LIMIT 10

void gc_stop_note_safepoint(struct gc_mutator_private *mutator) {
  gc_atomic_store_relaxed(&mutator->safepoint_ns,
                          gc_platform_coarse_now_ns()); /* read for a report only */
}

static void describe_requester(const struct gc_stop_wait *wait, char *text, size_t text_size) {
  if (wait->requester == GC_REQUESTER_COLLECTOR) {
    snprintf(text, text_size, "a collector thread");
  } else {
    snprintf(text, text_size, "mutator %" PRIu64, wait->requester);
  }
}

__attribute__((noreturn, cold)) static void report(const struct gc_stop_wait *wait,
                                                   const struct gc_mutator_private *mutator) {
  char thread[128], requester[48];
  uint64_t now_ns = gc_platform_now_ns();
  uint64_t safepoint_ns = gc_atomic_load_relaxed(&mutator->safepoint_ns); /* a report's estimate */
  uint64_t since_ns = now_ns > safepoint_ns ? now_ns - safepoint_ns : 0;
  gc_platform_describe_thread(mutator->thread_id, thread, sizeof thread);
  describe_requester(wait, requester, sizeof requester);
  fprintf(stderr,
          "tricolor: mutator %u (thread %" PRIu64 ", %s) reaches no safepoint: stop %" PRIu64
          " (%s, asked for by %s) has waited %.1f s for it, and its last safepoint was %.1f s ago; "
          "loops that neither allocate nor block must poll\n",
          mutator->number, mutator->thread_id, thread, wait->heap->statistics.stop_count + 1,
          gc_pause_reason_names[wait->reason], requester, (double)wait->waited_ns * 1e-9,
          (double)since_ns * 1e-9);
  abort();
}

void gc_stop_wait_park(struct gc_stop_wait *wait, const struct gc_mutator_private *mutator,
                       uint32_t number) {
  uint32_t *word = &wait->heap->stop.stopped_number;
  uint64_t limit_ns = wait->heap->options.safepoint_timeout_ns;
  if (limit_ns == UINT64_MAX) {
    gc_platform_park(word, number);
    return;
  }
  uint64_t part_ns = limit_ns / PARKS_PER_LIMIT + 1, begin_ns = gc_platform_now_ns();
  gc_platform_park_for(word, number, part_ns);
  uint64_t parked_ns = gc_platform_now_ns() - begin_ns;
  wait->waited_ns += parked_ns < part_ns ? parked_ns : part_ns;
  if (wait->waited_ns >= limit_ns) {
    report(wait, mutator);
  }
}
