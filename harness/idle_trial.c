/* The control trial: a thread that does nothing but look at the clock, and notes when it was kept
 * from it. It is the platform floor that every pause distribution stands on.
 *
 * Algorithm. Read CLOCK_MONOTONIC in a loop; two readings at least GAP_NS apart are a gap. Of gaps
 * from CPU_FLOOR_NS up the thread's own CPU time is recorded too, which excludes what the host and
 * the scheduler took. The CPU clock is read before a gap only by chance, so it is read every
 * CALIBRATE_NS, and spinning since then is taken to have been on the CPU; the error is that of the
 * shorter gaps within one such interval. A gap that falls into a calibration itself, 1 in 2,000, is
 * not seen.
 *
 * Costs: a turn is one reading, about 30 ns; a calibration 0.4 us, less than the shortest gap.
 */
#include "harness/clock.h"
#include "harness/ring.h"
#include "harness/trial.h"
#include "results/events_file.h"

enum { GAP_NS = 1000, CPU_FLOOR_NS = 20000, CALIBRATE_NS = 1000000 };

struct spin {
  uint64_t previous_ns;   /* last reading */
  uint64_t calibrated_ns; /* wall and CPU clock, read together */
  uint64_t calibrated_cpu_ns;
  uint64_t turns;
};

static void calibrate(struct spin *spin) {
  spin->calibrated_cpu_ns = clock_thread_cpu_ns();
  spin->calibrated_ns = clock_now_ns();
  spin->previous_ns = spin->calibrated_ns;
}

static void record_gap(struct spin *spin, uint64_t now_ns, struct gc_event_ring *ring) {
  uint64_t gap_ns = now_ns - spin->previous_ns;
  uint64_t cpu_ns = 0;
  uint64_t begin_ns = spin->previous_ns;
  if (gap_ns >= CPU_FLOOR_NS) {
    uint64_t cpu_at_begin_ns = spin->calibrated_cpu_ns + (begin_ns - spin->calibrated_ns);
    uint64_t calibrated_cpu_ns = clock_thread_cpu_ns();
    cpu_ns = calibrated_cpu_ns > cpu_at_begin_ns ? calibrated_cpu_ns - cpu_at_begin_ns : 0;
    cpu_ns = cpu_ns < gap_ns ? cpu_ns : gap_ns;
  }
  gc_event_write(ring, gap, .begin_ns = begin_ns, .end_ns = now_ns, .cpu_ns = cpu_ns);
  calibrate(spin);
}

static void spin_until(struct spin *spin, uint64_t end_ns, uint64_t begin_ns,
                       struct gc_event_ring *ring, struct workload_run *run) {
  while (spin->previous_ns < end_ns) {
    uint64_t now_ns = clock_now_ns();
    spin->turns++;
    if (now_ns - spin->previous_ns >= GAP_NS) {
      record_gap(spin, now_ns, ring);
    } else if (now_ns - spin->calibrated_ns >= CALIBRATE_NS) {
      gc_atomic_store_relaxed(&run->progress_percent,
                              (now_ns - begin_ns) * 100 / (end_ns - begin_ns));
      calibrate(spin);
    } else {
      spin->previous_ns = now_ns;
    }
  }
}

enum harness_status idle_trial_run(struct results_trial *trial, struct trial_shared *shared,
                                   struct gc_event_ring *ring, const char *events_path) {
  struct workload_run *run = &shared->runs[0];
  shared->mutators = shared->iterations = 1;
  gc_atomic_store_relaxed(&shared->is_running, 1);
  struct spin spin = {0};
  calibrate(&spin);
  uint64_t begin_ns = spin.calibrated_ns;
  uint64_t length_ns = trial->configuration.quick ? IDLE_QUICK_NS : IDLE_NS;
  spin_until(&spin, begin_ns + length_ns, begin_ns, ring, run);
  uint64_t end_ns = spin.previous_ns;
  gc_event_write(ring, timed, .mutator = 0, .begin_ns = begin_ns, .end_ns = end_ns,
                 .operations = spin.turns);
  trial->result.wall_ns = end_ns - begin_ns;
  trial->result.timed_ns = end_ns - begin_ns;
  trial->result.operations = spin.turns;
  trial->recording.events = ring_event_count(ring);
  trial->recording.lost_events = ring->lost_events;
  char error[512];
  if (results_events_write(events_path, NULL, ring, error, sizeof error) != 0) {
    return say_environment("%s", error);
  }
  trial->status = ring->lost_events == 0 ? RESULTS_ok : RESULTS_incomplete;
  return HARNESS_DONE;
}
