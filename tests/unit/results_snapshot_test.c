/* Heap snapshots of images: the rules of their loaders, which broken ones break; numbers, names and
 * sizes as in the image; read back by the project's own reader; whole or not there.
 *
 * Presets: release asan ubsan
 * Barrier: v8_page_flags
 */
#include "weak_fixture.h"

#include "results/snapshot_file.h"
#include "snapshot_rules.h"
#include "workloads/heap_snapshot.h"
#include <errno.h>
#include <gc/finalizer.h>
#include <gc/image.h>
#include <stdio.h>
#include <unistd.h>

static const char path[] = "written.heapsnapshot";

static char *read_text(const char *name) {
  FILE *file = fopen(name, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *text = calloc(size + 1, 1);
  assert_int_equal(fread(text, 1, size, file), size);
  fclose(file);
  return text;
}

static void write_snapshot(const char *name, const struct gc_image *image) {
  char error[512] = "";
  if (results_snapshot_write(name, image, NULL, NULL, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
}

static void do_nothing(struct gc_mutator *mutator, void *token) {
  (void)mutator;
  (void)token;
}

/* Some of everything. */
static struct gc_image make_image(struct world *world) {
  struct gc_image image;
  struct gc_handle list = hold(world, fixture_list(world->mutator, 50, 8));
  struct gc_handle buffer = hold(world, gc_buffer_allocate(world->mutator, 70000));
  struct gc_handle value = hold_object(world, 1);
  struct gc_ref named =
      gc_allocate(world->mutator, 2, 8, gc_type_define(world->heap, "a \"name\"\n\\ \xe2\x82\xac"));
  struct gc_root *root = gc_root_create(world->mutator, named);
  (void)hold_cell(world, list);
  (void)hold_ephemeron(world, list, value);
  drop(world, value);
  assert_true(gc_external_declare(world->mutator, 999));
  assert_non_null(gc_finalizer_register(world->mutator, buffer, do_nothing, NULL));
  assert_int_equal(gc_image_capture(world->mutator, GC_IMAGE_STABLE_IDS, &image), 0);
  gc_root_destroy(world->mutator, root);
  return image;
}

static void rules_are_kept(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 3);
  struct gc_image image = make_image(&world);
  write_snapshot(path, &image);
  char *text = read_text(path);
  const char *broken = snapshot_rules_broken(text);
  if (broken) {
    fail_msg("broken: %s", broken);
  }
  assert_non_null(strstr(text, "\"a \\\"name\\\"\\n\\\\ \xe2\x82\xac\""));
  assert_non_null(strstr(text, "\"(handles of mutator 0)\""));
  assert_int_not_equal(access("written.heapsnapshot.tmp", F_OK), 0);
  free(text);
  gc_image_free(&image);
  close_world(&world);
}

/* The small graph that breaks one rule at a time: 0 is the root, 1 the roots, 2 a cache, 3 a store. */
static const char sound[] =
    "{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\","
    "\"edge_count\",\"detachedness\"],\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\","
    "\"code\",\"closure\",\"regexp\",\"number\",\"native\",\"synthetic\"],\"string\"],"
    "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[[\"context\","
    "\"element\",\"property\",\"internal\",\"hidden\",\"shortcut\",\"weak\"],\"node\"]},"
    "\"node_count\":4,\"edge_count\":3},\"nodes\":[9,1,1,0,1,0, 9,2,3,0,1,0, 3,3,5,64,1,0, "
    "8,4,8,65536,0,0],\"edges\":[1,1,6, 1,7,12, 3,4,18],\"trace_function_infos\":[],"
    "\"trace_tree\":[],\"samples\":[],\"locations\":[],"
    "\"strings\":[\"<dummy>\",\"\",\"(GC roots)\",\"Cache\",\"store\"]}";

static const struct {
  const char *from, *to, *broken;
} breaks[] = {
    {"\"strings\":[", "\"strings\":", "JSON"},
    {"\"nodes\":[9,1,1,0,1,0, 9,2,3,0,1,0, 3,3,5,64,1,0, 8,4,8,65536,0,0],\"edges\":["
     "1,1,6, 1,7,12, 3,4,18]",
     "\"edges\":[1,1,6, 1,7,12, 3,4,18],\"nodes\":[9,1,1,0,1,0, 9,2,3,0,1,0, 3,3,5,64,1,0, "
     "8,4,8,65536,0,0]",
     "order of keys"},
    {"\"samples\":[],", "", "order of keys"},
    {"\"self_size\",", "", "node fields"},
    {"\"to_node\"", "\"node\"", "edge fields"},
    {"\"node_count\":4", "\"node_count\":5", "node count"},
    {"65536,0,0]", "65536,0]", "node count"},
    {"\"edge_count\":3", "\"edge_count\":2", "edge count"},
    {"3,3,5,64", "3,3,5,-64", "whole numbers of 32 bits"},
    {"3,3,5,64", "3,3,5,6.4", "whole numbers of 32 bits"},
    {"65536", "4294967296", "whole numbers of 32 bits"},
    {"\"<dummy>\"", "\"\"", "the first string"},
    {"[9,1,1", "[3,1,1", "the first node is a synthetic root"},
    {"3,3,5,64", "10,3,5,64", "a node's type"},
    {"3,3,5,64", "3,5,5,64", "a node's name is no string"},
    {"3,3,5,64", "3,3,6,64", "ids are odd, but those of natives even"},
    {"8,4,8,", "8,4,9,", "ids are odd, but those of natives even"},
    {"3,3,5,64", "3,3,3,64", "ids are unique"},
    {"3,3,5,64,1,0", "3,3,5,64,1,1", "detachedness"},
    {"3,3,5,64,1", "3,3,5,64,2", "edge counts of nodes add up"},
    {"3,4,18]", "7,4,18]", "an edge's type"},
    {"3,4,18]", "3,5,18]", "an edge's name is no string"},
    {"3,4,18]", "3,4,17]", "an edge leads into the middle of a node"},
    {"3,4,18]", "3,4,24]", "an edge leads nowhere"},
    {"3,4,18]", "6,4,18]", "every node is reachable"},
};

static void broken_snapshots_are_told(void **state) {
  (void)state;
  assert_null(snapshot_rules_broken(sound));
  for (size_t index = 0; index < sizeof breaks / sizeof *breaks; index++) {
    char text[2 * sizeof sound];
    const char *place = strstr(sound, breaks[index].from);
    assert_non_null(place);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(place - sound), sound, breaks[index].to,
             place + strlen(breaks[index].from));
    const char *broken = snapshot_rules_broken(text);
    if (!broken || strcmp(broken, breaks[index].broken) != 0) {
      fail_msg("'%s' in place of '%s' breaks '%s', not '%s'", breaks[index].to, breaks[index].from,
               broken ? broken : "nothing", breaks[index].broken);
    }
  }
}

/* Nodes of the file are one further than the image's. */
static void check_read_back(const char *name, const struct gc_image *image) {
  struct heap_snapshot snapshot;
  char error[512] = "";
  if (heap_snapshot_read(name, &snapshot, error, sizeof error) != 0) {
    fail_msg("%s", error);
  }
  struct results_snapshot_counts counts = results_snapshot_count(image);
  assert_int_equal(snapshot.node_count, counts.nodes);
  assert_int_equal(snapshot.edge_count, counts.edges);
  assert_int_equal(snapshot.node_count, image->node_count + 1);
  uint32_t shift = snapshot.first_edge[1];
  for (uint32_t node = 0; node < image->node_count; node++) {
    static const uint8_t types[] = {RULES_SYNTHETIC, RULES_OBJECT, RULES_NATIVE};
    assert_int_equal(snapshot.self_size_bytes[node + 1], image->node_bytes[node]);
    assert_int_equal(snapshot.node_id[node + 1], image->ids[node]);
    assert_int_equal(snapshot.node_type[node + 1], types[image->node_kinds[node]]);
    assert_int_equal(snapshot.first_edge[node + 1], image->first_edges[node] + shift);
  }
  for (uint32_t edge = 0; edge < image->edge_count; edge++) {
    assert_int_equal(snapshot.edge_to[edge + shift], image->edge_targets[edge] + 1);
    assert_int_equal(heap_snapshot_edge_is_weak(&snapshot, edge + shift),
                     gc_image_is_weak(image, edge));
  }
  heap_snapshot_free(&snapshot);
}

static double progress_last;

static void note_progress(void *context, double done_ratio) {
  assert_ptr_equal(context, &progress_last);
  assert_true(done_ratio > progress_last && done_ratio <= 1);
  progress_last = done_ratio;
}

static void read_back(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 32, 0);
  char error[512] = "";
  (void)hold(&world, fixture_list(world.mutator, 100000, 8)); /* more than a buffer of output */
  struct gc_image image = make_image(&world);
  write_snapshot(path, &image);
  check_read_back(path, &image);
  assert_int_equal(results_snapshot_write("written.heapsnapshot.zst", &image, note_progress,
                                          &progress_last, error, sizeof error),
                   0);
  assert_true(progress_last > 0.6);
  check_read_back("written.heapsnapshot.zst", &image);
  gc_image_free(&image);
  close_world(&world);
}

/* A size of more than 32 bits is cut, and what is cut is counted. */
static void huge_store(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 0);
  struct gc_image image = make_image(&world);
  for (uint32_t node = 0; node < image.node_count; node++) {
    if (image.node_bytes[node] == 70000) {
      image.node_bytes[node] = (UINT64_C(1) << 33) + 5;
    }
  }
  write_snapshot(path, &image);
  char *text = read_text(path);
  assert_null(snapshot_rules_broken(text));
  assert_non_null(strstr(text, ",4294967295,"));
  assert_non_null(strstr(text, "\"extra_native_bytes\":4294967302}"));
  free(text);
  gc_image_free(&image);
  close_world(&world);
}

static void full_disk(void **state) {
  (void)state;
  struct world world = open_world("stw", "v8_page_flags", 16, 0);
  char error[512] = "";
  struct gc_image image = make_image(&world);
  assert_int_equal(
      results_snapshot_write("no/such/folder", &image, NULL, NULL, error, sizeof error), -ENOENT);
  assert_string_equal(error, "no/such/folder cannot be written: No such file or directory");
  assert_int_equal(symlink("/dev/full", "full.heapsnapshot.tmp"), 0);
  assert_int_equal(
      results_snapshot_write("full.heapsnapshot", &image, NULL, NULL, error, sizeof error),
      -ENOSPC);
  assert_string_equal(error, "full.heapsnapshot cannot be written: No space left on device");
  assert_int_not_equal(access("full.heapsnapshot", F_OK), 0);
  assert_int_not_equal(access("full.heapsnapshot.tmp", F_OK), 0);
  gc_image_free(&image);
  close_world(&world);
}

int main(void) {
  char directory[256];
  const char *parent = getenv("TMPDIR");
  snprintf(directory, sizeof directory, "%s/tricolor-snapshot-XXXXXX", parent ? parent : P_tmpdir);
  if (!mkdtemp(directory) || chdir(directory) != 0) {
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rules_are_kept), cmocka_unit_test(broken_snapshots_are_told),
      cmocka_unit_test(read_back),      cmocka_unit_test(huge_store),
      cmocka_unit_test(full_disk),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  remove(path);
  remove("written.heapsnapshot.zst");
  if (chdir("/") == 0) {
    rmdir(directory);
  }
  return failed;
}
