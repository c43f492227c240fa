/* How much is allocated in the old space at once. See pretenuring.h. */
#include "collectors/pretenuring.h"
#include "collectors/cycle.h"
#include "collectors/room.h"
#include "heap/direct.h"
#include <string.h>

/* V8's ratio. */
#define LASTING_FROM_PERCENT 85
#define LASTING_SCAVENGES    2

/* Less of an eden says little. */
#define SAMPLE_BYTES_MIN GC_EDEN_BYTES_MIN

/* What would be promoted of an eden: what survives it, and its second scavenge. */
static uint64_t lasting_percent(const struct gc_survival *survival) {
  return survival->last_lasting_bytes * survival->second_survival_percent /
         (survival->last_eden_bytes + 1);
}

static bool is_wanted(const struct gc_cycle *cycle) {
  const struct gc_heap *heap = cycle->heap;
  bool lasts = cycle->pretenuring.lasting_scavenges >= LASTING_SCAVENGES;
  return heap->promotion_header_or == 0 &&
         (heap->options.stress_pretenure || (heap->options.pretenuring && lasts));
}

/* Half of the room until a cycle is due, so that the next scavenge finds its own. While one marks,
 * scavenges see to it that it ends in time, so they come sooner. */
static size_t affordable_bytes(struct gc_cycle *cycle) {
  return cycle->heap->marking.is_active
             ? gc_room_until_cycle_bytes(cycle, 0) / 8
             : gc_room_until_cycle_bytes(cycle, gc_cycle_promoted_meanwhile_bytes(cycle)) / 2;
}

void gc_pretenuring_allow_stw(struct gc_cycle *cycle) {
  struct gc_heap *heap = cycle->heap;
  size_t wanted_bytes = gc_room_eden_cap_bytes(heap) * (GC_PRETENURE_TURNS - 1);
  size_t most_bytes = is_wanted(cycle) ? affordable_bytes(cycle) : 0;
  gc_atomic_store_relaxed(&heap->pretenured_left_bytes,
                          wanted_bytes < most_bytes ? wanted_bytes : most_bytes);
}

void gc_pretenuring_learn_stw(struct gc_cycle *cycle) {
  const struct gc_survival *survival = &cycle->heap->survival;
  unsigned *scavenges = &cycle->pretenuring.lasting_scavenges;
  if (survival->last_eden_bytes >= SAMPLE_BYTES_MIN) {
    *scavenges = lasting_percent(survival) >= LASTING_FROM_PERCENT ? *scavenges + 1 : 0;
  }
  gc_pretenuring_allow_stw(cycle);
}
