/* Building a heap, and what may be asked of it: usage, statistics, types, recording. */
#include "heap/heap.h"
#include "heap/assert.h"
#include "heap/barrier_counters.h"
#include "heap/platform.h"
#include "heap/recording.h"
#include "heap/verify.h"
#include <errno.h>
#include <gc/limits.h>
#include <gc/sanitize.h>
#include <gc/weak.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Usual size of allocation buffers: large enough that refills are rare, small enough that zeroing
 * one leaves it in the first-level cache. */
#define BUFFER_BYTES ((size_t)32 * 1024)

/* From here on they are those of the heap's own objects. */
#define TYPE_IDS_MAX ((size_t)GC_TYPE_WEAK_MAP_TABLE)

static const struct {
  uint32_t type;
  const char *name;
} reserved_types[] = {
    {GC_TYPE_WEAK_CELL, "weak cell"}, {GC_TYPE_EPHEMERON, "ephemeron"},
    {GC_TYPE_BUFFER, "buffer"},       {GC_TYPE_BUFFER_SLICE, "buffer slice"},
    {GC_TYPE_WEAK_MAP, "weak map"},   {GC_TYPE_WEAK_MAP_TABLE, "weak map table"},
};

static pthread_mutex_t open_heaps_lock = PTHREAD_MUTEX_INITIALIZER;
static struct gc_heap *open_heaps; /* under the lock; for check failures */

static const char *const heap_phase_names[GC_HEAP_PHASES] = {[GC_PHASE_SCAVENGE] = "scavenge",
                                                             [GC_PHASE_MARK] = "mark",
                                                             [GC_PHASE_COMPACT] = "compact",
                                                             [GC_PHASE_CLEAR] = "clear",
                                                             [GC_PHASE_SWEEP] = "sweep"};

void gc_check_failed(const char *file, int line, const char *condition, const char *sentence) {
  fprintf(stderr, "%s:%d: check failed: %s\n  %s\n", file, line, condition, sentence);
  for (const struct gc_heap *heap = open_heaps; heap != NULL; heap = heap->next_open) {
    fprintf(stderr,
            "  heap: collector %s, barrier %s, %llu MiB, stop %llu, cycle %llu, %zu blocks in use, "
            "%zu large objects\n",
            heap->hooks->name, heap->barrier_name,
            (unsigned long long)(heap->budget.limit_bytes >> 20),
            (unsigned long long)heap->statistics.stop_count, (unsigned long long)heap->cycle_count,
            heap->old.blocks_in_use, heap->large.object_count);
  }
  abort();
}

/* At most as many as leave the blocks that `promotion-guarantee` keeps for them under a sixteenth
 * of the old generation. */
static unsigned thread_count(const struct gc_options *options, size_t old_limit_bytes) {
  uint64_t count = options->gc_threads != 0 ? options->gc_threads : gc_platform_core_count();
  uint64_t affordable = old_limit_bytes / (16 * GC_BLOCKS_PER_THREAD * GC_BLOCK_BYTES);
  count = count < affordable ? count : affordable;
  count = count < GC_WORKERS_MAX ? count : GC_WORKERS_MAX;
  return count > 1 ? (unsigned)count : 1;
}

static int open_spaces(struct gc_heap *heap, const struct gc_heap_parts *parts) {
  size_t nursery_bytes = gc_nursery_reserved_bytes(&parts->nursery);
  size_t old_bytes = parts->old_limit_bytes;
  /* First fit fragments the large range's addresses; address space is cheap, so there is four times
   * of it. */
  int error = gc_space_open(&heap->space, nursery_bytes,
                            GC_LIMIT_RAISED_MAX * parts->block_limit_bytes + GC_HUGE_PAGE_BYTES,
                            4 * old_bytes + GC_HUGE_PAGE_BYTES);
  if (error == 0 && parts->has_huge_pages) {
    gc_space_advise_huge(&heap->space);
  }
  if (error == 0) {
    error = gc_old_space_open(&heap->old, &heap->space, &heap->budget);
  }
  if (error == 0) {
    error = gc_large_space_open(&heap->large, &heap->space, &heap->budget, &heap->arena);
  }
  if (error == 0) {
    heap->attendants.external = &heap->external;
    heap->attendants.finalizers = &heap->finalizers;
    heap->attendants.identities = &heap->identities;
    heap->finalizers.arena = heap->identities.arena = &heap->arena;
    heap->old.attendants = heap->large.attendants = &heap->attendants;
    error = gc_external_open(&heap->external, &heap->arena, &heap->options, old_bytes,
                             parts->nursery.eden_bytes);
  }
  heap->budget = (struct gc_budget){.limit_bytes = parts->limit_bytes,
                                    .old_limit_bytes = parts->old_limit_bytes};
  heap->limits.first_limit_bytes = parts->limit_bytes;
  if (error == 0) {
    gc_nursery_init(&heap->nursery, heap->space.nursery_start, &parts->nursery);
    gc_poison(heap->space.block_start, heap->space.block_count << GC_BLOCK_BYTES_LOG2);
    gc_poison(heap->space.large_start, heap->space.large_bytes);
  }
  return error;
}

static int open_parts(struct gc_heap *heap, unsigned collector_threads) {
  int error = gc_workers_open(&heap->workers, heap,
                              thread_count(&heap->options, heap->budget.old_limit_bytes));
  if (error == 0) {
    error = heap->remembered->open(heap);
  }
  if (error == 0) {
    error = heap->hooks->open(heap);
  }
  if (error == 0) {
    error = gc_background_open(&heap->background, heap, collector_threads);
  }
  return error;
}

/* Touches what will be in use first: nursery, blocks up to the limit, and their side tables. */
static void pretouch(struct gc_heap *heap, size_t block_bytes) {
  gc_nursery_pretouch(&heap->nursery);
  gc_old_space_pretouch(&heap->old, block_bytes);
}

static void count_phases(struct gc_heap *heap) {
  heap->phase_count = GC_HEAP_PHASES;
  const struct gc_part_measures *measures = heap->hooks->measures;
  for (size_t index = 0;
       measures != NULL && measures->phases != NULL && measures->phases[index] != NULL; index++) {
    heap->phase_count++;
  }
}

static void register_open(struct gc_heap *heap) {
  pthread_mutex_lock(&open_heaps_lock);
  heap->next_open = open_heaps;
  open_heaps = heap;
  pthread_mutex_unlock(&open_heaps_lock);
}

static void unregister_open(struct gc_heap *heap) {
  pthread_mutex_lock(&open_heaps_lock);
  for (struct gc_heap **link = &open_heaps; *link != NULL; link = &(*link)->next_open) {
    if (*link == heap) {
      *link = heap->next_open;
      break;
    }
  }
  pthread_mutex_unlock(&open_heaps_lock);
}

int gc_heap_create(const struct gc_options *options, const struct gc_heap_parts *parts,
                   struct gc_heap **result, char *error, size_t error_size) {
  struct gc_heap *heap = aligned_alloc(64, (sizeof *heap + 63) / 64 * 64);
  if (heap == NULL) {
    snprintf(error, error_size, "no memory for the heap's own structures");
    return -ENOMEM;
  }
  memset(heap, 0, sizeof *heap);
  heap->options = *options;
  heap->hooks = parts->hooks;
  heap->remembered = parts->remembered;
  heap->barrier_name = parts->barrier_name;
  heap->barrier_keeps = parts->barrier_keeps;
  heap->record = parts->record;
  heap->buffer_bytes =
      options->stress_buffer_bytes != 0
          ? (options->stress_buffer_bytes + GC_GRANULE_BYTES - 1) & ~(GC_GRANULE_BYTES - 1)
          : BUFFER_BYTES;
  register_open(heap);
  int status = gc_stop_open(&heap->stop);
  if (status == 0) {
    status = gc_arena_init(&heap->arena);
  }
  gc_segment_pool_init(&heap->segments, &heap->arena, options->mark_stack_bytes);
  gc_weak_open(heap);
  if (status == 0) {
    status = open_spaces(heap, parts);
  }
  if (status == 0) {
    status = open_parts(heap, parts->collector_threads);
  }
  if (status != 0) {
    snprintf(error, error_size, "the system refused memory or threads for a heap of %llu MiB: %s",
             (unsigned long long)(parts->limit_bytes >> 20), strerror(-status));
    gc_heap_close(heap);
    return status;
  }
  count_phases(heap);
  if (options->pretouch) {
    pretouch(heap, parts->block_limit_bytes);
  } else if (options->touch_ahead && parts->block_limit_bytes > 0) {
    heap->awaits_touched_memory =
        gc_heap_has_nursery(heap) && strcmp(options->nursery_sizing, "auto") == 0;
    gc_touch_ahead_start(&heap->old.ahead, &heap->space, &heap->nursery, parts->block_limit_bytes,
                         heap->awaits_touched_memory);
  }
  *result = heap;
  return 0;
}

static void free_mutators(struct gc_mutator_private *mutator) {
  while (mutator != NULL) {
    struct gc_mutator_private *next = mutator->next;
    gc_event_ring_finish(&mutator->ring);
    free(mutator);
    mutator = next;
  }
}

void gc_heap_close(struct gc_heap *heap) {
  GC_CHECK(heap->mutators == NULL, "a heap is closed after its last mutator detached");
  unregister_open(heap);
  gc_touch_ahead_stop(&heap->old.ahead);
  gc_background_stop(&heap->background);
  /* A cycle may have been marking, and recording: threads hold lists until they are closed. */
  gc_segment_release_list(&heap->segments, gc_moved_slots_take_stw(heap));
  if (heap->workers.all != NULL) {
    gc_workers_close(&heap->workers);
    heap->hooks->close(heap);
    heap->remembered->close(heap);
  }
  gc_background_close(&heap->background);
  gc_verify_close(heap);
  free_mutators(heap->detached);
  gc_weak_close(heap);
  gc_evacuate_finish(heap);
  gc_segment_release_list(&heap->segments, heap->marking.share.segments);
  gc_segment_pool_finish(&heap->segments);
  gc_attendants_close(heap);
  gc_external_close(&heap->external);
  gc_finalizers_close(&heap->finalizers);
  gc_identities_close(&heap->identities);
  gc_large_space_close(&heap->large);
  gc_old_space_close(&heap->old);
  if (heap->space.start != 0) {
    gc_unpoison(heap->space.start, heap->space.bytes);
  }
  gc_space_close(&heap->space);
  gc_arena_finish(&heap->arena);
  for (size_t index = 0; index < heap->type_count; index++) {
    free(heap->type_names[index]);
  }
  free(heap->type_names);
  gc_stop_close(&heap->stop);
  free(heap);
}

size_t gc_heap_old_used_bytes(const struct gc_heap *heap) {
  return gc_atomic_load_relaxed(&heap->old.live_bytes) +
         gc_atomic_load_relaxed(&heap->old.allocated_bytes) +
         gc_atomic_load_relaxed(&heap->large.live_bytes);
}

size_t gc_heap_used_bytes(struct gc_heap *heap) {
  return gc_nursery_used_bytes(&heap->nursery) + gc_heap_old_used_bytes(heap);
}

size_t gc_heap_committed_bytes(struct gc_heap *heap) {
  /* Relaxed: a sampler beside the mutators may look while a pause lets the eden grow. */
  return heap->nursery.initial_bytes + gc_atomic_load_relaxed(&heap->nursery.eden_grown_bytes) +
         gc_old_space_committed_bytes(&heap->old) + gc_large_space_committed_bytes(&heap->large);
}

size_t gc_heap_metadata_bytes(struct gc_heap *heap) {
  size_t blocks = gc_atomic_load_relaxed(&heap->old.high_water);
  size_t bitmap_bytes = blocks * GC_BLOCK_WORDS * sizeof(uint64_t) * 2;
  size_t card_bytes = gc_heap_committed_bytes(heap) / GC_CARD_BYTES;
  return bitmap_bytes + card_bytes + blocks * sizeof(struct gc_block) +
         gc_atomic_load_relaxed(&heap->arena.used_bytes);
}

/* The limit, or what a cap leaves beside what else is held, if that is less. */
static size_t committed_limit_bytes(struct gc_heap *heap) {
  uint64_t cap_bytes = heap->options.memory_cap_bytes;
  uint64_t beside_bytes =
      cap_bytes != 0 ? gc_external_bytes(&heap->external) + gc_heap_metadata_bytes(heap) : 0;
  uint64_t left_bytes = cap_bytes > beside_bytes ? cap_bytes - beside_bytes : 0;
  return cap_bytes != 0 && left_bytes < heap->budget.limit_bytes ? left_bytes
                                                                 : heap->budget.limit_bytes;
}

uint64_t gc_heap_held_bytes(struct gc_heap *heap) {
  return heap->budget.limit_bytes - gc_budget_free_bytes(&heap->budget) +
         gc_external_bytes(&heap->external) + gc_heap_metadata_bytes(heap);
}

bool gc_heap_is_near_cap(struct gc_heap *heap, uint64_t ahead_bytes) {
  uint64_t cap_bytes = heap->options.memory_cap_bytes;
  return cap_bytes != 0 && gc_heap_held_bytes(heap) + ahead_bytes > cap_bytes;
}

bool gc_heap_lacks_touched_memory(struct gc_heap *heap) {
  size_t eden_bytes = gc_atomic_load_relaxed(&heap->nursery.eden_limit) - heap->nursery.eden_start;
  size_t young_bytes = eden_bytes + gc_nursery_survivor_used_bytes(&heap->nursery);
  size_t blocks =
      (young_bytes >> GC_BLOCK_BYTES_LOG2) + 1 + (size_t)heap->workers.count * GC_BLOCKS_PER_THREAD;
  /* Relaxed: hints, as everything that is waited for. */
  size_t used_blocks = gc_atomic_load_relaxed(&heap->old.high_water);
  size_t in_use = gc_old_space_blocks_bytes(&heap->old) >> GC_BLOCK_BYTES_LOG2;
  size_t free_blocks = used_blocks > in_use ? used_blocks - in_use : 0;
  return blocks > free_blocks && gc_touch_ahead_lacks(&heap->old.ahead, blocks - free_blocks);
}

void gc_heap_bound_committed(struct gc_heap *heap) {
  size_t committed_bytes = gc_heap_committed_bytes(heap);
  size_t limit_bytes = committed_limit_bytes(heap);
  if (committed_bytes <= limit_bytes) {
    return;
  }
  size_t excess_bytes = committed_bytes - limit_bytes;
  size_t blocks = (excess_bytes + GC_BLOCK_BYTES - 1) >> GC_BLOCK_BYTES_LOG2;
  size_t released_bytes = gc_old_space_release_free(&heap->old, blocks) << GC_BLOCK_BYTES_LOG2;
  if (released_bytes < excess_bytes) {
    size_t excess_pages = (excess_bytes - released_bytes) >> GC_OS_PAGE_BYTES_LOG2;
    size_t held_pages = gc_large_space_committed_bytes(&heap->large) >> GC_OS_PAGE_BYTES_LOG2;
    gc_large_space_release_free(&heap->large,
                                held_pages > excess_pages ? held_pages - excess_pages : 0);
  }
}

void gc_heap_retire_buffers_stw(struct gc_heap *heap) {
  for (struct gc_mutator_private *mutator = heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    gc_mutator_give_buffer_up(mutator);
  }
}

static struct gc_worker_counts collect_counts_stw(struct gc_heap *heap, struct gc_worker *workers,
                                                  unsigned count) {
  struct gc_worker_counts sum = {0};
  for (unsigned index = 0; index < count; index++) {
    gc_worker_counts_add(&sum, &workers[index].counts);
    workers[index].counts = (struct gc_worker_counts){0};
    gc_atomic_store_relaxed(&workers[index].marked_so_far_bytes, 0);
  }
  struct gc_event_stop *record = &heap->stop.record;
  record->survived_bytes += sum.survived_bytes;
  record->promoted_bytes += sum.promoted_bytes;
  record->marked_bytes += sum.marked_bytes;
  record->swept_bytes += sum.swept_bytes;
  struct gc_statistics *statistics = &heap->statistics;
  statistics->survived_bytes += sum.survived_bytes;
  statistics->survived_objects += sum.survived_objects;
  statistics->promoted_bytes += sum.promoted_bytes;
  statistics->promoted_objects += sum.promoted_objects;
  statistics->marked_bytes += sum.marked_bytes;
  statistics->marked_objects += sum.marked_objects;
  statistics->marked_slots += sum.marked_slots;
  statistics->swept_bytes += sum.swept_bytes;
  return sum;
}

struct gc_worker_counts gc_heap_collect_counts_stw(struct gc_heap *heap) {
  return collect_counts_stw(heap, heap->workers.all, heap->workers.count);
}

struct gc_worker_counts gc_heap_collect_background_counts_stw(struct gc_heap *heap) {
  const struct gc_background *background = &heap->background;
  return collect_counts_stw(heap, background->all,
                            background->count > 0 ? background->count + 1 : 0);
}

void gc_statistics_read(struct gc_heap *heap, struct gc_statistics *statistics) {
  *statistics = heap->statistics;
  statistics->allocated_bytes +=
      gc_atomic_load_relaxed(&heap->nursery.eden_top) - heap->nursery.eden_start;
  statistics->allocated_bytes += gc_atomic_load_relaxed(&heap->large.allocated_bytes);
  statistics->allocated_bytes += gc_atomic_load_relaxed(&heap->direct_allocated_bytes);
  statistics->swept_bytes += gc_atomic_load_relaxed(&heap->swept_outside_bytes);
  statistics->sweep_ns += gc_atomic_load_relaxed(&heap->sweep_outside_ns);
  statistics->released_buffers = gc_atomic_load_relaxed(&heap->external.released_count);
  statistics->released_bytes = gc_atomic_load_relaxed(&heap->external.released_bytes);
  if (heap->hooks->baseline != NULL) {
    struct gc_memory_usage ignored = {0};
    heap->hooks->baseline->measure(heap, statistics, &ignored);
  }
}

void gc_memory_usage(struct gc_heap *heap, struct gc_memory_usage *usage) {
  *usage = (struct gc_memory_usage){
      .rss_bytes = gc_platform_rss_bytes(),
      .heap_total_bytes = gc_heap_committed_bytes(heap),
      .heap_used_bytes = gc_heap_used_bytes(heap),
      .external_bytes = gc_external_bytes(&heap->external),
      .buffers_bytes = gc_atomic_load_relaxed(&heap->external.buffer_bytes),
      .heap_limit_bytes = gc_atomic_load_relaxed(&heap->budget.limit_bytes),
      .metadata_bytes = gc_heap_metadata_bytes(heap),
      .machine_total_bytes = gc_platform_memory_total_bytes(),
      .machine_free_bytes = gc_platform_memory_free_bytes(),
      .cgroup_limit_bytes = gc_platform_memory_limit_bytes(),
      .peak_used_bytes = gc_atomic_load_relaxed(&heap->peak_used_bytes),
      .peak_external_bytes = gc_atomic_load_relaxed(&heap->external.peak_bytes),
  };
  if (heap->hooks->baseline != NULL) {
    struct gc_statistics ignored = {0};
    heap->hooks->baseline->measure(heap, &ignored, usage);
  }
  if (usage->peak_used_bytes < usage->heap_used_bytes) {
    usage->peak_used_bytes = usage->heap_used_bytes;
  }
  if (usage->peak_external_bytes < usage->external_bytes) {
    usage->peak_external_bytes = usage->external_bytes;
  }
}

static bool grow_types_locked(struct gc_heap *heap) {
  if (heap->type_count < heap->type_capacity) {
    return true;
  }
  size_t capacity = heap->type_capacity * 2 + 16;
  char **names = realloc(heap->type_names, capacity * sizeof *names);
  if (names != NULL) {
    heap->type_names = names;
    heap->type_capacity = capacity;
  }
  return names != NULL;
}

uint32_t gc_type_define(struct gc_heap *heap, const char *name) {
  uint32_t id = 0;
  gc_spin_lock_acquire(&heap->roots_lock);
  for (size_t index = 0; index < heap->type_count && id == 0; index++) {
    id = strcmp(heap->type_names[index], name) == 0 ? (uint32_t)index + 1 : 0;
  }
  if (id == 0 && heap->type_count + 1 < TYPE_IDS_MAX && grow_types_locked(heap)) {
    char *copy = strdup(name);
    if (copy != NULL) {
      heap->type_names[heap->type_count++] = copy;
      id = (uint32_t)heap->type_count;
    }
  }
  gc_spin_lock_release(&heap->roots_lock);
  return id;
}

const char *gc_type_name(struct gc_heap *heap, uint32_t type) {
  for (size_t index = 0; index < sizeof reserved_types / sizeof *reserved_types; index++) {
    if (type == reserved_types[index].type) {
      return reserved_types[index].name;
    }
  }
  gc_spin_lock_acquire(&heap->roots_lock);
  const char *name = type != 0 && type <= heap->type_count ? heap->type_names[type - 1] : "";
  gc_spin_lock_release(&heap->roots_lock);
  return name;
}

int gc_heap_ring_init(const struct gc_heap *heap, struct gc_event_ring *ring,
                      uint32_t ring_number) {
  if (heap->record != GC_RECORD_NOTHING) {
    return gc_event_ring_init(ring, ring_number);
  }
  gc_event_ring_init_closed(ring, ring_number);
  return 0;
}

void gc_recording_finish(struct gc_heap *heap) {
  gc_background_stop(&heap->background);
}

size_t gc_recording_ring_count(struct gc_heap *heap) {
  return heap->workers.count + heap->background.count + heap->mutator_rings;
}

const struct gc_event_ring *gc_recording_ring(struct gc_heap *heap, size_t index) {
  if (index < heap->workers.count) {
    return &heap->workers.all[index].ring;
  }
  if (index < heap->workers.count + heap->background.count) {
    return &heap->background.all[index - heap->workers.count].ring;
  }
  struct gc_mutator_private *lists[] = {heap->mutators, heap->detached};
  for (size_t list = 0; list < 2; list++) {
    for (struct gc_mutator_private *mutator = lists[list]; mutator != NULL;
         mutator = mutator->next) {
      if (mutator->ring.ring_number == index) {
        return &mutator->ring;
      }
    }
  }
  return NULL;
}

size_t gc_recording_phase_count(struct gc_heap *heap) {
  return heap->phase_count;
}

const char *gc_recording_phase_name(struct gc_heap *heap, size_t phase) {
  return phase < GC_HEAP_PHASES ? heap_phase_names[phase]
                                : heap->hooks->measures->phases[phase - GC_HEAP_PHASES];
}

static size_t collector_counter_count(const struct gc_heap *heap) {
  const struct gc_part_measures *measures = heap->hooks->measures;
  size_t count = 0;
  while (measures != NULL && measures->counters != NULL && measures->counters[count].name != NULL) {
    count++;
  }
  return count;
}

size_t gc_recording_counter_count(struct gc_heap *heap) {
  return collector_counter_count(heap) + gc_barrier_counter_count();
}

const struct gc_counter_description *gc_recording_counter(struct gc_heap *heap, size_t counter) {
  size_t of_collector = collector_counter_count(heap);
  return counter < of_collector ? &heap->hooks->measures->counters[counter]
                                : gc_barrier_counter(counter - of_collector);
}
