/* Live figures of a trial, for whoever watches it: samples of its memory and of its pauses, in the
 * page that the trial shares.
 *
 * Nothing is written unless somebody wants it: a watcher says so anew every now and then, and a
 * feed that nobody has wanted for a second falls silent. So a watcher that died costs nothing.
 *
 * Invariants: feed-whole. A sample is read whole or not at all: it is in the feed from `done` on
 * until the one USAGE_FEED_SLOTS later has `begun`.
 *
 * Concurrency: one writer, the trial's sampler, which waits for nobody; any number of readers in
 * other processes, each with its own place. The writer says `begun`, writes the words, says `done`,
 * each with release; a reader that met a word of a later sample has acquired with it that this
 * sample has begun [pairs: usage-feed].
 */
#ifndef HARNESS_USAGE_FEED_H
#define HARNESS_USAGE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nothing but uint64_t. */
struct usage_feed_sample {
  uint64_t time_ns;
  uint64_t rss_bytes, heap_total_bytes, heap_used_bytes, external_bytes, metadata_bytes,
      limit_bytes;
  /* Pauses of mutators that ended since the sample before, and the longest of them. */
  uint64_t pauses, paused_ns, longest_ns, longest_kind;
  /* And since the trial began. */
  uint64_t all_pauses, all_paused_ns, all_longest_ns, all_longest_kind;
};

enum {
  USAGE_FEED_SLOTS = 64, /* 3 s at the sampler's pace */
  USAGE_FEED_WORDS = sizeof(struct usage_feed_sample) / sizeof(uint64_t),
};

/* Zero-initialised it is empty, and nobody wants it. */
struct usage_feed {
  uint64_t begin_ns;        /* of the trial's sampling; atomic, relaxed: 0 until it is known */
  uint64_t wanted_until_ns; /* atomic, relaxed: a stale value delays the first sample */
  uint64_t begun, done;     /* samples; atomic [pairs: usage-feed] */
  uint64_t words[USAGE_FEED_SLOTS][USAGE_FEED_WORDS]; /* atomic [pairs: usage-feed] */
};

/* The trial's side. */
bool usage_feed_is_wanted(const struct usage_feed *feed, uint64_t now_ns);
void usage_feed_write(struct usage_feed *feed, const struct usage_feed_sample *sample);

/* The watcher's side. `place` counts the samples that were seen or missed; it begins with
 * usage_feed_place. */
void usage_feed_want(struct usage_feed *feed, uint64_t now_ns);
uint64_t usage_feed_place(const struct usage_feed *feed);
/* The next sample; false: there is none yet. Those that were overwritten meanwhile are left out. */
bool usage_feed_read(const struct usage_feed *feed, uint64_t *place,
                     struct usage_feed_sample *sample);

#endif
