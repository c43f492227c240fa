/* The thread that touches memory ahead of its use. See touch_ahead.h. */
#include "heap/touch_ahead.h"
#include "heap/platform.h"

/* Mutators that wait come to use up the lead; others are ahead of it while the heap grows, and it is
 * what is touched in vain when that ends. Chosen by measurement of whole programs, as 8, 16 and 32
 * MiB. */
#define LEAD_BYTES_MAX         ((size_t)8 << 20)
#define LEAD_BYTES_MAX_WAITING ((size_t)32 << 20)
#define NS_PER_BLOCK_FIRST     UINT64_C(40000) /* where the system has memory ready */
#define BLOCKS_PER_HUGE_PAGE   (GC_HUGE_PAGE_BYTES / GC_BLOCK_BYTES)

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

enum thread { FIRST, SECOND };

/* They give way to threads that help in a pause, where mutators wait and leave them a core. */
#define NICE_FIRST  10
#define NICE_SECOND 19

/* Blocks [*first, *end) to touch; false when there is lead enough, or no more to come. */
static bool claim(struct gc_touch_ahead *ahead, enum thread thread, size_t *first, size_t *end) {
  size_t next = gc_atomic_load_relaxed(&ahead->next_block);
  do {
    size_t used = gc_atomic_load_seq_cst(&ahead->used_blocks); /* [pairs: touch-ahead-park] */
    *first = round_up_to_huge_page(used);
    *first = *first > next ? *first : next;
    if (*first >= ahead->limit_blocks) { /* what is left, others touch already: it is over */
      gc_atomic_store_relaxed(&ahead->next_block, ahead->limit_blocks);
      return false;
    }
    if (*first >= used + ahead->lead_blocks) {
      return false;
    }
    *end = *first + BLOCKS_PER_HUGE_PAGE;
    *end = *end < ahead->limit_blocks ? *end : ahead->limit_blocks;
    gc_atomic_store_relaxed(&ahead->touching[thread], *first);
  } while (!gc_atomic_compare_exchange_relaxed(&ahead->next_block, &next, *end));
  return true;
}

/* What has lead enough answers false, and so does what is over. */
static bool touch_next(struct gc_touch_ahead *ahead, enum thread thread) {
  size_t first = 0, end = 0;
  bool is_claimed = claim(ahead, thread, &first, &end);
  if (is_claimed && !touch_blocks(ahead, first, end)) {
    gc_atomic_store_relaxed(&ahead->is_over, 1);
  }
  gc_atomic_store_relaxed(&ahead->touching[thread], SIZE_MAX);
  return is_claimed && gc_atomic_load_relaxed(&ahead->is_over) == 0;
}

static bool has_work_left(const struct gc_touch_ahead *ahead) {
  return gc_atomic_load_relaxed(&ahead->is_over) == 0 &&
         gc_atomic_load_relaxed(&ahead->next_block) < ahead->limit_blocks;
}

static void *first_main(void *argument) {
  struct gc_touch_ahead *ahead = argument;
  if (ahead->mutators_wait) {
    gc_platform_give_way(NICE_FIRST);
  }
  bool goes_on = touch_nursery(ahead);
  while (goes_on && has_work_left(ahead) && !is_stopping(ahead)) {
    if (!touch_next(ahead, FIRST) && has_work_left(ahead)) {
      size_t next = gc_atomic_load_relaxed(&ahead->next_block), half = ahead->lead_blocks / 2;
      park(ahead, next > half ? next - half : 0);
    }
  }
  gc_atomic_store_relaxed(&ahead->is_over, 1);
  gc_atomic_store_relaxed(&ahead->enough_blocks, SIZE_MAX);
  return NULL;
}

/* Until somebody waits, or it is over. */
static void park_idle(struct gc_touch_ahead *ahead) {
  gc_atomic_store_seq_cst(&ahead->is_idle, 1);           /* [pairs: touch-ahead-park] */
  while (gc_atomic_load_seq_cst(&ahead->is_idle) != 0 && /* [pairs: touch-ahead-park] */
         !is_stopping(ahead)) {
    gc_platform_park(&ahead->is_idle, 1);
  }
}

static void *second_main(void *argument) {
  struct gc_touch_ahead *ahead = argument;
  gc_platform_give_way(NICE_SECOND);
  while (has_work_left(ahead) && !is_stopping(ahead)) {
    park_idle(ahead);
    while (!is_stopping(ahead) && touch_next(ahead, SECOND)) {
    }
  }
  return NULL;
}

void gc_touch_ahead_init(struct gc_touch_ahead *ahead) {
  *ahead = (struct gc_touch_ahead){.enough_blocks = SIZE_MAX, .is_over = 1};
}

void gc_touch_ahead_start(struct gc_touch_ahead *ahead, const struct gc_space *space,
                          const struct gc_nursery *nursery, size_t limit_bytes,
                          bool mutators_wait) {
  size_t limit_blocks = limit_bytes >> GC_BLOCK_BYTES_LOG2;
  size_t most_bytes = mutators_wait ? LEAD_BYTES_MAX_WAITING : LEAD_BYTES_MAX;
  size_t lead_bytes = limit_bytes / 8 < most_bytes ? limit_bytes / 8 : most_bytes;
  lead_bytes = lead_bytes > GC_HUGE_PAGE_BYTES ? lead_bytes : GC_HUGE_PAGE_BYTES;
  *ahead = (struct gc_touch_ahead){
      .space = space,
      .nursery = nursery,
      .ns_per_block = NS_PER_BLOCK_FIRST,
      .lead_blocks = round_up_to_huge_page(lead_bytes >> GC_BLOCK_BYTES_LOG2),
      .limit_blocks = limit_blocks < space->block_count ? limit_blocks : space->block_count,
      .touching = {SIZE_MAX, SIZE_MAX},
      .mutators_wait = mutators_wait,
  };
  ahead->is_running = pthread_create(&ahead->thread, NULL, first_main, ahead) == 0;
  if (!ahead->is_running) {
    gc_touch_ahead_init(ahead);
    return;
  }
  ahead->helps = mutators_wait && pthread_create(&ahead->helper, NULL, second_main, ahead) == 0;
}

void gc_touch_ahead_stop(struct gc_touch_ahead *ahead) {
  if (ahead->is_running) {
    gc_atomic_store_seq_cst(&ahead->is_stopping, 1); /* [pairs: touch-ahead-park] */
    gc_touch_ahead_wake(ahead, 0);
    pthread_join(ahead->thread, NULL);
    if (ahead->helps) {
      gc_touch_ahead_wake_helper(ahead);
      pthread_join(ahead->helper, NULL);
    }
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

void gc_touch_ahead_wake_helper(struct gc_touch_ahead *ahead) {
  if (gc_atomic_load_seq_cst(&ahead->is_idle) != 0) { /* [pairs: touch-ahead-park] */
    gc_atomic_store_seq_cst(&ahead->is_idle, 0);
    gc_platform_unpark_all(&ahead->is_idle);
  }
}

/* All blocks below have memory, or were skipped. What a thread has not come to touch while blocks
 * behind it are in use already, others have touched. */
static size_t touched_blocks(const struct gc_touch_ahead *ahead, size_t used) {
  size_t touched = gc_atomic_load_relaxed(&ahead->next_block);
  for (size_t thread = FIRST; thread <= SECOND; thread++) {
    size_t touching = gc_atomic_load_relaxed(&ahead->touching[thread]);
    touched = touching >= used && touching < touched ? touching : touched;
  }
  return touched;
}

uint64_t gc_touch_ahead_wait_ns(const struct gc_touch_ahead *ahead, size_t bytes) {
  size_t used = gc_atomic_load_relaxed(&ahead->used_blocks);
  size_t touched = touched_blocks(ahead, used);
  size_t spare = touched > used ? touched - used : 0, lead = ahead->lead_blocks;
  if (2 * spare >= lead || gc_atomic_load_relaxed(&ahead->is_over) != 0) {
    return 0;
  }
  uint64_t touching_ns = gc_atomic_load_relaxed(&ahead->ns_per_block) * bytes / GC_BLOCK_BYTES;
  uint64_t wait_ns = touching_ns * (lead - 2 * spare) / (2 * spare + 1);
  return wait_ns < GC_TOUCH_WAIT_NS_MAX ? wait_ns : GC_TOUCH_WAIT_NS_MAX;
}

bool gc_touch_ahead_lacks(const struct gc_touch_ahead *ahead, size_t blocks) {
  size_t used = gc_atomic_load_relaxed(&ahead->used_blocks);
  size_t most = ahead->lead_blocks / 2; /* used_blocks is up to date from there on */
  size_t wanted = used + (blocks < most ? blocks : most);
  wanted = wanted < ahead->limit_blocks ? wanted : ahead->limit_blocks;
  return touched_blocks(ahead, used) < wanted && gc_atomic_load_relaxed(&ahead->is_over) == 0;
}
