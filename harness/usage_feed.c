/* Live figures of a trial. See usage_feed.h. */
#include "harness/usage_feed.h"
#include <gc/atomics.h>
#include <string.h>

static const uint64_t wanted_for_ns = 1000000000;

bool usage_feed_is_wanted(const struct usage_feed *feed, uint64_t now_ns) {
  return gc_atomic_load_relaxed(&feed->wanted_until_ns) > now_ns;
}

void usage_feed_want(struct usage_feed *feed, uint64_t now_ns) {
  gc_atomic_store_relaxed(&feed->wanted_until_ns, now_ns + wanted_for_ns);
}

void usage_feed_write(struct usage_feed *feed, const struct usage_feed_sample *sample) {
  uint64_t number = feed->done; /* this thread alone writes it */
  uint64_t words[USAGE_FEED_WORDS];
  memcpy(words, sample, sizeof words);
  gc_atomic_store_release(&feed->begun, number + 1); /* [pairs: usage-feed] */
  for (size_t word = 0; word < USAGE_FEED_WORDS; word++) {
    gc_atomic_store_release(&feed->words[number % USAGE_FEED_SLOTS][word],
                            words[word]); /* [pairs: usage-feed] */
  }
  gc_atomic_store_release(&feed->done, number + 1); /* [pairs: usage-feed] */
}

uint64_t usage_feed_place(const struct usage_feed *feed) {
  return gc_atomic_load_acquire(&feed->done); /* [pairs: usage-feed] */
}

bool usage_feed_read(const struct usage_feed *feed, uint64_t *place,
                     struct usage_feed_sample *sample) {
  uint64_t words[USAGE_FEED_WORDS];
  uint64_t done = gc_atomic_load_acquire(&feed->done); /* [pairs: usage-feed] */
  while (*place < done) {
    uint64_t number = *place;
    (*place)++;
    for (size_t word = 0; word < USAGE_FEED_WORDS; word++) {
      words[word] = gc_atomic_load_acquire(
          &feed->words[number % USAGE_FEED_SLOTS][word]); /* [pairs: usage-feed] */
    }
    uint64_t begun = gc_atomic_load_acquire(&feed->begun); /* [pairs: usage-feed] */
    if (begun <= number + USAGE_FEED_SLOTS) {              /* feed-whole */
      memcpy(sample, words, sizeof words);
      return true;
    }
  }
  return false;
}
