/* Mutators that hide an object from a marker, in every order of their steps: for each shading half,
 * on the real heap and marker.
 *
 * A scene is marked while one or two mutators, whose stores are taken apart into what comes before
 * the store, the store, and what comes after it, do what loses an object where a barrier is wrong.
 * Between any two steps the marker may run, until it is dry; at safepoints a handshake may take
 * what barriers have queued. All such schedules are run, one after the other, on one thread; then
 * marking is finished and everything reachable must have survived. What one thread cannot show,
 * stores that wait in a store buffer, is in barriers/models/.
 *
 * Under a sanitizer, which looks for other errors, the marker is run until it is dry or not at all,
 * and the list is as short as that allows.
 *
 * The scene: handles hold src, which refers to y, and the head of a list at whose end is g; only g
 * refers to x. A first, short run of the marker scans src and does not come as far as g.
 *
 * Labels: slow
 * Presets: release debug asan
 * Timeout: 180
 */
#include "heap_fixture.h"

#include "collectors/cycle.h"
#include "heap/trace.h"
#include <gc/barriers/shade_hybrid.h>
#include <gc/barriers/shade_insertion.h>
#include <gc/barriers/shade_retreat.h>
#include <gc/barriers/shade_snapshot.h>
#include <stdio.h>

struct half {
  const char *barrier;
  void (*before)(struct gc_mutator *, struct gc_ref, struct gc_slot, struct gc_ref);
  void (*after)(struct gc_mutator *, struct gc_ref, struct gc_slot, struct gc_ref);
  void (*object_begin)(struct gc_mutator *, struct gc_ref);
  void (*object_end)(struct gc_mutator *, struct gc_ref);
};

#define HALF(half)                                                                                 \
  {                                                                                                \
    "card_" #half, gc_shade_##half##_before, gc_shade_##half##_after,                              \
        gc_shade_##half##_object_begin, gc_shade_##half##_object_end                               \
  }

static const struct half halves[] = {HALF(insertion), HALF(retreat), HALF(snapshot), HALF(hybrid)};
#define HALVES (sizeof halves / sizeof halves[0])

/* --- all schedules, one after the other --------------------------------------------------------*/

#define CHOICES_MAX 64

struct schedule {
  uint8_t taken[CHOICES_MAX], offered[CHOICES_MAX];
  size_t length; /* choices that are fixed for this run; those after them are 0 */
  size_t used;   /* of this run */
};

/* 0 to count - 1. */
static unsigned choose(struct schedule *schedule, unsigned count) {
  assert_true(schedule->used < CHOICES_MAX);
  if (schedule->used == schedule->length) {
    schedule->taken[schedule->length++] = 0;
  }
  schedule->offered[schedule->used] = (uint8_t)count;
  return schedule->taken[schedule->used++];
}

/* False when all have been run. */
static bool advance(struct schedule *schedule) {
  while (schedule->length > 0 &&
         schedule->taken[schedule->length - 1] + 1 == schedule->offered[schedule->length - 1]) {
    schedule->length--;
  }
  schedule->used = 0;
  if (schedule->length == 0) {
    return false;
  }
  schedule->taken[schedule->length - 1]++;
  return true;
}

/* --- the scene ---------------------------------------------------------------------------------*/

/* How far the marker may come: not at all, until it is dry, or a short way. The list is longer than
 * what it scans in two short runs, where there are any. */
#ifdef GC_SANITIZE
enum { MARKER_RUNS = 2, LIST_LENGTH = 20 };
#else
enum { MARKER_RUNS = 3, LIST_LENGTH = 600 };
#endif

enum { MUTATORS = 2 };

struct scene {
  const struct half *half;
  const char *program;
  struct schedule schedule;
  struct gc_heap *heap;
  struct gc_cycle *cycle;
  struct gc_mutator *mutators[MUTATORS]; /* of this one thread; the second counts as blocked */
  struct gc_handle src_handle, held;     /* held: what the program keeps */
  struct gc_ref src, g, x, y;            /* old: they stay where they are */
};

static void open_scene(struct scene *scene, uint64_t mark_stack_bytes) {
  char error[256] = "";
  char collector[64];
  struct gc_options options = fixture_options(16);
  snprintf(collector, sizeof collector, "mark=incremental,sweep=eager,barrier=%s",
           scene->half->barrier);
  options.collector = collector;
  options.barrier = scene->half->barrier;
  options.verify_level = 0;
  options.gc_threads = 1;
  options.mark_stack_bytes = mark_stack_bytes;
  options.pause_target_ns = UINT64_C(1000) * 1000000000; /* nobody takes a step but this test */
  scene->heap = fixture_open(&options);
  scene->cycle = gc_cycle_of(scene->heap);
  for (size_t index = MUTATORS; index-- > 0;) {
    scene->mutators[index] =
        gc_attach_compiled(scene->heap, scene->half->barrier, error, sizeof error);
    assert_non_null(scene->mutators[index]);
    if (index > 0) {
      gc_blocking_begin(scene->mutators[index]);
    }
  }
  struct gc_mutator *mutator = scene->mutators[0];
  struct gc_handle list = gc_handle_push(mutator, gc_allocate(mutator, 1, 0, 0)), end = list;
  for (size_t length = 1; length < LIST_LENGTH; length++) {
    struct gc_ref link = gc_allocate(mutator, 1, 0, 0);
    gc_init_field(mutator, link, 0, gc_handle_get(list));
    gc_handle_set(mutator, list, link);
    end = length == 1 ? gc_handle_push(mutator, gc_object_slot(link, 0).location[0]) : end;
  }
  scene->held = gc_handle_push(mutator, gc_allocate(mutator, 1, 0, 0));
  struct gc_handle g_handle = gc_handle_push(mutator, gc_allocate(mutator, 1, 0, 0));
  struct gc_handle y_handle = gc_handle_push(mutator, gc_allocate(mutator, 0, 16, 0));
  scene->src_handle = gc_handle_push(mutator, gc_allocate(mutator, 2, 0, 0));
  gc_collect(mutator, GC_COLLECTION_FULL);
  scene->src = gc_handle_get(scene->src_handle);
  scene->g = gc_handle_get(g_handle);
  scene->x = gc_handle_get(scene->held);
  scene->y = gc_handle_get(y_handle);
  gc_object_slot(gc_handle_get(end), 0).location[0] = scene->g;
  gc_handle_set(mutator, end, gc_null());
  gc_handle_set(mutator, g_handle, gc_null());
  gc_handle_set(mutator, y_handle, gc_null());
}

static void close_scene(struct scene *scene) {
  gc_blocking_end(scene->mutators[1]);
  gc_blocking_begin(scene->mutators[0]);
  gc_detach(scene->mutators[1]);
  gc_blocking_end(scene->mutators[0]);
  gc_detach(scene->mutators[0]);
  gc_heap_close(scene->heap);
}

static void stop(struct scene *scene) {
  assert_true(gc_stop_begin(scene->heap, scene->mutators[0], GC_REASON_stress));
}

static void resume(struct scene *scene) {
  gc_stop_end(scene->heap, scene->mutators[0], GC_PAUSE_mark_step);
}

static bool is_live(const struct scene *scene, struct gc_ref ref) {
  const struct gc_space *space = &scene->heap->space;
  return gc_bitmap_test(space->live_bits, gc_space_granule(space, ref.address));
}

/* Between cycles: src refers to y, g to x. Where a program dropped y, there is another. */
static void set_scene(struct scene *scene) {
  struct gc_mutator *mutator = scene->mutators[0];
  gc_object_slot(scene->g, 0).location[0] = scene->x;
  gc_object_slot(scene->src, 0).location[0] = gc_null();
  gc_object_slot(scene->src, 1).location[0] = gc_null();
  if (!is_live(scene, scene->y)) {
    gc_handle_set(mutator, scene->held, gc_allocate(mutator, 0, 16, 0));
    gc_collect(mutator, GC_COLLECTION_FULL);
    scene->y = gc_handle_get(scene->held);
  }
  gc_object_slot(scene->src, 1).location[0] = scene->y;
  gc_handle_set(mutator, scene->held, gc_null());
}

static void marker_runs(struct scene *scene) {
  (void)gc_trace_drain_stw(scene->heap, GC_TRACE_BESIDE, 0, 0);
}

/* Until it looks for the first time whether it is to stop. */
static void marker_runs_shortly(struct scene *scene) {
  (void)gc_trace_drain_stw(scene->heap, GC_TRACE_BESIDE, 0, 1);
}

static void marker_may_run(struct scene *scene) {
  if (choose(&scene->schedule, 2) == 1) {
    marker_runs(scene);
  }
}

static void marker_may_run_shortly(struct scene *scene) {
  switch (choose(&scene->schedule, MARKER_RUNS)) {
  case 1:
    marker_runs(scene);
    break;
  case 2:
    marker_runs_shortly(scene);
    break;
  default:
    break;
  }
}

static void safepoint(struct scene *scene) {
  if (choose(&scene->schedule, 2) == 1) {
    gc_trace_flush_mutators_stw(scene->heap);
    marker_may_run_shortly(scene);
  }
}

static void begin(struct scene *scene) {
  stop(scene);
  gc_cycle_begin_marking_stw(scene->cycle);
  resume(scene);
  marker_may_run_shortly(scene);
}

static struct gc_ref load(struct gc_ref src, size_t index) {
  return (struct gc_ref){gc_atomic_load_relaxed(&gc_object_slot(src, index).location->address)};
}

static void expect_live(struct scene *scene, struct gc_ref ref, const char *name) {
  if (!is_live(scene, ref)) {
    char text[CHOICES_MAX + 1] = "";
    for (size_t index = 0; index < scene->schedule.used; index++) {
      text[index] = (char)('0' + scene->schedule.taken[index]);
    }
    fail_msg("%s, %s: %s was lost under the schedule %s", scene->half->barrier, scene->program,
             name, text);
  }
}

static void expect_live_if_old(struct scene *scene, struct gc_ref ref) {
  if (!gc_is_null(ref) && !gc_is_young(scene->mutators[0], ref)) {
    expect_live(scene, ref,
                ref.address == scene->x.address   ? "x"
                : ref.address == scene->y.address ? "y"
                                                  : "another object");
  }
}

/* Everything that can be reached from where the scene's objects may be. */
static void finish(struct scene *scene) {
  stop(scene);
  assert_true(gc_cycle_finish_marking_stw(scene->cycle, GC_PAUSE_remark, 0));
  resume(scene);
  struct gc_ref held = gc_handle_get(scene->held);
  expect_live(scene, scene->src, "src");
  expect_live(scene, scene->g, "g");
  expect_live_if_old(scene, load(scene->src, 0));
  expect_live_if_old(scene, load(scene->src, 1));
  expect_live_if_old(scene, load(scene->g, 0));
  expect_live_if_old(scene, held);
  if (!gc_is_null(held)) {
    expect_live_if_old(scene, load(held, 0));
  }
}

/* --- steps -------------------------------------------------------------------------------------*/

static void hold(struct scene *scene, struct gc_ref ref) {
  gc_handle_set(scene->mutators[0], scene->held, ref);
}

/* A reference store that the marker may interrupt. */
static void store(struct scene *scene, struct gc_ref src, size_t index, struct gc_ref new_ref) {
  struct gc_slot slot = gc_object_slot(src, index);
  scene->half->before(scene->mutators[0], src, slot, new_ref);
  marker_may_run(scene);
  gc_atomic_store_release(&slot.location->address, new_ref.address);
  marker_may_run(scene);
  scene->half->after(scene->mutators[0], src, slot, new_ref);
  marker_may_run(scene);
}

static void change(struct scene *scene, struct gc_ref src, size_t index, struct gc_ref new_ref) {
  scene->half->object_begin(scene->mutators[0], src);
  marker_may_run(scene);
  gc_change_ref(gc_object_slot(src, index), new_ref);
  marker_may_run(scene);
  scene->half->object_end(scene->mutators[0], src);
  marker_may_run(scene);
}

/* --- programs ----------------------------------------------------------------------------------*/

/* x moves from g to src by way of a handle. */
static void move(struct scene *scene) {
  hold(scene, load(scene->g, 0));
  store(scene, scene->src, 0, scene->x);
  safepoint(scene);
  store(scene, scene->g, 0, gc_null());
  hold(scene, gc_null());
  safepoint(scene);
}

/* src is waiting to be scanned again when x is stored into it. */
static void move_into_queued(struct scene *scene) {
  store(scene, scene->src, 1, scene->y);
  safepoint(scene);
  hold(scene, load(scene->g, 0));
  store(scene, scene->src, 0, scene->x);
  store(scene, scene->g, 0, gc_null());
  hold(scene, gc_null());
}

/* Only a handle keeps x. */
static void keep(struct scene *scene) {
  hold(scene, load(scene->g, 0));
  marker_may_run(scene);
  store(scene, scene->g, 0, gc_null());
  safepoint(scene);
}

/* x goes to a slot and is taken out of it again. */
static void pass_through(struct scene *scene) {
  hold(scene, load(scene->g, 0));
  store(scene, scene->src, 0, scene->x);
  hold(scene, gc_null());
  store(scene, scene->g, 0, gc_null());
  safepoint(scene);
  hold(scene, load(scene->src, 0));
  store(scene, scene->src, 0, gc_null());
}

static void change_in_bulk(struct scene *scene) {
  hold(scene, load(scene->g, 0));
  change(scene, scene->src, 0, scene->x);
  safepoint(scene);
  change(scene, scene->g, 0, gc_null());
  hold(scene, gc_null());
  safepoint(scene);
}

/* A young object holds x, is promoted or not, and gives it back, or to a handle, or keeps it. */
static void keep_in_young(struct scene *scene) {
  struct gc_mutator *mutator = scene->mutators[0];
  struct gc_ref young = gc_allocate(mutator, 1, 0, 0);
  assert_true(gc_is_young(mutator, young));
  hold(scene, young);
  struct gc_slot slot = gc_object_slot(young, 0);
  scene->half->before(mutator, young, slot, scene->x);
  gc_atomic_store_release(&slot.location->address, scene->x.address);
  scene->half->after(mutator, young, slot, scene->x);
  marker_may_run(scene);
  store(scene, scene->g, 0, gc_null());
  if (choose(&scene->schedule, 2) == 1) {
    stop(scene);
    gc_cycle_collect_young_stw(scene->cycle, GC_PROMOTE_ALL);
    resume(scene);
    marker_may_run(scene);
  }
  struct gc_ref holder = gc_handle_get(scene->held);
  switch (choose(&scene->schedule, 3)) {
  case 1:
    store(scene, scene->src, 0, load(holder, 0));
    hold(scene, gc_null());
    break;
  case 2:
    hold(scene, load(holder, 0));
    store(scene, holder, 0, gc_null());
    break;
  default:
    break;
  }
  safepoint(scene);
}

/* Two mutators store to g's slot at once, x in a handle; then y's other reference goes. */
static void two_writers(struct scene *scene) {
  struct gc_ref values[MUTATORS] = {gc_null(), load(scene->src, 1)};
  struct gc_slot slot = gc_object_slot(scene->g, 0);
  unsigned done[MUTATORS] = {0};
  hold(scene, load(scene->g, 0));
  unsigned marker_turn = choose(&scene->schedule, 7); /* after so many steps; 6: at the end */
  while (done[0] + done[1] < 6) {
    if (done[0] + done[1] == marker_turn) {
      marker_runs(scene);
    }
    unsigned turn = done[0] == 3 ? 1 : done[1] == 3 ? 0 : choose(&scene->schedule, 2);
    struct gc_mutator *mutator = scene->mutators[turn];
    switch (done[turn]++) {
    case 0:
      scene->half->before(mutator, scene->g, slot, values[turn]);
      break;
    case 1:
      gc_atomic_store_release(&slot.location->address, values[turn].address);
      break;
    default:
      scene->half->after(mutator, scene->g, slot, values[turn]);
    }
  }
  store(scene, scene->src, 1, gc_null());
}

struct program {
  const char *name;
  void (*run)(struct scene *);
};

static const struct program programs[] = {
    {"move", move},
    {"move into queued", move_into_queued},
    {"keep", keep},
    {"pass through", pass_through},
    {"change in bulk", change_in_bulk},
    {"keep in young", keep_in_young},
    {"two writers", two_writers},
};

static void run_all(const struct half *half, uint64_t mark_stack_bytes) {
  struct scene scene = {.half = half};
  open_scene(&scene, mark_stack_bytes);
  for (size_t index = 0; index < sizeof programs / sizeof *programs; index++) {
    uint64_t count = 0;
    scene.program = programs[index].name;
    scene.schedule = (struct schedule){.length = 0};
    do {
      set_scene(&scene);
      begin(&scene);
      programs[index].run(&scene);
      finish(&scene);
      count++;
    } while (advance(&scene.schedule));
    print_message("%s, %s: %llu schedules\n", half->barrier, scene.program,
                  (unsigned long long)count);
  }
  close_scene(&scene);
}

static void nothing_is_lost(void **state) {
  (void)state;
  for (size_t index = 0; index < HALVES; index++) {
    run_all(&halves[index], (uint64_t)64 << 20);
  }
}

/* Barriers get no segment: what they queue is marked and flagged. */
static void nothing_is_lost_by_overflow(void **state) {
  (void)state;
  for (size_t index = 0; index < HALVES; index++) {
    run_all(&halves[index], 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost),
                                     cmocka_unit_test(nothing_is_lost_by_overflow)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
