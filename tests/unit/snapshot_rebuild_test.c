/* A workload's snapshot is rebuilt by heap_graph as it is: the same nodes, sizes and references, in
 * the heap and in the snapshot of that heap; and what was rebuilt is rebuilt again.
 */
#include "workload_fixture.h"

#include "harness/settings.h"
#include "harness/workload_choice.h"
#include "harness/workload_registry.h"
#include "results/snapshot_file.h"
#include "workloads/heap_graph_ops.c"
#include <gc/image.h>
#include <unistd.h>

extern const struct workload workload_heap_graph;

static const char first_path[] = "first.heapsnapshot", second_path[] = "second.heapsnapshot.zst";

/* --- a workload's snapshot ---------------------------------------------------------------------*/

static void capture_once(void *context, struct workload_run *run, uint64_t done, uint64_t total) {
  struct gc_image *image = context;
  (void)done, (void)total;
  if (image->node_count == 0) {
    assert_int_equal(gc_image_capture(run->mutator, GC_IMAGE_STABLE_IDS, image), 0);
  }
}

static struct gc_image image_of_workload(const char *name, const struct results_settings *given) {
  struct gc_image image = {0};
  struct workload_choice choice;
  struct gc_heap *heap;
  char error[512] = "";
  struct gc_options options = gc_options_default();
  options.barrier = GC_BARRIER_NAME;
  options.heap_bytes = 32u << 20;
  options.pretouch = false;
  assert_int_equal(workload_choice_init(&choice, workload_find(name), given, true, 1), 0);
  assert_int_equal(gc_heap_open(&options, &heap, error, sizeof error), 0);
  const struct workload_ops *ops = workload_find_ops(name, GC_BARRIER_NAME);
  struct workload_run run = {
      .input = &choice.input,
      .mutator = ops->attach(heap, error, sizeof error),
      .seed = 1,
      .requests = {.is_declined = true},
      .checkpoints = {.is_wanted = true, .count = 2, .take = capture_once, .context = &image}};
  assert_non_null(run.mutator);
  assert_int_equal(ops->run(&run), WORKLOAD_DONE);
  gc_detach(run.mutator);
  gc_heap_close(heap);
  workload_choice_finish(&choice);
  assert_true(image.node_count > 0);
  return image;
}

static void write_snapshot(const char *path, const struct gc_image *image) {
  char error[512] = "";
  if (results_snapshot_write(path, image, NULL, NULL, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
}

/* --- the heap that was rebuilt -----------------------------------------------------------------*/

/* Of each node of the snapshot the object in the image that stands for it. */
struct match {
  const struct heap_snapshot *snapshot;
  const struct gc_image *image;
  uint32_t *object_of, *node_of; /* UINT32_MAX: not met yet */
  uint32_t *queue;
  uint32_t met;
};

static void meet(struct match *match, uint32_t node, uint32_t object) {
  if (match->object_of[node] == UINT32_MAX) {
    assert_int_equal(match->node_of[object], UINT32_MAX);
    assert_int_equal(match->image->node_kinds[object], GC_IMAGE_OBJECT);
    assert_int_equal(match->image->node_bytes[object],
                     heap_graph_object_bytes(match->snapshot, node));
    match->object_of[node] = object;
    match->node_of[object] = node;
    match->queue[match->met++] = node;
  }
  assert_int_equal(match->object_of[node], object);
}

static void follow(struct match *match, uint32_t node) {
  const struct gc_image *image = match->image;
  uint32_t object = match->object_of[node], first = image->first_edges[object];
  uint32_t edges = heap_snapshot_edges_of(match->snapshot, node);
  assert_int_equal(image->first_edges[object + 1] - first, edges);
  for (uint32_t edge = 0; edge < edges; edge++) {
    assert_int_equal(image->edge_kinds[first + edge], GC_IMAGE_SLOT);
    assert_int_equal(image->edge_names[first + edge], edge);
    meet(match, match->snapshot->edge_to[match->snapshot->first_edge[node] + edge],
         image->edge_targets[first + edge]);
  }
}

/* The object that a handle of the only mutator holds. */
static uint32_t held_object(const struct gc_image *image) {
  for (uint32_t edge = 0; edge < image->edge_count; edge++) {
    if (image->edge_kinds[edge] == GC_IMAGE_ROOT &&
        image->node_kinds[image->edge_targets[edge]] == GC_IMAGE_OBJECT) {
      return image->edge_targets[edge];
    }
  }
  fail_msg("nothing is held");
  return 0;
}

static void check_same(const struct heap_graph *graph, const struct gc_image *image) {
  const struct heap_snapshot *snapshot = &graph->snapshot;
  uint32_t *places =
      malloc(((size_t)2 * snapshot->node_count + image->node_count) * sizeof *places);
  struct match match = {.snapshot = snapshot,
                        .image = image,
                        .object_of = places,
                        .queue = places + snapshot->node_count,
                        .node_of = places + 2 * (size_t)snapshot->node_count};
  assert_non_null(places);
  memset(places, 0xff, ((size_t)2 * snapshot->node_count + image->node_count) * sizeof *places);
  uint32_t roots = held_object(image);
  for (uint32_t root = 0; root < graph->plan.root_count; root++) {
    meet(&match, graph->plan.order[root], image->edge_targets[image->first_edges[roots] + root]);
  }
  for (uint32_t done = 0; done < match.met; done++) {
    follow(&match, match.queue[done]);
  }
  assert_int_equal(match.met, snapshot->node_count);
  uint32_t objects = 0;
  for (uint32_t node = 0; node < image->node_count; node++) {
    objects += image->node_kinds[node] == GC_IMAGE_OBJECT;
  }
  assert_int_equal(objects, snapshot->node_count + 1); /* and the array of roots */
  free(places);
}

/* Rebuilds the snapshot in a heap of its own, and answers the image of that. */
static struct gc_image rebuild(const char *path) {
  struct workload_fixture fixture;
  struct gc_image image;
  char error[512] = "";
  fixture_open(&fixture, &workload_heap_graph, (uint64_t[]){0, 1, 0});
  fixture.input.texts[HEAP_GRAPH_FILE] = path;
  if (workload_heap_graph.prepare(&fixture.input, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
  const struct heap_graph *graph = fixture.input.data;
  struct gc_mutator *mutator = fixture.run.mutator;
  struct graph_run graph_run = {
      .run = &fixture.run, .mutator = mutator, .graph = graph, .copies = 1};
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  graph_run.roots = gc_handle_push(mutator, gc_allocate(mutator, graph->plan.root_count, 0, 0));
  assert_true(remember_targets(&graph_run));
  assert_int_equal(build_all(&graph_run), WORKLOAD_DONE);
  assert_int_equal(gc_image_capture(mutator, GC_IMAGE_PASSING_IDS, &image), 0);
  check_same(graph, &image);
  gc_handles_leave(mutator, frame);
  free(graph_run.rewired);
  workload_heap_graph.finish(&fixture.input);
  fixture_close(&fixture);
  return image;
}

static void check_rebuilt(const char *name, const struct results_settings *given) {
  struct heap_snapshot first, second;
  char error[512] = "";
  struct gc_image image = image_of_workload(name, given);
  write_snapshot(first_path, &image);
  struct gc_image rebuilt = rebuild(first_path);
  write_snapshot(second_path, &rebuilt);
  struct gc_image again = rebuild(second_path);
  assert_int_equal(heap_snapshot_read(first_path, &first, error, sizeof error), 0);
  assert_int_equal(heap_snapshot_read(second_path, &second, error, sizeof error), 0);
  /* The array of roots; the root, its group, those of global roots, finalizers and handles. */
  assert_int_equal(first.node_count, results_snapshot_count(&image).nodes);
  assert_int_equal(second.node_count, first.node_count + 1 + 5);
  assert_int_equal(again.node_count, second.node_count + 1 + 4);
  heap_snapshot_free(&first);
  heap_snapshot_free(&second);
  gc_image_free(&image);
  gc_image_free(&rebuilt);
  gc_image_free(&again);
}

static void cache_is_rebuilt(void **state) {
  (void)state;
  struct results_settings given = {0};
  settings_add(&given, "pair", "cache");
  settings_add(&given, "operations", "3000");
  settings_add(&given, "requests", "300");
  check_rebuilt("leak", &given);
  settings_finish(&given);
}

/* Ephemerons, whose values have two edges each, and weak edges. */
static void weak_map_is_rebuilt(void **state) {
  (void)state;
  struct results_settings given = {0};
  settings_add(&given, "pair", "weak-map");
  settings_add(&given, "variant", "fixed");
  settings_add(&given, "operations", "2000");
  settings_add(&given, "requests", "300");
  check_rebuilt("leak", &given);
  settings_finish(&given);
}

int main(void) {
  char directory[256];
  const char *parent = getenv("TMPDIR");
  snprintf(directory, sizeof directory, "%s/tricolor-rebuild-XXXXXX", parent ? parent : P_tmpdir);
  if (!mkdtemp(directory) || chdir(directory) != 0) {
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cache_is_rebuilt),
      cmocka_unit_test(weak_map_is_rebuilt),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  remove(first_path);
  remove(second_path);
  if (chdir("/") == 0) {
    rmdir(directory);
  }
  return failed;
}
