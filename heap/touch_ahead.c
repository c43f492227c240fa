/* The thread that touches memory ahead of its use. See touch_ahead.h. */
#include "heap/touch_ahead.h"
#include "heap/platform.h"

#define LEAD_BYTES_MAX       ((size_t)32 << 20)
#define NS_PER_BLOCK_FIRST   UINT64_C(40000) /* where the system has memory ready */
#define BLOCKS_PER_HUGE_PAGE (GC_HUGE_PAGE_BYTES / GC_BLOCK_BYTES)

static bool is_stopping(struct gc_touch_ahead *ahead) {
  return gc_atomic_load_seq_cst(&ahead->is_stopping) != 0; /* [pairs: touch-ahead-park] */
}

static int populate_measured(struct gc_touch_ahead *ahead, uintptr_t start, size_t bytes) {
  uint64_t begin_ns = gc_platform_now_ns();
  int status = gc_platform_populate(start, bytes);
  uint64_t ns = (gc_platform_now_ns() - begin_ns) * GC_BLOCK_BYTES / bytes;
  uint64_t before_ns = gc_atomic_load_relaxed(&ahead->ns_per_block);
  gc_atomic_store_relaxed(&ahead->ns_per_block, (3 * before_ns + ns) / 4);
  return status;
}

/* From the top down: mutators come from below. */
static bool touch_range(struct gc_touch_ahead *ahead, uintptr_t start, uintptr_t end) {
  while (end > start) {
    uintptr_t from = (end - 1) & ~(GC_HUGE_PAGE_BYTES - 1);
    from = from > start ? from : start;
    if (is_stopping(ahead) || gc_platform_populate(from, end - from) != 0) {
      return false;
    }
    end = from;
  }
  return true;
}

/* What there is before the eden grows: the second survivor area lies behind the room to grow into. */
static bool touch_nursery(struct gc_touch_ahead *ahead) {
  const struct gc_nursery *nursery = ahead->nursery;
  uintptr_t end = nursery->start + nursery->initial_bytes;
  if (nursery->layout == GC_NURSERY_EDEN && nursery->bytes > nursery->initial_bytes) {
    uintptr_t second = nursery->survivor_start[1];
    end -= nursery->survivor_bytes;
    if (!touch_range(ahead, second, second + nursery->survivor_bytes)) {
      return false;
    }
  }
  return touch_range(ahead, nursery->start, end);
}

static bool touch_blocks(struct gc_touch_ahead *ahead, size_t first, size_t end) {
  size_t bitmap_bytes = (end - first) * GC_BLOCK_WORDS * sizeof(uint64_t);
  return populate_measured(ahead, gc_space_block_address(ahead->space, first),
                           (end - first) << GC_BLOCK_BYTES_LOG2) == 0 &&
         gc_platform_populate((uintptr_t)gc_space_live_words(ahead->space, first), bitmap_bytes) ==
             0 &&
         gc_platform_populate((uintptr_t)gc_space_mark_words(ahead->space, first), bitmap_bytes) ==
             0;
}

/* Until more blocks are used than `enough`, or it is over. */
static void park(struct gc_touch_ahead *ahead, size_t enough) {
  gc_atomic_store_relaxed(&ahead->enough_blocks, enough);
  gc_atomic_store_seq_cst(&ahead->is_parked, 1);           /* [pairs: touch-ahead-park] */
  while (gc_atomic_load_seq_cst(&ahead->is_parked) != 0 && /* [pairs: touch-ahead-park] */
         gc_atomic_load_seq_cst(&ahead->used_blocks) <= enough && !is_stopping(ahead)) {
    gc_platform_park(&ahead->is_parked, 1);
  }
  gc_atomic_store_seq_cst(&ahead->is_parked, 0);
}

static size_t round_up_to_huge_page(size_t blocks) {
  return (blocks + BLOCKS_PER_HUGE_PAGE - 1) / BLOCKS_PER_HUGE_PAGE * BLOCKS_PER_HUGE_PAGE;
}

static void *thread_main(void *argument) {
  struct gc_touch_ahead *ahead = argument;
  bool goes_on = touch_nursery(ahead);
  for (size_t touched = 0; goes_on && touched < ahead->limit_blocks && !is_stopping(ahead);) {
    size_t used = gc_atomic_load_seq_cst(&ahead->used_blocks); /* [pairs: touch-ahead-park] */
    size_t first = round_up_to_huge_page(used);
    first = first > touched ? first : touched;
    if (first >= used + ahead->lead_blocks) {
      park(ahead, used + ahead->lead_blocks / 2);
      continue;
    }
    size_t end = first + BLOCKS_PER_HUGE_PAGE;
    end = end < ahead->limit_blocks ? end : ahead->limit_blocks;
    goes_on = first >= end || touch_blocks(ahead, first, end);
    touched = end;
    gc_atomic_store_relaxed(&ahead->touched_blocks, touched);
  }
  gc_atomic_store_relaxed(&ahead->touched_blocks, SIZE_MAX);
  gc_atomic_store_relaxed(&ahead->enough_blocks, SIZE_MAX);
  return NULL;
}

void gc_touch_ahead_init(struct gc_touch_ahead *ahead) {
  *ahead = (struct gc_touch_ahead){.enough_blocks = SIZE_MAX, .touched_blocks = SIZE_MAX};
}

void gc_touch_ahead_start(struct gc_touch_ahead *ahead, const struct gc_space *space,
                          const struct gc_nursery *nursery, size_t limit_bytes) {
  size_t limit_blocks = limit_bytes >> GC_BLOCK_BYTES_LOG2;
  size_t lead_bytes = limit_bytes / 8 < LEAD_BYTES_MAX ? limit_bytes / 8 : LEAD_BYTES_MAX;
  *ahead = (struct gc_touch_ahead){
      .space = space,
      .nursery = nursery,
      .ns_per_block = NS_PER_BLOCK_FIRST,
      .lead_blocks = round_up_to_huge_page(lead_bytes >> GC_BLOCK_BYTES_LOG2),
      .limit_blocks = limit_blocks < space->block_count ? limit_blocks : space->block_count,
  };
  ahead->is_running = pthread_create(&ahead->thread, NULL, thread_main, ahead) == 0;
  if (!ahead->is_running) {
    gc_touch_ahead_init(ahead);
  }
}

void gc_touch_ahead_stop(struct gc_touch_ahead *ahead) {
  if (ahead->is_running) {
    gc_atomic_store_seq_cst(&ahead->is_stopping, 1); /* [pairs: touch-ahead-park] */
    gc_touch_ahead_wake(ahead, 0);
    pthread_join(ahead->thread, NULL);
    gc_touch_ahead_init(ahead);
  }
}

void gc_touch_ahead_wake(struct gc_touch_ahead *ahead, size_t used_blocks) {
  if (used_blocks != 0) {
    gc_atomic_store_seq_cst(&ahead->used_blocks, used_blocks); /* [pairs: touch-ahead-park] */
  }
  if (gc_atomic_load_seq_cst(&ahead->is_parked) != 0) { /* [pairs: touch-ahead-park] */
    gc_atomic_store_seq_cst(&ahead->is_parked, 0);
    gc_platform_unpark_all(&ahead->is_parked);
  }
}

uint64_t gc_touch_ahead_wait_ns(const struct gc_touch_ahead *ahead, size_t bytes) {
  size_t touched = gc_atomic_load_relaxed(&ahead->touched_blocks);
  size_t used = gc_atomic_load_relaxed(&ahead->used_blocks);
  size_t spare = touched > used ? touched - used : 0, lead = ahead->lead_blocks;
  if (2 * spare >= lead || touched == SIZE_MAX) {
    return 0;
  }
  uint64_t touching_ns = gc_atomic_load_relaxed(&ahead->ns_per_block) * bytes / GC_BLOCK_BYTES;
  uint64_t wait_ns = touching_ns * (lead - 2 * spare) / (2 * spare + 1);
  return wait_ns < GC_TOUCH_WAIT_NS_MAX ? wait_ns : GC_TOUCH_WAIT_NS_MAX;
}
