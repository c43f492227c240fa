/* Marking of real programs' graphs as cases: the ideal kernel and ours on the same objects.
 *
 * One graph and its heaps serve all cases of a snapshot; they are made when the first of them runs.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"
#include "harness/microbench/real_graph.h"

#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 2 };

struct fixture {
  const char *file;
  struct real_graph shape;
  struct ideal_graph ideal;
  struct ideal_marker markers[THREADS_MAX];
  struct our_heap ours[THREADS_MAX];
  char error[512]; /* why something could not be opened; empty: no attempt failed */
};

struct run {
  struct fixture *fixture;
  unsigned thread_count;
};

static struct fixture express = {.file = TRICOLOR_SOURCE_DIR
                                 "/workloads/data/express-sessions.heapsnapshot.zst"};
static struct fixture bare = {.file =
                                  TRICOLOR_SOURCE_DIR "/workloads/data/node-bare.heapsnapshot.zst"};

static void prepare(const struct bench_sizes *sizes) {
  (void)sizes;
}

static void close_fixture(struct fixture *fixture) {
  for (unsigned index = 0; index < THREADS_MAX; index++) {
    ideal_marker_close(&fixture->markers[index]);
    our_heap_close(&fixture->ours[index]);
  }
  ideal_graph_close(&fixture->ideal);
  real_graph_close(&fixture->shape);
}

static void close_suite(void) {
  close_fixture(&express);
  close_fixture(&bare);
}

static bool open_shape(struct fixture *fixture) {
  return fixture->shape.nodes != NULL ||
         (fixture->error[0] == '\0' && real_graph_open(&fixture->shape, fixture->file,
                                                       fixture->error, sizeof fixture->error) == 0);
}

/* --- ideal ---------------------------------------------------------------------------------------*/

static void lay_out(struct ideal_graph *ideal, const struct real_graph *shape, size_t *offsets) {
  unsigned char *base = ideal->memory.base;
  for (size_t node = 0, offset = 0; node < shape->node_count; node++) {
    offsets[node] = offset;
    offset += gc_object_bytes_for(shape->nodes[node].slot_count, shape->nodes[node].raw_bytes);
  }
  for (size_t node = 0; node < shape->node_count; node++) {
    const struct real_node *real = &shape->nodes[node];
    struct ideal_node *object = (struct ideal_node *)(void *)(base + offsets[node]);
    object->header =
        gc_header_make(gc_object_bytes_for(real->slot_count, real->raw_bytes), real->slot_count, 0);
    for (size_t slot = 0; slot < real->slot_count; slot++) {
      object->slots[slot] =
          (struct ideal_node *)(void *)(base + offsets[shape->slots[real->first_slot + slot]]);
    }
  }
  ideal->nodes = (struct ideal_node *)(void *)base;
  ideal->root = (struct ideal_node *)(void *)(base + offsets[shape->root]);
}

static bool open_ideal(struct fixture *fixture) {
  const struct real_graph *shape = &fixture->shape;
  struct ideal_graph *ideal = &fixture->ideal;
  if (ideal->nodes != NULL) {
    return true;
  }
  size_t *offsets = malloc(shape->node_count * sizeof *offsets);
  bool is_open = offsets != NULL &&
                 ideal_memory_open(&ideal->memory, shape->object_bytes, IDEAL_TOUCH_NOW) == 0;
  if (is_open) {
    ideal->node_count = shape->node_count;
    ideal->slot_count = shape->slot_count;
    lay_out(ideal, shape, offsets);
  }
  free(offsets);
  return is_open;
}

static void run_ideal(void *argument, struct bench_pass *result) {
  const struct run *parameters = argument;
  struct fixture *fixture = parameters->fixture;
  struct ideal_marker *marker = &fixture->markers[parameters->thread_count - 1];
  if (!open_shape(fixture) || !open_ideal(fixture) ||
      (marker->graph == NULL &&
       ideal_marker_open(marker, &fixture->ideal, parameters->thread_count) < 0)) {
    result->failure = fixture->error[0] != '\0' ? fixture->error : "not enough memory";
    return;
  }
  ideal_mark_reset(marker);
  struct ideal_pass pass = ideal_mark(marker, IDEAL_MARK_PREFETCH_FIFO);
  result->elapsed_ns = pass.elapsed_ns;
  result->items = pass.objects;
  result->bytes = fixture->shape.object_bytes;
  if (pass.elapsed_ns == 0 || pass.objects != fixture->shape.node_count ||
      !ideal_mark_check(marker)) {
    result->failure = "the kernel did not mark what it should have";
  }
}

/* --- ours ----------------------------------------------------------------------------------------*/

/* All objects, in their order, in a directory that hangs from the root. */
static bool fill(struct our_heap *ours, const struct real_graph *shape) {
  gc_handle_set(ours->mutator, ours->root, gc_allocate(ours->mutator, shape->node_count, 0, 0));
  for (size_t node = 0; node < shape->node_count; node++) {
    struct gc_ref object =
        gc_allocate(ours->mutator, shape->nodes[node].slot_count, shape->nodes[node].raw_bytes, 0);
    if (gc_is_null(object) || gc_is_null(gc_handle_get(ours->root))) {
      return false;
    }
    gc_write_field(ours->mutator, gc_handle_get(ours->root), node, object);
  }
  return true;
}

/* No safepoint. The directory is garbage afterwards. */
static void link(struct our_heap *ours, const struct real_graph *shape) {
  struct gc_ref directory = gc_handle_get(ours->root);
  for (size_t node = 0; node < shape->node_count; node++) {
    const struct real_node *real = &shape->nodes[node];
    struct gc_ref object = gc_read_field(ours->mutator, directory, node);
    for (size_t slot = 0; slot < real->slot_count; slot++) {
      uint32_t target = shape->slots[real->first_slot + slot];
      gc_write_field(ours->mutator, object, slot, gc_read_field(ours->mutator, directory, target));
    }
  }
  gc_handle_set(ours->mutator, ours->root, gc_read_field(ours->mutator, directory, shape->root));
}

static bool open_ours(struct fixture *fixture, unsigned thread_count) {
  struct our_heap *ours = &fixture->ours[thread_count - 1];
  const struct real_graph *shape = &fixture->shape;
  struct our_heap_shape heap = {.heap_bytes = 2 * (shape->object_bytes + 8 * shape->node_count) +
                                              ((size_t)64 << 20),
                                .thread_count = thread_count};
  if (ours->heap != NULL) {
    return true;
  }
  if (fixture->error[0] != '\0' ||
      !our_heap_open(ours, &heap, fixture->error, sizeof fixture->error)) {
    return false;
  }
  if (!fill(ours, shape)) {
    snprintf(fixture->error, sizeof fixture->error, "not enough memory");
    return false;
  }
  gc_collect(ours->mutator, GC_COLLECTION_FULL); /* nothing is young when it is linked */
  link(ours, shape);
  gc_collect(ours->mutator, GC_COLLECTION_FULL);
  return true;
}

static void run(void *argument, struct bench_pass *result) {
  const struct run *parameters = argument;
  struct fixture *fixture = parameters->fixture;
  if (!open_shape(fixture) || !open_ours(fixture, parameters->thread_count)) {
    result->failure = fixture->error;
    return;
  }
  const struct our_heap *ours = &fixture->ours[parameters->thread_count - 1];
  gc_collect(ours->mutator, GC_COLLECTION_FULL);
  struct gc_statistics statistics = our_heap_statistics(ours);
  result->elapsed_ns = statistics.last_mark_ns;
  result->items = statistics.last_marked_objects;
  result->bytes = fixture->shape.object_bytes;
  if (result->items != fixture->shape.node_count || result->elapsed_ns == 0) {
    result->failure = "the collection did not mark what is reachable";
  }
}

static struct run runs[] = {{&express, 1}, {&express, 2}, {&bare, 1}, {&bare, 2}};

static const struct bench_case cases[] = {
    {"mark/express_server", "prefetch_fifo", BENCH_IDEAL, 1, run_ideal, &runs[0], NULL},
    {"mark/express_server", "stw", BENCH_OURS, 1, run, &runs[0], NULL},
    {"mark/express_server", "prefetch_fifo", BENCH_IDEAL, 2, run_ideal, &runs[1], NULL},
    {"mark/express_server", "stw", BENCH_OURS, 2, run, &runs[1], NULL},
    {"mark/bare_node", "prefetch_fifo", BENCH_IDEAL, 1, run_ideal, &runs[2], NULL},
    {"mark/bare_node", "stw", BENCH_OURS, 1, run, &runs[2], NULL},
    {"mark/bare_node", "prefetch_fifo", BENCH_IDEAL, 2, run_ideal, &runs[3], NULL},
    {"mark/bare_node", "stw", BENCH_OURS, 2, run, &runs[3], NULL},
};

const struct bench_suite bench_real_graph_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
