/* From the events of a trial to what mutators felt: pauses joined with their stops, the time that
 * counts, utilisation in both views.
 *
 * A pause is one mutator's; a stop of the world gives one pause to each mutator, joined by stop_id.
 * What counts of a trial is its timed part: of a mutator its `timed` events, one for each measured
 * iteration, in order; where no mutator has one, its life. CPU times of stops under 20 us were not measured; has_cpu tells. A pause
 * without a stop, such as an assist, has the CPU time of the phases that its thread recorded in it.
 * A stop may have been requested by a collector thread: then no mutator is the requester.
 *
 * Costs: O(n log n) in the number of events; about 250 bytes per stop and pause.
 */
#ifndef RESULTS_DERIVE_H
#define RESULTS_DERIVE_H

#include "heap/event.h"
#include "results/events_file.h"
#include "results/mmu.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Events of each name in the file's order; rings[i] is the ring that wrote items[i]. */
#define GC_EVENT_BEGIN(name, description)                                                          \
  struct results_list_##name {                                                                     \
    struct gc_event_##name *items;                                                                 \
    uint32_t *rings;                                                                               \
    size_t count, capacity;                                                                        \
  };
#define GC_EVENT_FIELD(event, field, unit, description)
#define GC_EVENT_END(name)
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END

struct results_events {
  struct results_events_names names;
  uint64_t event_count;
  uint64_t taken_out_ns, taken_out_cpu_ns; /* by measured_time.h: moments are less by that */
#define GC_EVENT_BEGIN(name, description) struct results_list_##name name;
#define GC_EVENT_FIELD(event, field, unit, description)
#define GC_EVENT_END(name)
#include "heap/event.def"
#undef GC_EVENT_BEGIN
#undef GC_EVENT_FIELD
#undef GC_EVENT_END
};

/* Reads all events, and takes out what is no time of the trial's. On failure there is nothing to finish. */
int results_events_load(const char *path, struct results_events *events, char *error,
                        size_t error_size);
void results_events_finish(struct results_events *events);

/* Pauses, phases and gaps of at least this had their CPU time measured. */
#define RESULTS_CPU_FLOOR_NS 20000

/* One row of pauses.csv. Without a stop only mutator, kind, request_ns, resumed_ns and wall_ns mean
 * something. */
struct results_pause {
  struct gc_event_stop stop; /* with kind, request and end of this mutator's pause in the fields
                                below */
  uint64_t mutator, kind, begin_ns, resumed_ns, wall_ns;
  uint64_t cpu_ns, cpu_total_ns; /* of the stop; without one, of this mutator in its phases */
  uint64_t own_ns; /* cpu_ns less the scavenge's; of what was too short to be measured, wall time */
  uint32_t ring;
  bool has_stop, has_cpu, has_own;
  bool is_timed; /* overlaps its mutator's timed part */
};

struct results_pauses_list {
  struct results_pause *items; /* by begin_ns, then mutator */
  size_t count;
};

/* Returns 0 or -ENOMEM; then there is nothing to finish. */
int results_pauses_derive(const struct results_events *events, struct results_pauses_list *pauses);
void results_pauses_finish(struct results_pauses_list *pauses);

/* The timed part over all mutators, an interval for each measured iteration: ascending, apart. */
struct results_intervals {
  struct results_span *items;
  size_t count;
};
/* Returns 0 or -ENOMEM; then there is nothing to finish. */
int results_timed_intervals(const struct results_events *events,
                            struct results_intervals *intervals);
void results_intervals_finish(struct results_intervals *intervals);
/* True when the span has more than an end in common with one of them. */
bool results_intervals_meet(const struct results_intervals *intervals, struct results_span span);

/* From the first moment of the timed part to its last. Empty when nothing was recorded. */
struct results_span results_timed_bounds(const struct results_events *events);
/* From the first timed moment or event, whichever comes first, to the last. */
struct results_span results_whole_bounds(const struct results_events *events,
                                         const struct results_pauses_list *pauses);

enum { RESULTS_WINDOWS = 4 };
extern const uint64_t results_windows_ns[RESULTS_WINDOWS]; /* 1, 10, 50 and 100 ms */

/* Windows of the curves: eight to a power of ten, 100 us to 10 s. */
enum { RESULTS_CURVE_WINDOWS = 41 };
void results_curve_windows(uint64_t windows_ns[RESULTS_CURVE_WINDOWS]);

/* MMU and BMU at each of them. */
struct results_utilisation_curve {
  double mmu[RESULTS_CURVE_WINDOWS], bmu[RESULTS_CURVE_WINDOWS];
};

/* Utilisation of the timed part. NaN where a window is longer than that. */
struct results_utilisation_figures {
  double mmu[RESULTS_WINDOWS];          /* the mutators' view: the least of any mutator */
  double mmu_capacity[RESULTS_WINDOWS]; /* processors left to the program */
  double utilisation;                   /* mean of the least utilised mutator */
  struct results_utilisation_curve mutator_curve, capacity_curve;
};
int results_utilisation_derive(const struct results_events *events,
                               const struct results_pauses_list *pauses, uint64_t cores,
                               struct results_utilisation_figures *figures);

#endif
