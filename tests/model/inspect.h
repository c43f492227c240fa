/* The rendezvous: all threads but one wait in a blocking region or detached, and that one compares
 * the whole heap with the whole shadow, collects, counts, and cuts the graph down to a size.
 *
 * Included by the units that are compiled once per barrier. The walk is breadth first over the
 * array of what it found; between its begin and the last use of that array there is no safepoint.
 */
#ifndef TESTS_MODEL_INSPECT_H
#define TESTS_MODEL_INSPECT_H

#include "tests/model/access.h"
#include "tests/model/buffer_access.h"
#include "tests/model/finalizer_access.h"
#include "tests/model/weak_access.h"

struct model_walk {
  struct model_pick *found;
  size_t count, capacity;
};

/* --- cells -------------------------------------------------------------------------------------*/

struct model_cell {
  struct model_pick object;
  size_t index;
};

static inline struct model_cell model_cell_at(struct model_world *world, size_t number) {
  size_t which = number < MODEL_CELLS_SMALL ? 0 : 1;
  size_t spacing = MODEL_CELLS_LARGE / (MODEL_CELLS_USED - MODEL_CELLS_SMALL);
  return (struct model_cell){
      {gc_root_get(world->cell_roots[which]), world->cell_nodes[which]},
      which == 0 ? number : (number - MODEL_CELLS_SMALL) * spacing,
  };
}

/* The node that an object says it is; fails when it says nothing known. */
static inline struct model_node *model_recognise(const struct model_thread *thread,
                                                 struct gc_ref ref) {
  if (gc_is_null(ref)) {
    return NULL;
  }
  uint64_t identity = *(const uint64_t *)gc_object_raw(ref, gc_object_slot_count(ref));
  struct model_node *node = model_node_find(thread->world, identity);
  if (node == NULL) {
    model_fail(thread, "a cell holds an object at %p that says it is %#" PRIx64 ", which nobody is",
               gc_ref_address(ref), identity);
  }
  model_verify(thread, ref, node);
  return node;
}

/* `cells-conserve`; afterwards the cells' shadow is exact. */
static inline void model_cells_settle(struct model_thread *thread) {
  struct model_world *world = thread->world;
  for (size_t number = 0; number < MODEL_CELLS_USED; number++) {
    struct model_cell cell = model_cell_at(world, number);
    uint64_t balance = 0;
    for (unsigned index = 0; index < world->settings.thread_count; index++) {
      balance += world->threads[index].put_sums[number] - world->threads[index].taken_sums[number];
    }
    struct gc_ref held = gc_read_field(thread->mutator, cell.object.ref, cell.index);
    struct model_node *node = model_recognise(thread, held);
    if (balance != (node == NULL ? 0 : model_mix(node->identity))) {
      model_fail(thread,
                 "cell %zu holds %#" PRIx64 ", which is not what was put less what was taken",
                 number, node == NULL ? 0 : node->identity);
    }
    cell.object.node->slots[cell.index] = node;
  }
}

static inline void model_cells_clear(struct model_thread *thread) {
  struct model_world *world = thread->world;
  for (size_t number = 0; number < MODEL_CELLS_USED; number++) {
    struct model_cell cell = model_cell_at(world, number);
    model_write(thread, cell.object, cell.index, model_nothing());
    for (unsigned index = 0; index < world->settings.thread_count; index++) {
      world->threads[index].put_sums[number] = world->threads[index].taken_sums[number] = 0;
    }
  }
}

/* Moves one cell object's content into a new one, so that the cells are young again. */
static inline void model_cells_renew(struct model_thread *thread, size_t which) {
  struct model_world *world = thread->world;
  size_t count = world->cell_nodes[which]->slot_count;
  struct model_pick made = model_allocate(thread, count, 0);
  if (made.node == NULL) {
    return;
  }
  struct gc_handle_frame frame = gc_handles_enter(thread->mutator);
  struct gc_handle to = gc_handle_push(thread->mutator, made.ref);
  struct gc_handle from = gc_handle_push(thread->mutator, gc_root_get(world->cell_roots[which]));
  gc_copy_refs(thread->mutator, to, 0, from, 0, count);
  memcpy(made.node->slots, world->cell_nodes[which]->slots, count * sizeof *made.node->slots);
  gc_root_set(thread->mutator, world->cell_roots[which], gc_handle_get(to));
  world->cell_nodes[which] = made.node;
  gc_handles_leave(thread->mutator, frame);
}

/* --- the walk ----------------------------------------------------------------------------------*/

static inline void model_walk_append(struct model_walk *walk, struct model_pick pick) {
  if (walk->count == walk->capacity) {
    walk->capacity = walk->capacity == 0 ? 1024 : 2 * walk->capacity;
    walk->found = realloc(walk->found, walk->capacity * sizeof *walk->found);
    if (walk->found == NULL) {
      abort();
    }
  }
  walk->found[walk->count++] = pick;
}

static inline void model_walk_visit(const struct model_thread *thread, struct model_walk *walk,
                                    struct model_pick pick) {
  model_verify(thread, pick.ref, pick.node);
  if (pick.node == NULL) {
    return;
  }
  if (pick.node->epoch != thread->world->epoch) {
    pick.node->epoch = thread->world->epoch;
    pick.node->address = pick.ref.address;
    model_walk_append(walk, pick);
  } else if (pick.node->address != pick.ref.address) {
    model_fail(thread, "object %#" PRIx64 " exists twice, at %#" PRIxPTR " and at %#" PRIxPTR,
               pick.node->identity, pick.node->address, pick.ref.address);
  }
}

static inline void model_walk_roots(struct model_thread *thread, struct model_walk *walk) {
  struct model_world *world = thread->world;
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    const struct model_thread *other = &world->threads[index];
    model_weak_count(world, other);
    model_buffers_count(thread, other);
    for (size_t place = 0; place < other->handle_count; place++) {
      model_walk_visit(thread, walk, model_handle_pick(other, place));
    }
    for (size_t place = 0; place < MODEL_ROOTS; place++) {
      if (other->roots[place].root != NULL) {
        model_walk_visit(thread, walk, model_root_pick(&other->roots[place]));
      }
    }
  }
  for (size_t which = 0; which < 2; which++) {
    if (world->cell_roots[which] != NULL) {
      model_walk_visit(
          thread, walk,
          (struct model_pick){gc_root_get(world->cell_roots[which]), world->cell_nodes[which]});
    }
  }
}

/* Values of ephemerons whose keys were visited. */
static inline void model_walk_values(struct model_thread *thread, struct model_walk *walk) {
  struct model_world *world = thread->world;
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    for (size_t place = 0; place < MODEL_WEAKS; place++) {
      model_walk_visit(thread, walk,
                       model_weak_reached_value(thread, &world->threads[index].weaks[place]));
    }
  }
}

static inline int model_walk_order(const void *left, const void *right) {
  const struct model_pick *a = left, *b = right;
  return (a->ref.address > b->ref.address) - (a->ref.address < b->ref.address);
}

static inline void model_walk_verify_disjoint(const struct model_thread *thread,
                                              struct model_walk *walk) {
  if (walk->count > 1) {
    qsort(walk->found, walk->count, sizeof *walk->found, model_walk_order);
  }
  for (size_t place = 1; place < walk->count; place++) {
    const struct model_pick *low = &walk->found[place - 1], *high = &walk->found[place];
    if (low->ref.address + model_node_bytes(low->node) > high->ref.address) {
      model_fail(thread, "objects %#" PRIx64 " at %p and %#" PRIx64 " at %p overlap",
                 low->node->identity, gc_ref_address(low->ref), high->node->identity,
                 gc_ref_address(high->ref));
    }
  }
}

/* Verifies everything that is reachable and counts it. The caller frees walk.found. */
static inline struct model_walk model_walk_all(struct model_thread *thread) {
  struct model_world *world = thread->world;
  struct model_walk walk = {0};
  world->epoch++;
  world->census = (struct model_census){0};
  model_walk_roots(thread, &walk);
  for (size_t place = 0; place < walk.count; place++) {
    struct model_pick here = walk.found[place];
    for (size_t index = 0; index < here.node->slot_count; index++) {
      struct gc_ref ref = gc_read_field(thread->mutator, here.ref, index);
      model_walk_visit(thread, &walk, (struct model_pick){ref, here.node->slots[index]});
    }
    model_verify_paint(thread, here.ref, here.node);
    size_t bytes = model_node_bytes(here.node);
    world->census.objects++;
    world->census.bytes += bytes;
    world->census.large_objects += bytes >= GC_LARGE_BYTES;
    if (place + 1 == walk.count) {
      model_walk_values(thread, &walk);
    }
  }
  model_walk_verify_disjoint(thread, &walk);
  world->full_checks++;
  return walk;
}

static inline void model_check_all(struct model_thread *thread) {
  struct model_walk walk = model_walk_all(thread);
  free(walk.found);
}

/* --- after forced full collections -------------------------------------------------------------*/

/* The collection marked what is reachable and nothing else. */
static inline void model_check_marked(struct model_thread *thread) {
  struct model_world *world = thread->world;
  if (!world->reclaims_all) {
    return;
  }
  struct gc_statistics statistics;
  gc_statistics_read(world->heap, &statistics);
  if (statistics.last_marked_objects != world->census.objects ||
      statistics.last_live_bytes != world->census.bytes) {
    model_fail(thread,
               "a full collection marked %" PRIu64 " objects of %" PRIu64
               " bytes; reachable are %" PRIu64 " of %" PRIu64,
               statistics.last_marked_objects, statistics.last_live_bytes, world->census.objects,
               world->census.bytes);
  }
  world->exact_checks++;
}

/* After two full collections nothing is in use but the reachable objects, what rounding to OS pages
 * adds to large ones, and a buffer per thread. */
static inline void model_check_used(struct model_thread *thread) {
  struct model_world *world = thread->world;
  if (!world->reclaims_all) {
    return;
  }
  const struct model_census *census = &world->census;
  struct gc_memory_usage usage;
  gc_memory_usage(world->heap, &usage);
  uint64_t slack =
      census->large_objects * 4096 + (world->settings.thread_count + 1) * GC_LARGE_BYTES;
  if (usage.heap_used_bytes < census->bytes || usage.heap_used_bytes > census->bytes + slack) {
    model_fail(thread,
               "after two full collections %" PRIu64 " bytes are in use; reachable are %" PRIu64
               " and the most that buffers and rounding explain is %" PRIu64 " more",
               usage.heap_used_bytes, census->bytes, slack);
  }
  if (usage.heap_total_bytes < usage.heap_used_bytes ||
      usage.heap_total_bytes > usage.heap_limit_bytes) {
    model_fail(thread, "memory usage says %" PRIu64 " used of %" PRIu64 " committed of %" PRIu64,
               usage.heap_used_bytes, usage.heap_total_bytes, usage.heap_limit_bytes);
  }
}

/* --- cutting the graph down --------------------------------------------------------------------*/

static inline void model_drop_roots(struct model_thread *thread, struct model_thread *of,
                                    unsigned percent) {
  for (size_t place = 0; place < of->handle_count; place++) {
    if (model_chance(thread, percent)) {
      model_handle_put(of, place, model_nothing());
    }
  }
  for (size_t place = 0; place < MODEL_ROOTS; place++) {
    struct model_root *root = &of->roots[place];
    if (root->root != NULL && model_chance(thread, percent)) {
      gc_root_set(thread->mutator, root->root, gc_null());
      root->node = NULL;
    }
  }
}

static inline void model_cut_slots(struct model_thread *thread, const struct model_walk *walk,
                                   unsigned percent) {
  for (size_t place = 0; place < walk->count; place++) {
    struct model_pick here = walk->found[place];
    if (here.node == thread->world->cell_nodes[0] || here.node == thread->world->cell_nodes[1]) {
      continue;
    }
    for (size_t index = 0; index < here.node->slot_count; index++) {
      if (here.node->slots[index] != NULL && model_chance(thread, percent)) {
        model_write(thread, here, index, model_nothing());
      }
    }
  }
}

/* Cuts references at random until what is left fits the target: survivors lie scattered. */
static inline void model_cut_down(struct model_thread *thread) {
  struct model_world *world = thread->world;
  for (unsigned attempt = 0; world->census.bytes > world->target_bytes; attempt++) {
    unsigned percent = attempt < 3 ? 20 : attempt < 6 ? 50 : 100;
    struct model_walk walk = model_walk_all(thread);
    model_cut_slots(thread, &walk, percent / 2);
    free(walk.found);
    for (unsigned index = 0; index < world->settings.thread_count; index++) {
      model_drop_roots(thread, &world->threads[index], percent);
    }
    if (percent == 100) {
      model_cells_clear(thread);
    }
    model_check_all(thread);
    if (percent == 100) {
      break;
    }
  }
}

/* --- one rendezvous ----------------------------------------------------------------------------*/

static inline void model_choose_target(struct model_thread *thread) {
  struct model_world *world = thread->world;
  static const unsigned percents[] = {4, 10, 20, 30, 40};
  size_t choice = model_below(thread, sizeof percents / sizeof *percents);
  world->target_bytes = world->settings.heap.heap_bytes / 100 * percents[choice];
  size_t left =
      world->target_bytes > world->census.bytes ? world->target_bytes - world->census.bytes : 0;
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    world->threads[index].allowance_bytes = left / world->settings.thread_count;
    world->threads[index].exhausted = false;
  }
}

static inline void model_inspect(struct model_thread *thread) {
  model_cells_settle(thread);
  uint64_t choice = model_below(thread, 100);
  unsigned full_count = choice < 10 ? 2 : choice < 30 ? 1 : 0;
  for (unsigned done = 0; done < full_count; done++) {
    gc_collect(thread->mutator, GC_COLLECTION_FULL);
  }
  if (choice >= 60) {
    gc_collect(thread->mutator, GC_COLLECTION_MINOR);
  }
  model_check_all(thread);
  if (full_count > 0) {
    model_check_marked(thread);
  }
  if (full_count == 2) {
    model_check_used(thread);
  }
  model_buffers_check(thread, full_count > 0);
  model_weak_check_all(thread, full_count > 0);
  model_finals_check(thread, full_count > 0);
  model_nodes_sweep(thread->world);
  model_cut_down(thread);
  model_choose_target(thread);
  if (model_chance(thread, 30)) {
    model_cells_renew(thread, model_below(thread, 2));
  }
  thread->world->rendezvous++;
}

/* The last one: everything is dropped, and two full collections must find nothing. */
static inline void model_inspect_end(struct model_thread *thread) {
  struct model_world *world = thread->world;
  model_cells_settle(thread);
  model_check_all(thread);
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    struct model_thread *other = &world->threads[index];
    model_drop_roots(thread, other, 100);
    model_weak_destroy_all(thread, other);
    model_buffers_destroy_all(thread, other);
    for (size_t place = 0; place < MODEL_ROOTS; place++) {
      if (other->roots[place].root != NULL) {
        gc_root_destroy(thread->mutator, other->roots[place].root);
        other->roots[place].root = NULL;
      }
    }
  }
  for (size_t which = 0; which < 2; which++) {
    gc_root_destroy(thread->mutator, world->cell_roots[which]);
    world->cell_roots[which] = NULL;
  }
  gc_collect(thread->mutator, GC_COLLECTION_FULL);
  gc_collect(thread->mutator, GC_COLLECTION_FULL);
  model_check_all(thread);
  model_check_marked(thread);
  model_check_used(thread);
  model_buffers_check(thread, true);
  model_finals_check(thread, true);
}

#endif
