/* Baseline `bdwgc`: every object comes from libgc, the conservative mark-sweep collector (Boehm and
 * Weiser 1988), which is loaded when a heap is opened with it (libgc.h).
 *
 * The mutator's code is the same as under every other collector. libgc learns of handles and global
 * roots through the sources that are registered here; mutators' stacks it scans on its own account.
 * Objects without slots are allocated as memory that holds no pointers, as its users do. How far its
 * memory grows is its own policy; the heap's limit means nothing to it. Nothing moves, nothing is
 * weak, disposing of an object is without effect.
 *
 * Recording. Of its collections each becomes a stop and, per mutator, a pause, written by the
 * mutator itself at its next allocation or when it detaches: a ring has one writer. The collecting
 * mutator's pause is the whole collection, the others' is the time for which they were stopped.
 *
 * Concurrency: libgc's. The list of global roots may be read while its writer is stopped in the
 * middle of a change, which is made by one store [pairs: baseline-roots].
 */
#include "collectors/baseline.h"
#include "collectors/libgc.h"
#include "collectors/outside_object.h"
#include "heap/platform.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its collections are numbered apart from the heap's own stops, of which forced collections are. */
#define STOP_ID_FIRST (UINT64_C(1) << 32)

struct state {
  const struct gc_libgc *libgc;
  struct gc_libgc_roots global_roots;
};

/* What is kept of a mutator; its thread's, or with the world stopped. */
struct own {
  struct gc_libgc_roots handles;
  const struct gc_libgc_collection *seen; /* the last of which the pause was written */
};

/* --- roots --------------------------------------------------------------------------------------
 */

static void push_handles(const struct gc_libgc *libgc, void *context) {
  const struct gc_mutator *mutator = context;
  libgc->push_all(mutator->private_part->handle_base, mutator->handle_top);
}

static void push_global_roots(const struct gc_libgc *libgc, void *context) {
  struct gc_heap *heap = context;
  struct gc_root *root = gc_atomic_load_acquire(&heap->roots); /* [pairs: baseline-roots] */
  for (; root != NULL; root = root->next) {
    libgc->push_all(&root->ref, &root->ref + 1);
  }
}

/* --- recording ----------------------------------------------------------------------------------
 */

static void write_collection(struct gc_mutator_private *private,
                             const struct gc_libgc_collection *collection) {
  uint64_t stop_id = STOP_ID_FIRST + collection->number;
  bool is_requester = collection->thread_id == private->thread_id;
  if (is_requester) {
    gc_event_write(&private->ring, stop, .stop_id = stop_id, .cycle = collection->number,
                   .kind = GC_PAUSE_full, .reason = GC_REASON_old_space_full,
                   .requester = private->number, .threads = 1, .request_ns = collection->begin_ns,
                   .stopped_ns = collection->stopped_ns, .work_end_ns = collection->marked_ns,
                   .resumed_ns = collection->end_ns, .cpu_ns = collection->cpu_ns,
                   .cpu_total_ns = collection->cpu_ns,
                   .used_before_bytes = collection->used_before_bytes,
                   .used_after_bytes = collection->used_after_bytes);
  }
  gc_event_write(&private->ring, pause, .stop_id = stop_id, .mutator = private->number,
                 .kind = GC_PAUSE_full,
                 .begin_ns = is_requester ? collection->begin_ns : collection->stopping_ns,
                 .end_ns = is_requester ? collection->end_ns : collection->resumed_ns);
}

static void write_collections(struct gc_mutator_private *private) {
  struct own *own = private->baseline;
  const struct gc_libgc_collection *next = gc_libgc_next_collection(own->seen);
  for (; next != NULL; next = gc_libgc_next_collection(next)) {
    write_collection(private, next);
    own->seen = next;
  }
}

/* --- what the heap asks for ---------------------------------------------------------------------
 */

static struct gc_ref allocate(struct gc_mutator *mutator, size_t bytes, size_t slot_count,
                              uint32_t type) {
  const struct state *state = mutator->heap->collector_state;
  const struct own *own = mutator->private_part->baseline;
  size_t memory_bytes = gc_outside_bytes(bytes);
  void *memory = NULL;
  if (slot_count > 0) {
    memory = state->libgc->malloc(memory_bytes);
  } else {
    memory = state->libgc->malloc_atomic(memory_bytes);
    if (memory != NULL) {
      memset(memory, 0, memory_bytes);
    }
  }
  if (GC_UNLIKELY(gc_libgc_next_collection(own->seen) != NULL)) {
    write_collections(mutator->private_part);
  }
  return gc_outside_open(memory, bytes, slot_count, type);
}

static int attach(struct gc_mutator *mutator) {
  struct state *state = mutator->heap->collector_state;
  struct own *own = calloc(1, sizeof *own);
  if (own == NULL) {
    return -ENOMEM;
  }
  int status = gc_libgc_register_thread(state->libgc);
  if (status != 0) {
    free(own);
    return status;
  }
  own->handles = (struct gc_libgc_roots){.push = push_handles, .context = mutator};
  own->seen = gc_libgc_last_collection();
  mutator->private_part->baseline = own;
  gc_libgc_roots_add(state->libgc, &own->handles);
  return 0;
}

static void detach(struct gc_mutator *mutator) {
  struct state *state = mutator->heap->collector_state;
  struct own *own = mutator->private_part->baseline;
  gc_libgc_roots_remove(state->libgc, &own->handles);
  write_collections(mutator->private_part);
  gc_libgc_unregister_thread(state->libgc);
  free(own);
}

static void measure(struct gc_heap *heap, struct gc_statistics *statistics,
                    struct gc_memory_usage *usage) {
  const struct state *state = heap->collector_state;
  statistics->allocated_bytes = state->libgc->get_total_bytes();
  statistics->full_count = gc_libgc_last_collection()->number;
  /* Its heap may grow, or shrink, between the two. */
  uint64_t free_bytes = state->libgc->get_free_bytes();
  uint64_t total_bytes = state->libgc->get_heap_size();
  usage->heap_total_bytes = total_bytes;
  usage->heap_used_bytes = total_bytes > free_bytes ? total_bytes - free_bytes : 0;
}

/* What was collected in a stop of the heap's own is recorded as that stop. */
static void forget_collections_stw(struct gc_heap *heap) {
  for (struct gc_mutator_private *private = heap->mutators; private != NULL;
       private = private->next) {
    struct own *own = private->baseline;
    if (own != NULL) { /* it is attaching otherwise */
      own->seen = gc_libgc_last_collection();
    }
  }
}

static enum gc_pause_kind collect_stw(struct gc_heap *heap, struct gc_request *request) {
  const struct state *state = heap->collector_state;
  if (request->kind == GC_REQUEST_FORCED_FULL) {
    state->libgc->gcollect();
    forget_collections_stw(heap);
  }
  request->is_last = true;
  return GC_PAUSE_full;
}

static int open_bdwgc(struct gc_heap *heap) {
  char error[256]; /* planning the heap has said it */
  uint64_t asked = heap->options.gc_threads;
  unsigned markers = asked != 0 ? (unsigned)asked : gc_platform_core_count();
  struct state *state = calloc(1, sizeof *state);
  if (state == NULL) {
    return -ENOMEM;
  }
  int status = gc_libgc_open(markers, &state->libgc, error, sizeof error);
  if (status != 0) {
    free(state);
    return status;
  }
  state->global_roots = (struct gc_libgc_roots){.push = push_global_roots, .context = heap};
  gc_libgc_roots_add(state->libgc, &state->global_roots);
  heap->collector_state = state;
  return 0;
}

static void close_bdwgc(struct gc_heap *heap) {
  struct state *state = heap->collector_state;
  if (state != NULL) {
    gc_libgc_roots_remove(state->libgc, &state->global_roots);
  }
  free(state);
}

static int plan(const struct gc_options *options, struct gc_heap_parts *parts, char *error,
                size_t error_size) {
  char reason[200];
  int status = gc_libgc_find(reason, sizeof reason);
  if (status != 0) {
    snprintf(error, error_size, "the collector bdwgc needs libgc: %s", reason);
    return -EINVAL;
  }
  return gc_baseline_plan(options, parts, error, error_size);
}

static const struct gc_baseline_hooks baseline = {
    .allocate = allocate, .attach = attach, .detach = detach, .measure = measure};

static const struct gc_collector_hooks hooks = {.name = "bdwgc",
                                                .collect_stw = collect_stw,
                                                .idle = gc_baseline_idle_nothing,
                                                .open = open_bdwgc,
                                                .close = close_bdwgc,
                                                .baseline = &baseline};

const struct gc_collector gc_collector_bdwgc = {
    .name = "bdwgc",
    .summary = "libgc, the conservative collector of Boehm, Demers and Weiser; its own growth",
    .hooks = &hooks,
    .plan = plan,
};
