/* The second trace that tells floating garbage. See floating_garbage.h. */
#include "heap/floating_garbage.h"
#include "heap/heap.h"
#include "heap/platform.h"
#include <gc/weak.h>
#include <stdlib.h>

struct refs {
  struct gc_ref *items;
  size_t count, capacity;
};

struct search {
  const struct gc_heap *heap;
  uint64_t *block_visited, *young_visited, *large_visited; /* bits by granule, and by page */
  struct refs stack;
  struct refs ephemerons; /* visited, and their keys were not when last looked at */
  struct gc_floating_garbage found;
  bool has_failed; /* there is no memory: what follows finds too little */
};

static void add(struct search *search, struct refs *refs, struct gc_ref ref) {
  if (refs->count == refs->capacity) {
    size_t capacity = refs->capacity == 0 ? 4096 : 2 * refs->capacity;
    struct gc_ref *items = realloc(refs->items, capacity * sizeof *items);
    if (items == NULL) {
      search->has_failed = true;
      return;
    }
    refs->items = items;
    refs->capacity = capacity;
  }
  refs->items[refs->count++] = ref;
}

/* --- visited objects ---------------------------------------------------------------------------*/

static bool test(const uint64_t *bits, size_t bit) {
  return (bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* Where the object's bit is. */
static uint64_t *visited_bits(const struct search *search, struct gc_ref ref, size_t *bit) {
  const struct gc_space *space = &search->heap->space;
  if (gc_heap_is_young(search->heap, ref)) {
    *bit = (ref.address - space->nursery_start) >> GC_GRANULE_BYTES_LOG2;
    return search->young_visited;
  }
  if (gc_heap_is_in_block(search->heap, ref)) {
    *bit = gc_space_granule(space, ref.address);
    return search->block_visited;
  }
  *bit = (ref.address - space->large_start) >> GC_OS_PAGE_BYTES_LOG2;
  return search->large_visited;
}

static bool is_visited(const struct search *search, struct gc_ref ref) {
  size_t bit;
  const uint64_t *bits = visited_bits(search, ref, &bit);
  return test(bits, bit);
}

static void visit(struct search *search, struct gc_ref ref) {
  size_t bit;
  uint64_t *bits = visited_bits(search, ref, &bit);
  if (!test(bits, bit)) {
    bits[bit / 64] |= UINT64_C(1) << bit % 64;
    add(search, &search->stack, ref);
  }
}

/* --- the trace ---------------------------------------------------------------------------------*/

static void visit_roots(struct search *search) {
  const struct gc_heap *heap = search->heap;
  for (const struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    for (const struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      if (!gc_is_null(*handle)) {
        visit(search, *handle);
      }
    }
  }
  for (const struct gc_root *root = heap->roots; root != NULL; root = root->next) {
    if (!gc_is_null(root->ref)) {
      visit(search, root->ref);
    }
  }
}

static void drain(struct search *search) {
  while (search->stack.count > 0) {
    struct gc_ref object = search->stack.items[--search->stack.count];
    if (gc_object_type(object) == GC_TYPE_EPHEMERON) {
      add(search, &search->ephemerons, object);
    }
    size_t slot_count = gc_object_slot_count(object);
    for (size_t index = 0; index < slot_count; index++) {
      struct gc_ref ref = *gc_object_slot(object, index).location;
      if (!gc_is_null(ref)) {
        visit(search, ref);
      }
    }
  }
}

/* Visits the values of ephemerons whose keys were visited; these are looked at no more. False when
 * there are none. */
static bool resolve_ephemerons(struct search *search) {
  struct refs *waiting = &search->ephemerons;
  size_t count = waiting->count, kept = 0;
  for (size_t index = 0; index < count; index++) {
    struct gc_ref ephemeron = waiting->items[index];
    struct gc_ref key = gc_weak_load(ephemeron.address);
    if (gc_is_null(key)) {
      continue; /* it keeps nothing */
    }
    if (!is_visited(search, key)) {
      waiting->items[kept++] = ephemeron;
      continue;
    }
    struct gc_ref value = gc_weak_load_value(ephemeron.address);
    if (!gc_is_null(value)) {
      visit(search, value);
    }
  }
  waiting->count = kept;
  return search->stack.count > 0;
}

static void trace(struct search *search) {
  visit_roots(search);
  do {
    drain(search);
  } while (resolve_ephemerons(search));
}

/* --- what is marked and was not visited --------------------------------------------------------*/

static void count_marked(struct search *search, struct gc_ref object, size_t bytes) {
  struct gc_floating_garbage *found = &search->found;
  found->marked_bytes += bytes;
  found->marked_objects++;
  if (!is_visited(search, object)) {
    found->floating_bytes += bytes;
    found->floating_objects++;
  }
}

/* Granules from the beginning of the block range. */
static void count_in_block(void *context, size_t first, size_t last) {
  struct search *search = context;
  struct gc_ref object = {search->heap->space.block_start + (first << GC_GRANULE_BYTES_LOG2)};
  count_marked(search, object, (last - first + 1) << GC_GRANULE_BYTES_LOG2);
}

static void count_all(struct search *search) {
  const struct gc_heap *heap = search->heap;
  gc_bitmap_walk(heap->space.mark_bits, heap->old.high_water * GC_BLOCK_WORDS, count_in_block,
                 search);
  for (const struct gc_large *large = heap->large.objects; large != NULL; large = large->next) {
    if (gc_atomic_load_relaxed(&large->marked) != 0) {
      struct gc_ref object = {large->address};
      count_marked(search, object, gc_object_size_bytes(object));
    }
  }
}

/* --- the whole ---------------------------------------------------------------------------------*/

static uint64_t *make_bits(struct search *search, size_t count) {
  uint64_t *bits = calloc(count / 64 + 1, sizeof *bits);
  search->has_failed |= bits == NULL;
  return bits;
}

bool gc_floating_garbage_find_stw_single(struct gc_heap *heap, struct gc_floating_garbage *found) {
  struct search search = {.heap = heap};
  search.block_visited = make_bits(&search, heap->old.high_water * GC_BLOCK_GRANULES);
  search.young_visited = make_bits(&search, heap->space.nursery_bytes >> GC_GRANULE_BYTES_LOG2);
  search.large_visited = make_bits(&search, heap->large.page_limit);
  if (!search.has_failed) {
    trace(&search);
  }
  if (!search.has_failed) {
    count_all(&search);
  }
  free(search.block_visited);
  free(search.young_visited);
  free(search.large_visited);
  free(search.stack.items);
  free(search.ephemerons.items);
  *found = search.found;
  return !search.has_failed;
}

void gc_floating_garbage_record_stw_single(struct gc_heap *heap) {
  struct gc_floating_garbage found;
  if (!heap->options.floating_garbage) {
    return;
  }
  uint64_t begin_ns = gc_platform_now_ns(), begin_cpu_ns = gc_platform_thread_cpu_ns();
  bool is_known = gc_floating_garbage_find_stw_single(heap, &found);
  uint64_t cpu_ns = gc_platform_thread_cpu_ns() - begin_cpu_ns;
  gc_event_write(&heap->workers.all[0].ring, floating_garbage, .cycle = heap->cycle_count,
                 .stop_id = heap->stop.record.stop_id, .begin_ns = begin_ns,
                 .end_ns = gc_platform_now_ns(), .cpu_ns = cpu_ns, .is_known = is_known,
                 .marked_bytes = found.marked_bytes, .marked_objects = found.marked_objects,
                 .floating_bytes = found.floating_bytes,
                 .floating_objects = found.floating_objects);
}
