/* The random mutator's thread: chooses operations, gives way when memory runs out, meets the
 * others.
 *
 * Compiled once per barrier. When the heap answers null, the thread drops what it holds, by halves,
 * until memory comes back: running out must leave the heap intact and the program able to go on.
 */
#include "tests/model/buffer_operations.h"
#include "tests/model/finalizer_operations.h"
#include "tests/model/operations.h"
#include "tests/model/weak_operations.h"

static const struct {
  const char *name;
  unsigned weight;
  void (*run)(struct model_thread *thread);
} operations[] = {
    {"make_small", 3200, make_small},
    {"make_medium", 150, make_medium},
    {"make_large", 50, make_large},
    {"make_huge", 6, make_huge},
    {"make_list", 15, make_list},
    {"make_wide", 15, make_wide},
    {"churn", 120, churn},
    {"flood", 2, flood},
    {"write_slot", 2000, write_slot},
    {"exchange_slot", 400, exchange_slot},
    {"compare_exchange_slot", 400, compare_exchange_slot},
    {"copy_slots", 250, copy_slots},
    {"change_slots", 200, change_slots},
    {"push_handle", 500, push_handle},
    {"set_handle", 900, set_handle},
    {"enter_frame", 300, enter_frame},
    {"leave_frame", 260, leave_frame},
    {"push_many_handles", 6, push_many_handles},
    {"change_root", 300, change_root},
    {"exchange_cell", 250, exchange_cell},
    {"compare_exchange_cell", 150, compare_exchange_cell},
    {"make_weak", 80, make_weak},
    {"set_weak", 250, set_weak},
    {"read_weak", 400, read_weak},
    {"make_buffer", 120, make_buffer},
    {"churn_buffers", 15, churn_buffers},
    {"slice_buffer", 60, slice_buffer},
    {"detach_buffer", 20, detach_buffer},
    {"read_buffer", 150, read_buffer},
    {"forget_buffer", 40, forget_buffer},
    {"register_finalizer", 150, register_finalizer},
    {"run_finalizers", 60, run_finalizers},
    {"repaint", 200, repaint},
    {"check_near", 400, check_near},
    {"poll", 200, poll},
    {"block", 30, block},
    {"collect_minor", 30, collect_minor},
    {"collect_full", 3, collect_full},
    {"name_type", 20, name_type},
};

#define OPERATION_COUNT (sizeof operations / sizeof *operations)

static size_t choose_operation(struct model_thread *thread) {
  unsigned total = 0;
  for (size_t place = 0; place < OPERATION_COUNT; place++) {
    total += operations[place].weight;
  }
  uint64_t choice = model_below(thread, total);
  size_t place = 0;
  while (choice >= operations[place].weight) {
    choice -= operations[place++].weight;
  }
  return place;
}

/* --- out of memory -----------------------------------------------------------------------------*/

static bool memory_is_back(struct model_thread *thread) {
  return !gc_is_null(gc_allocate(thread->mutator, 2, 48, 0));
}

/* Drops what the thread holds, by halves. What other threads and the cells hold is not its to drop;
 * alone, it can drop everything, and then memory must come back. */
static void relieve(struct model_thread *thread) {
  struct model_world *world = thread->world;
  thread->doing = "dropping objects after the heap was exhausted";
  for (unsigned attempt = 0; attempt < 5; attempt++) {
    unsigned percent = attempt < 4 ? 50 : 100;
    if (percent == 100) {
      thread->frame_count = thread->frame_count == 0 ? 0 : 1;
    }
    leave_frame(thread);
    model_drop_roots(thread, thread, percent);
    if (memory_is_back(thread)) {
      return;
    }
  }
  if (world->settings.thread_count == 1 && world->reclaims_all) {
    model_cells_clear(thread);
    if (!memory_is_back(thread)) {
      model_fail(thread, "everything was dropped and there is still no memory for a small object");
    }
    return;
  }
  thread->exhausted = true;
}

/* --- the thread --------------------------------------------------------------------------------*/

static void attach(struct model_thread *thread) {
  char error[256] = "";
  thread->mutator = gc_attach(thread->world->heap, error, sizeof error);
  if (thread->mutator == NULL) {
    model_fail(thread, "could not attach: %s", error);
  }
}

static void detach(struct model_thread *thread) {
  thread->handle_count = 0;
  thread->frame_count = 0;
  gc_detach(thread->mutator);
  thread->mutator = NULL;
}

/* All threads meet; the chosen one inspects while the others wait in a blocking region, or are
 * detached for that long. */
static void meet(struct model_thread *thread, void (*inspect)(struct model_thread *thread)) {
  struct model_world *world = thread->world;
  thread->doing = "rendezvous";
  uint64_t draw = model_mix(world->settings.seed ^ world->rendezvous << 32);
  bool inspects = draw % world->settings.thread_count == thread->index;
  bool stays = inspects || !model_chance(thread, 15);
  if (stays) {
    gc_blocking_begin(thread->mutator);
  } else {
    detach(thread);
  }
  pthread_barrier_wait(&world->meeting);
  if (inspects) {
    gc_blocking_end(thread->mutator);
    inspect(thread);
    gc_blocking_begin(thread->mutator);
  }
  pthread_barrier_wait(&world->meeting);
  if (stays) {
    gc_blocking_end(thread->mutator);
  } else {
    attach(thread);
  }
}

/* Makes the cells and the types, and sets the first period's target. */
static void inspect_begin(struct model_thread *thread) {
  struct model_world *world = thread->world;
  for (size_t number = 0; number < MODEL_TYPES; number++) {
    char name[32];
    snprintf(name, sizeof name, "model.type_%zu", number);
    world->types[number] = gc_type_define(world->heap, name);
  }
  for (size_t which = 0; which < 2; which++) {
    size_t count = which == 0 ? MODEL_CELLS_SMALL : MODEL_CELLS_LARGE;
    struct model_pick made = model_allocate(thread, count, 0);
    if (made.node == NULL) {
      model_fail(thread, "an empty heap has no memory for an array of %zu references", count);
    }
    world->cell_nodes[which] = made.node;
    world->cell_roots[which] = gc_root_create(thread->mutator, made.ref);
  }
  model_choose_target(thread);
  world->rendezvous++;
}

static void run(struct model_thread *thread) {
  const struct model_settings *settings = &thread->world->settings;
  attach(thread);
  meet(thread, inspect_begin);
  for (thread->operation = 1; thread->operation <= settings->operations; thread->operation++) {
    if (thread->exhausted) {
      gc_poll(thread->mutator);
    } else {
      uint64_t null_answers = thread->null_answers;
      size_t place = choose_operation(thread);
      thread->doing = operations[place].name;
      operations[place].run(thread);
      if (thread->null_answers != null_answers) {
        relieve(thread);
      }
    }
    if (thread->operation % settings->period == 0) {
      meet(thread, model_inspect);
    }
  }
  meet(thread, model_inspect_end);
  thread->doing = "detaching";
  detach(thread);
}

/* --- what the unit exports ---------------------------------------------------------------------*/

#define OPS_NAME_(barrier) model_ops_##barrier
#define OPS_NAME(barrier)  OPS_NAME_(barrier)

extern const struct model_ops OPS_NAME(GC_BARRIER);
const struct model_ops OPS_NAME(GC_BARRIER) = {.barrier = GC_BARRIER_NAME, .run = run};
