/* A mutator stores and re-greys while a marker clears and scans: no store is lost between them
 * [pairs: regrey].
 *
 * In each round the mutator stores twice into a slot of src and calls what the retreat barrier
 * calls after each store. The marker scans when there is an entry. When both are done, the last
 * scan has seen the last store, or there is an entry left. Were the flag tested by a plain load
 * before its exchange, the second store could wait in the store buffer while that load still reads
 * 1, the marker clears the flag and scans, and nobody queues: this is the program that shows it.
 *
 * Usage: regrey_litmus [SECONDS]
 *
 * Presets: release debug tsan
 */
#include "heap/platform.h"
#include "heap/regrey.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* What the threads share lies on cache lines of its own: a store to a line that the other thread
 * has read waits longest. */
struct shared {
  GC_ALIGNED(128) uint64_t header;
  GC_ALIGNED(128) uint64_t slot;    /* atomic */
  GC_ALIGNED(128) uint32_t entries; /* atomic: 1: src is queued [pairs: litmus-entry] */
  GC_ALIGNED(128)
  uint64_t started; /* atomic: round that the mutator may run [pairs: litmus-round] */
  GC_ALIGNED(128) uint64_t finished; /* atomic: round that it has run [pairs: litmus-round] */
};

static struct shared shared;

static uint8_t *flag(void) {
  return (uint8_t *)&shared.header + GC_HEADER_REGREY_BYTE;
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void wait_a_little(uint64_t turns) {
  for (uint64_t turn = 0; turn < turns; turn++) {
    __builtin_ia32_pause();
  }
}

static void store(uint64_t value) {
  gc_atomic_store_release(&shared.slot, value); /* [pairs: litmus-entry] */
  if (gc_regrey_set(flag())) {
    gc_atomic_store_release(&shared.entries, 1); /* [pairs: litmus-entry] */
  }
}

static void *run_mutator(void *context) {
  (void)context;
  uint64_t random = 88172645463325252u;
  for (uint64_t round = 1;; round++) {
    uint64_t started = 0;
    do {
      started = gc_atomic_load_acquire(&shared.started); /* [pairs: litmus-round] */
    } while (started < round);
    if (started == UINT64_MAX) {
      return NULL;
    }
    store(2 * round);
    wait_a_little(next_random(&random) % 8);
    store(2 * round + 1);
    gc_atomic_store_release(&shared.finished, round); /* [pairs: litmus-round] */
  }
}

/* Takes the entry and scans src; returns what it saw, or what it had seen before. */
static uint64_t scan_if_queued(uint64_t seen) {
  if (gc_atomic_load_acquire(&shared.entries) == 0 ||
      gc_atomic_exchange_acquire(&shared.entries, 0) == 0) {
    return seen;
  }
  (void)gc_regrey_clear_flag(flag());
  return gc_atomic_load_acquire(&shared.slot);
}

int main(int argument_count, char **texts) {
  uint64_t seconds = argument_count > 1 ? strtoull(texts[1], NULL, 10) : 2;
  uint64_t end_ns = gc_platform_now_ns() + seconds * 1000000000, round = 0, random = 2463534242u;
  pthread_t mutator;
  if (pthread_create(&mutator, NULL, run_mutator, NULL) != 0) {
    return 3;
  }
  bool is_lost = false;
  while (!is_lost && gc_platform_now_ns() < end_ns) {
    uint64_t seen = 0;
    round++;
    gc_atomic_store_release(&shared.started, round); /* [pairs: litmus-round] */
    wait_a_little(next_random(&random) % 4);
    while (gc_atomic_load_acquire(&shared.finished) < round) { /* [pairs: litmus-round] */
      seen = scan_if_queued(seen);
    }
    seen = scan_if_queued(seen);
    is_lost = seen != 2 * round + 1;
    *flag() = 0;
  }
  gc_atomic_store_release(&shared.started, UINT64_MAX); /* [pairs: litmus-round] */
  pthread_join(mutator, NULL);
  printf("%" PRIu64 " rounds%s\n", round, is_lost ? ": a store was lost" : "");
  return is_lost ? 1 : 0;
}
