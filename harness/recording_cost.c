/* What recording costs: see recording_cost.h.
 *
 * Algorithm. Each kind of event is written a thousand times into a ring of its own, with as many
 * readings of the clocks as the recorder makes for it, and the mean is taken of the cheapest of
 * a few rounds: what the machine does meanwhile is not the recorder's. Requests are no events while
 * they are timed; they are recorded as a workload records them.
 */
#include "harness/recording_cost.h"
#include "harness/clock.h"
#include "harness/ring.h"
#include "workloads/workload.h"

enum { REPEATS = 1000, ROUNDS = 3 };

/* Readings per record; of kinds that are not named, one of the wall clock. Which thread's time a
 * phase took is read at its begin whatever its length. */
struct readings {
  unsigned wall, cpu;
};

static struct readings readings_of(enum gc_event_number number) {
  switch (number) {
  case GC_EVENT_stop: /* asked for, stopped, worked, resumed */
    return (struct readings){.wall = 4};
  case GC_EVENT_sample: /* at a moment that the stop has read */
    return (struct readings){0};
  case GC_EVENT_pause:
    return (struct readings){.wall = 2};
  case GC_EVENT_phase:
    return (struct readings){.wall = 2, .cpu = 2};
  default:
    return (struct readings){.wall = 1};
  }
}

static void write_event(struct gc_event_ring *ring, enum gc_event_number number) {
  uint64_t fields[32] = {0};
  struct readings readings = readings_of(number);
  for (unsigned i = 0; i < readings.wall; i++) {
    fields[i] = clock_now_ns();
  }
  for (unsigned i = 0; i < readings.cpu; i++) {
    fields[readings.wall + i] = clock_thread_cpu_ns();
  }
  gc_event_ring_write(ring, number, fields, gc_event_descriptions[number].field_count);
}

static double event_round_ns(enum gc_event_number number) {
  struct gc_event_ring ring;
  if (gc_event_ring_init(&ring, 0) != 0) {
    return 0;
  }
  uint64_t begin_ns = clock_now_ns();
  for (unsigned i = 0; i < REPEATS; i++) {
    write_event(&ring, number);
  }
  uint64_t wall_ns = clock_now_ns() - begin_ns;
  gc_event_ring_finish(&ring);
  return (double)wall_ns / REPEATS;
}

/* A closed loop reads the clock once per request, an open one at begin and end. */
enum loop { LOOP_CLOSED, LOOP_OPEN };

static double request_round_ns(enum loop loop) {
  struct workload_run run = {0};
  workload_requests_reserve(&run, REPEATS);
  uint64_t begin_ns = clock_now_ns(), request_begin_ns = begin_ns;
  for (unsigned i = 0; i < REPEATS; i++) {
    struct workload_request request = {.begin_ns = request_begin_ns};
    if (loop == LOOP_OPEN) {
      request.begin_ns = workload_request_clock_ns(&run);
    }
    request.end_ns = request_begin_ns = workload_request_clock_ns(&run);
    workload_request_record(&run, request);
  }
  uint64_t wall_ns = clock_now_ns() - begin_ns;
  workload_requests_finish(&run);
  return (double)wall_ns / REPEATS;
}

static double least(double before, double now) {
  return before == 0 || now < before ? now : before;
}

void recording_costs_measure(struct recording_costs *costs) {
  *costs = (struct recording_costs){0};
  for (unsigned round = 0; round < ROUNDS; round++) {
    for (enum gc_event_number number = 0; number < GC_EVENT_NUMBERS; number++) {
      double ns = number == GC_EVENT_request ? request_round_ns(LOOP_OPEN) : event_round_ns(number);
      costs->event_ns[number] = least(costs->event_ns[number], ns);
    }
    costs->next_request_ns = least(costs->next_request_ns, request_round_ns(LOOP_CLOSED));
  }
}

double recording_costs_of(const struct recording_costs *costs, const struct gc_event_ring *ring) {
  double sum_ns = 0;
  uint64_t end_ns = 0; /* of the request before */
  for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
    enum gc_event_number number = ring_number_at(ring, head);
    double event_ns = costs->event_ns[number];
    if (number == GC_EVENT_request) {
      const struct gc_event_request *request = (const void *)ring_fields_at(ring, head);
      event_ns = request->begin_ns == end_ns ? costs->next_request_ns : event_ns;
      end_ns = request->end_ns;
    }
    sum_ns += event_ns;
  }
  return sum_ns;
}

/* The clock is read for each; few are written. */
uint64_t recording_costs_of_operations(const struct recording_costs *costs, uint64_t operations) {
  return (uint64_t)(costs->event_ns[GC_EVENT_operation] * (double)operations);
}
