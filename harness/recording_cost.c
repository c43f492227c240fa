/* What recording costs: measured, not promised.
 *
 * Writes what one stop writes (stop, pause, a thread's share of a phase, sample) with the clock
 * readings that belong to them, in a ring of its own, and takes the mean of one event. Upper bound:
 * part of the readings would be needed without recording, to size the next collection.
 */
#include "harness/recording_cost.h"
#include "harness/clock.h"
#include "heap/event.h"

enum { STOPS = 2000, EVENTS_OF_STOP = 4 };

static void record_stop(struct gc_event_ring *ring, uint64_t number) {
  uint64_t begin_ns = clock_now_ns();
  uint64_t begin_cpu_ns = clock_thread_cpu_ns();
  uint64_t stopped_ns = clock_now_ns();
  gc_event_write(ring, phase, .stop_id = number, .begin_ns = begin_ns, .end_ns = clock_now_ns(),
                 .cpu_ns = clock_thread_cpu_ns() - begin_cpu_ns);
  gc_event_write(ring, sample, .time_ns = clock_now_ns(), .nursery_bytes = number);
  gc_event_write(ring, stop, .stop_id = number, .request_ns = begin_ns, .stopped_ns = stopped_ns,
                 .work_end_ns = clock_now_ns(), .resumed_ns = clock_now_ns());
  gc_event_write(ring, pause, .stop_id = number, .begin_ns = begin_ns, .end_ns = clock_now_ns());
}

double recording_cost_ns(void) {
  struct gc_event_ring ring;
  if (gc_event_ring_init(&ring, 0) != 0) {
    return 0;
  }
  uint64_t begin_ns = clock_now_ns();
  for (uint64_t number = 1; number <= STOPS; number++) {
    record_stop(&ring, number);
  }
  uint64_t wall_ns = clock_now_ns() - begin_ns;
  gc_event_ring_finish(&ring);
  return (double)wall_ns / (STOPS * EVENTS_OF_STOP);
}
