/* Large objects: page runs, descriptors, sweeping. See large_space.h. */
#include "heap/large_space.h"
#include "heap/assert.h"
#include "heap/platform.h"
#include <gc/sanitize.h>
#include <string.h>

#define WORD_BITS 64

static size_t bitmap_bytes(const struct gc_large_space *large) {
  return (large->page_limit / 8 | (GC_OS_PAGE_BYTES - 1)) + 1;
}

static size_t owner_bytes(const struct gc_large_space *large) {
  return (large->page_limit * sizeof(struct gc_large *) | (GC_OS_PAGE_BYTES - 1)) + 1;
}

static int reserve(size_t bytes, void **table) {
  uintptr_t start = 0;
  int error = gc_platform_reserve(bytes, GC_OS_PAGE_BYTES, &start);
  *table = error == 0 ? (void *)start : NULL;
  return error;
}

int gc_large_space_open(struct gc_large_space *large, const struct gc_space *space,
                        struct gc_budget *budget, struct gc_arena *arena) {
  *large = (struct gc_large_space){.space = space,
                                   .budget = budget,
                                   .arena = arena,
                                   .page_limit = space->large_bytes >> GC_OS_PAGE_BYTES_LOG2};
  int error = reserve(bitmap_bytes(large), (void **)&large->used_pages);
  if (error == 0) {
    error = reserve(bitmap_bytes(large), (void **)&large->committed_pages);
  }
  if (error == 0) {
    error = reserve(owner_bytes(large), (void **)&large->page_owner);
  }
  return error;
}

void gc_large_space_close(struct gc_large_space *large) {
  while (large->objects != NULL) {
    struct gc_large *object = large->objects;
    large->objects = object->next;
    gc_arena_free(large->arena, object, sizeof *object);
  }
  if (large->used_pages != NULL) {
    gc_platform_unreserve((uintptr_t)large->used_pages, bitmap_bytes(large));
  }
  if (large->committed_pages != NULL) {
    gc_platform_unreserve((uintptr_t)large->committed_pages, bitmap_bytes(large));
  }
  if (large->page_owner != NULL) {
    gc_platform_unreserve((uintptr_t)large->page_owner, owner_bytes(large));
  }
  *large = (struct gc_large_space){0};
}

static bool test_page(const uint64_t *bits, size_t page) {
  return (bits[page / WORD_BITS] >> page % WORD_BITS & 1) != 0;
}

/* The first page at or after `from` whose bit equals `wanted`, or the limit. */
static size_t next_page(const uint64_t *bits, size_t from, size_t limit, bool wanted) {
  while (from < limit) {
    uint64_t word = (wanted ? bits[from / WORD_BITS] : ~bits[from / WORD_BITS]) >> from % WORD_BITS;
    if (word != 0) {
      size_t page = from + (size_t)__builtin_ctzll(word);
      return page < limit ? page : limit;
    }
    from = (from / WORD_BITS + 1) * WORD_BITS;
  }
  return limit;
}

static void set_pages(uint64_t *bits, size_t first, size_t count, bool value) {
  for (size_t page = first; page < first + count;) {
    size_t shift = page % WORD_BITS;
    size_t here =
        WORD_BITS - shift < first + count - page ? WORD_BITS - shift : first + count - page;
    uint64_t mask = (here == WORD_BITS ? ~UINT64_C(0) : (UINT64_C(1) << here) - 1) << shift;
    bits[page / WORD_BITS] = value ? bits[page / WORD_BITS] | mask : bits[page / WORD_BITS] & ~mask;
    page += here;
  }
}

/* First fit; page_limit when no run is long enough. */
static size_t find_run_locked(struct gc_large_space *large, size_t count) {
  size_t first = next_page(large->used_pages, large->first_free_hint, large->page_limit, false);
  large->first_free_hint = first;
  while (first + count <= large->page_limit) {
    size_t end = next_page(large->used_pages, first, large->page_limit, true);
    if (end - first >= count) {
      return first;
    }
    first = next_page(large->used_pages, end, large->page_limit, false);
  }
  return large->page_limit;
}

/* Takes the run as held; returns how many of its pages were held before and so may not be zero. */
static size_t commit_run_locked(struct gc_large_space *large, size_t first, size_t count) {
  size_t held = 0;
  for (size_t page = first; page < first + count; page++) {
    held += test_page(large->committed_pages, page);
  }
  set_pages(large->committed_pages, first, count, true);
  gc_atomic_fetch_add_relaxed(&large->committed_page_count, count - held);
  return held;
}

static void install_locked(struct gc_large_space *large, struct gc_large *object, size_t first) {
  set_pages(large->used_pages, first, object->page_count, true);
  for (size_t page = first; page < first + object->page_count; page++) {
    large->page_owner[page] = object;
  }
  large->used_page_count += object->page_count;
  large->object_count++;
  gc_atomic_fetch_add_relaxed(&large->live_bytes, object->shape.size_bytes);
  gc_atomic_fetch_add_relaxed(&large->allocated_bytes, object->shape.size_bytes);
  object->next = large->objects;
  large->unswept = large->unswept == &large->objects ? &object->next : large->unswept;
  large->objects = object;
}

struct gc_large *gc_large_place(struct gc_large_space *large, size_t size_bytes, size_t slot_count,
                                uint32_t type) {
  size_t page_count = gc_large_room_bytes(size_bytes) >> GC_OS_PAGE_BYTES_LOG2;
  if (!gc_budget_try_take(large->budget, page_count << GC_OS_PAGE_BYTES_LOG2, GC_BUDGET_DIRECT)) {
    return NULL;
  }
  struct gc_large *object = gc_arena_allocate(large->arena, sizeof *object);
  gc_spin_lock_acquire(&large->lock);
  size_t first = object != NULL ? find_run_locked(large, page_count) : large->page_limit;
  if (first == large->page_limit) {
    gc_spin_lock_release(&large->lock);
    gc_arena_free(large->arena, object, sizeof *object);
    gc_budget_give(large->budget, page_count << GC_OS_PAGE_BYTES_LOG2);
    return NULL;
  }
  *object =
      (struct gc_large){.shape = {.size_bytes = size_bytes, .slot_count = slot_count, .type = type},
                        .address = large->space->large_start + (first << GC_OS_PAGE_BYTES_LOG2),
                        .page_count = page_count,
                        .marked = large->allocates_black,
                        .sweep_epoch = large->sweep_epoch};
  install_locked(large, object, first);
  object->was_held = commit_run_locked(large, first, page_count) > 0;
  gc_spin_lock_release(&large->lock);
  return object;
}

struct gc_ref gc_large_open(struct gc_large *object) {
  gc_unpoison(object->address, object->page_count << GC_OS_PAGE_BYTES_LOG2);
  if (object->was_held) {
    memset((void *)object->address, 0, object->page_count << GC_OS_PAGE_BYTES_LOG2);
  }
  struct gc_ref ref = {object->address};
  gc_atomic_store_relaxed((uint64_t *)object->address,
                          (uint64_t)(uintptr_t)object | GC_HEADER_LARGE | GC_HEADER_TAG);
  return ref;
}

/* Whoever gets the pages finds the re-grey flags clear. Writes nothing as a rule: the table costs
 * memory where it is written. */
static void clear_regrey_flags(const struct gc_space *space, const struct gc_large *object) {
  uintptr_t slots_end =
      object->address + GC_HEADER_BYTES + object->shape.slot_count * sizeof(struct gc_ref);
  for (uintptr_t piece = object->address; piece < slots_end; piece += GC_CARD_BYTES) {
    uint8_t *flag = gc_space_regrey_flag(space, piece);
    if (*flag != 0) {
      *flag = 0;
    }
  }
}

static void free_object(struct gc_large_space *large, struct gc_large *object) {
  size_t first = (object->address - large->space->large_start) >> GC_OS_PAGE_BYTES_LOG2;
  set_pages(large->used_pages, first, object->page_count, false);
  for (size_t page = first; page < first + object->page_count; page++) {
    large->page_owner[page] = NULL;
  }
  if (first < large->first_free_hint) {
    large->first_free_hint = first;
  }
  large->used_page_count -= object->page_count;
  large->object_count--;
  gc_atomic_fetch_sub_relaxed(&large->live_bytes, object->shape.size_bytes);
  gc_budget_give(large->budget, object->page_count << GC_OS_PAGE_BYTES_LOG2);
  clear_regrey_flags(large->space, object);
  if (object->attendants != NULL) {
    gc_attendants_bury(large->attendants, object->attendants);
  }
  gc_poison(object->address, object->page_count << GC_OS_PAGE_BYTES_LOG2);
  gc_arena_free(large->arena, object, sizeof *object);
}

static void keep_object(struct gc_large_space *large, struct gc_large *object) {
  object->marked = 0;
  if (gc_atomic_load_relaxed(&object->attendants) != NULL) { /* what is added meanwhile stays */
    gc_attendants_prune(large->attendants, &object->attendants);
  }
}

size_t gc_large_space_sweep_stw_single(struct gc_large_space *large) {
  size_t freed_bytes = 0;
  struct gc_large **link = &large->objects;
  gc_spin_lock_acquire(&large->lock); /* for whoever gives memory back in a blocking region */
  while (*link != NULL) {
    struct gc_large *object = *link;
    if (object->marked != 0) {
      keep_object(large, object);
      link = &object->next;
    } else {
      *link = object->next;
      freed_bytes += object->shape.size_bytes;
      free_object(large, object);
    }
  }
  gc_spin_lock_release(&large->lock);
  return freed_bytes;
}

void gc_large_space_begin_sweep_stw(struct gc_large_space *large) {
  GC_ASSERT(large->unswept == NULL, "swept-before-mark: the last sweep is over");
  large->unswept = large->objects != NULL ? &large->objects : NULL;
  large->sweep_epoch ^= 1;
}

bool gc_large_space_sweep_next(struct gc_large_space *large, size_t *swept_bytes) {
  *swept_bytes = 0;
  gc_spin_lock_acquire(&large->lock);
  bool took = large->unswept != NULL;
  if (took) {
    struct gc_large *object = *large->unswept;
    if (object->marked != 0) {
      keep_object(large, object);
      object->sweep_epoch = large->sweep_epoch;
      large->unswept = &object->next;
    } else {
      *large->unswept = object->next;
      *swept_bytes = object->shape.size_bytes;
      free_object(large, object);
    }
    large->unswept = *large->unswept != NULL ? large->unswept : NULL;
  }
  gc_spin_lock_release(&large->lock);
  return took;
}

bool gc_large_space_is_swept(struct gc_large_space *large) {
  gc_spin_lock_acquire(&large->lock);
  bool is_swept = large->unswept == NULL;
  gc_spin_lock_release(&large->lock);
  return is_swept;
}

size_t gc_large_space_release_free(struct gc_large_space *large, size_t keep_pages) {
  size_t released = 0;
  gc_spin_lock_acquire(&large->lock);
  size_t page = 0;
  while (large->committed_page_count > keep_pages && page < large->page_limit) {
    page = next_page(large->committed_pages, page, large->page_limit, true);
    size_t end = next_page(large->committed_pages, page, large->page_limit, false);
    size_t used = next_page(large->used_pages, page, end, true);
    if (used > page) {
      uintptr_t start = large->space->large_start + (page << GC_OS_PAGE_BYTES_LOG2);
      gc_platform_release(start, (used - page) << GC_OS_PAGE_BYTES_LOG2);
      set_pages(large->committed_pages, page, used - page, false);
      gc_atomic_fetch_sub_relaxed(&large->committed_page_count, used - page);
      released += used - page;
      page = used;
    } else if (page < end) {
      page = next_page(large->used_pages, page, end, false);
    }
  }
  gc_spin_lock_release(&large->lock);
  return released;
}

struct gc_large *gc_large_space_find(const struct gc_large_space *large, uintptr_t address) {
  return large->page_owner[(address - large->space->large_start) >> GC_OS_PAGE_BYTES_LOG2];
}
