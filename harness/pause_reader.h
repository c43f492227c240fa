/* Reading the pauses of mutators while they run, out of their rings.
 *
 * Concurrency: rings are named before their mutators run, each by its own thread; one other thread
 * reads. A record is there when `used_words` includes it [pairs: event-ring]; how many rings there
 * are is said by release [pairs: watched-rings].
 *
 * Costs: nothing to the mutators. A reading walks the records that came since the last one.
 */
#ifndef HARNESS_PAUSE_READER_H
#define HARNESS_PAUSE_READER_H

#include "harness/trial_shared.h"
#include "heap/event.h"

struct pause_reader {
  const struct gc_event_ring *rings[TRIAL_MUTATORS_MAX];
  uint64_t ring_count; /* atomic [pairs: watched-rings] */
  /* The reading thread only. */
  size_t heads[TRIAL_MUTATORS_MAX]; /* of the first record that was not read */
  uint64_t read_until_ns;           /* pauses that ended later are new */
  struct usage_feed_sample sums;    /* all_* since the trial began */
};

/* One thread after the other. More rings than there is room for are not read. */
void pause_reader_add(struct pause_reader *reader, const struct gc_event_ring *ring);

/* Fills what the sample says of pauses; they are new when they ended after the sample before. */
void pause_reader_fill(struct pause_reader *reader, struct usage_feed_sample *sample);

#endif
