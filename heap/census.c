/* Counting what is reachable. See gc/census.h. */
#include "heap/heap.h"
#include <errno.h>
#include <gc/buffer.h>
#include <gc/census.h>
#include <gc/weak.h>
#include <stdlib.h>

enum { NODES_FIRST = 1024 };

static const size_t nodes_max = (size_t)1 << 31;

struct counter {
  struct gc_heap *heap;
  struct gc_census *census;
  size_t node_capacity, type_capacity;
  uint32_t *visited; /* open addressing by address: number of the node, plus one; 0: none */
  size_t visited_mask;
  uint32_t *type_places; /* by type: place in census->types, plus one; 0: not met yet */
  uint64_t random;       /* of examples */
  bool lacks_memory;
};

/* --- what was visited --------------------------------------------------------------------------*/

static size_t place_of(const struct counter *counter, uintptr_t address) {
  const struct gc_census_node *nodes = counter->census->nodes;
  size_t place = (size_t)((address >> GC_GRANULE_BYTES_LOG2) * UINT64_C(0x9e3779b97f4a7c15) >> 20);
  for (place &= counter->visited_mask; counter->visited[place] != 0;
       place = (place + 1) & counter->visited_mask) {
    if (nodes[counter->visited[place] - 1].address == address) {
      break;
    }
  }
  return place;
}

/* Twice the nodes; the set stays at most half full. */
static bool grow(struct counter *counter) {
  struct gc_census *census = counter->census;
  size_t capacity = counter->node_capacity == 0 ? NODES_FIRST : 2 * counter->node_capacity;
  struct gc_census_node *nodes =
      capacity > nodes_max ? NULL : realloc(census->nodes, capacity * sizeof *nodes);
  uint32_t *visited = calloc(2 * capacity, sizeof *visited);
  if (nodes == NULL || visited == NULL) {
    census->nodes = nodes != NULL ? nodes : census->nodes;
    free(visited);
    return false;
  }
  free(counter->visited);
  census->nodes = nodes;
  counter->node_capacity = capacity;
  counter->visited = visited;
  counter->visited_mask = 2 * capacity - 1;
  for (size_t node = 0; node < census->node_count; node++) {
    visited[place_of(counter, nodes[node].address)] = (uint32_t)node + 1;
  }
  return true;
}

static void reach(struct counter *counter, struct gc_ref ref, uint32_t from, uint32_t slot) {
  struct gc_census *census = counter->census;
  if (gc_is_null(ref) || counter->lacks_memory) {
    return;
  }
  if (census->node_count == counter->node_capacity && !grow(counter)) {
    counter->lacks_memory = true;
    return;
  }
  size_t place = place_of(counter, ref.address);
  if (counter->visited[place] == 0) {
    census->nodes[census->node_count++] = (struct gc_census_node){ref.address, from, slot, 0};
    counter->visited[place] = (uint32_t)census->node_count;
  }
}

static void reach_roots(struct counter *counter) {
  uint32_t place = 0;
  for (const struct gc_mutator_private *mutator = counter->heap->mutators; mutator != NULL;
       mutator = mutator->next) {
    for (const struct gc_ref *handle = mutator->handle_base; handle < mutator->mutator.handle_top;
         handle++) {
      reach(counter, *handle, (uint32_t)GC_CENSUS_HANDLE, place++);
    }
  }
  place = 0;
  for (const struct gc_root *root = counter->heap->roots; root != NULL; root = root->next) {
    reach(counter, root->ref, (uint32_t)GC_CENSUS_ROOT, place++);
  }
}

/* What a weak reference leads to; null: to nothing, or to what is known to be dead. */
static struct gc_ref current(const struct gc_heap *heap, struct gc_ref ref) {
  return gc_weak_clearing(&heap->weak) == GC_WEAK_CLEARED ? ref : gc_weak_current(heap, ref);
}

static void reach_value(struct counter *counter, uint32_t node, struct gc_ref ephemeron) {
  const struct gc_heap *heap = counter->heap;
  struct gc_ref key = gc_weak_load(ephemeron.address);
  if (!gc_is_null(key) && !gc_is_null(current(heap, key))) {
    reach(counter, current(heap, gc_weak_load_value(ephemeron.address)), node, GC_CENSUS_VALUE);
  }
}

/* --- counting ----------------------------------------------------------------------------------*/

/* Null for want of memory. */
static struct gc_census_type *type_of(struct counter *counter, uint32_t type, uint32_t node) {
  struct gc_census *census = counter->census;
  if (counter->type_places[type] == 0) {
    if (census->type_count == counter->type_capacity) {
      size_t capacity = 2 * counter->type_capacity + 16;
      struct gc_census_type *types = realloc(census->types, capacity * sizeof *types);
      if (types == NULL) {
        return NULL;
      }
      census->types = types;
      counter->type_capacity = capacity;
    }
    census->types[census->type_count++] = (struct gc_census_type){.type = type, .example = node};
    counter->type_places[type] = (uint32_t)census->type_count;
  }
  return &census->types[counter->type_places[type] - 1];
}

/* Marks it as seen; true when it was. Nobody else writes these bits of a header while the world is
 * stopped; a marker may write its re-grey byte. */
static bool note_seen(struct gc_ref object) {
  bool was_seen = (gc_object_header(object) & GC_HEADER_SEEN) != 0;
  if (!was_seen) {
    gc_atomic_fetch_or_relaxed((uint64_t *)gc_ref_address(object), GC_HEADER_SEEN);
  }
  return was_seen;
}

/* One of so many, so that of a row of survivors each is as likely to be the example. */
static bool is_drawn(struct counter *counter, uint64_t of) {
  counter->random = counter->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (counter->random >> 33) % of == 0;
}

static void count_object(struct counter *counter, uint32_t node, struct gc_ref object) {
  struct gc_census *census = counter->census;
  uint32_t type_number = gc_object_type(object);
  struct gc_census_type *type = type_of(counter, type_number, node);
  if (type == NULL) {
    counter->lacks_memory = true;
    return;
  }
  census->nodes[node].type = type_number;
  uint64_t bytes = gc_object_size_bytes(object);
  uint64_t external_bytes = type_number == GC_TYPE_BUFFER ? gc_buffer_bytes(object) : 0;
  type->objects++;
  type->bytes += bytes;
  type->external_bytes += external_bytes;
  census->objects++;
  census->bytes += bytes;
  if (note_seen(object)) {
    type->survivor_objects++;
    type->example = is_drawn(counter, type->survivor_objects) ? node : type->example;
    type->survivor_bytes += bytes;
    type->survivor_external_bytes += external_bytes;
  }
}

static void measure(const struct gc_heap *heap, struct gc_census *census) {
  census->external_bytes = gc_atomic_load_relaxed(&heap->external.live_bytes);
  census->declared_bytes = gc_atomic_load_relaxed(&heap->external.declared_bytes);
  census->external_limit_bytes = heap->external.limit_bytes;
  census->heap_limit_bytes = heap->budget.limit_bytes;
}

static void trace(struct counter *counter) {
  reach_roots(counter);
  for (size_t node = 0; node < counter->census->node_count && !counter->lacks_memory; node++) {
    struct gc_ref object = {counter->census->nodes[node].address};
    count_object(counter, (uint32_t)node, object);
    size_t slot_count = gc_object_slot_count(object);
    for (size_t slot = 0; slot < slot_count; slot++) {
      reach(counter, *gc_object_slot(object, slot).location, (uint32_t)node, (uint32_t)slot);
    }
    if (gc_object_type(object) == GC_TYPE_EPHEMERON) {
      reach_value(counter, (uint32_t)node, object);
    }
  }
}

int gc_census_take(struct gc_mutator *mutator, struct gc_census *census) {
  struct gc_heap *heap = mutator->heap;
  *census = (struct gc_census){0};
  struct counter counter = {
      .heap = heap,
      .census = census,
      .type_places = calloc((size_t)GC_HEADER_TYPE_MASK + 1, sizeof *counter.type_places),
  };
  counter.lacks_memory = counter.type_places == NULL;
  while (!gc_stop_begin(heap, mutator, GC_REASON_forced_full)) {
    /* Somebody else stopped the world. */
  }
  if (!counter.lacks_memory) {
    trace(&counter);
    measure(heap, census);
    census->committed_bytes = gc_heap_committed_bytes(heap);
  }
  gc_stop_end(heap, mutator, GC_PAUSE_full);
  free(counter.visited);
  free(counter.type_places);
  if (counter.lacks_memory) {
    gc_census_finish(census);
    return -ENOMEM;
  }
  return 0;
}

void gc_census_finish(struct gc_census *census) {
  free(census->types);
  free(census->nodes);
  *census = (struct gc_census){0};
}

static bool is_origin(uint32_t node) {
  return node == (uint32_t)GC_CENSUS_HANDLE || node == (uint32_t)GC_CENSUS_ROOT;
}

size_t gc_census_path(const struct gc_census *census, uint32_t node, struct gc_census_step *steps,
                      size_t steps_max, size_t *length, enum gc_census_origin *origin) {
  *length = 0;
  for (uint32_t step = node; !is_origin(step); step = census->nodes[step].from) {
    ++*length;
  }
  size_t place = *length;
  uint32_t slot = 0; /* that leads on from the step */
  for (uint32_t step = node;;) {
    const struct gc_census_node *at = &census->nodes[step];
    if (--place < steps_max) {
      steps[place] = (struct gc_census_step){at->type, slot};
    }
    if (is_origin(at->from)) {
      *origin = (enum gc_census_origin)at->from;
      return *length < steps_max ? *length : steps_max;
    }
    slot = at->slot;
    step = at->from;
  }
}
