/* The random mutator and its shadow: what the units of model_test share.
 *
 * One or several threads run random programs on a heap. Everything they do to the heap they do to a
 * shadow too, a graph of plain malloc'ed nodes, so that at any moment it is known what the heap
 * must hold. Nothing in the shadow is ever moved, so comparing the two finds what a collector lost,
 * moved wrongly, or kept too long.
 *
 * Invariants.
 * `owner-writes`: a node's slots, in the heap and in the shadow, are read and written by the thread
 * that owns it and nobody else; its identity and shape never change and may be checked by anyone.
 * References cross between owners freely. Ownership moves through the cells, an array of references
 * that all threads exchange with atomic operations and no lock: who puts a node into a cell gives
 * it up, who takes it out owns it. `cells-conserve`: per cell, the identities put less those taken
 * are the identity it holds. `rendezvous-exact`: while all threads but one wait in a blocking
 * region, the shadow is exact: what it reaches from the handles, roots and cells is what the heap
 * must reach, node for node.
 *
 * Concurrency: a thread's fields are its own; between the two waits of a rendezvous everything
 * belongs to the inspecting thread. With one thread the whole run follows from the seed.
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include <gc/gc.h>
#include <pthread.h>

#define MODEL_THREADS_MAX 16
#define MODEL_HANDLES     40000 /* per thread */
#define MODEL_FRAMES      256
#define MODEL_ROOTS       24
#define MODEL_WEAKS       40   /* weak cells and ephemerons, per thread */
#define MODEL_FINALS      32   /* finalizers that are waited for, per thread */
#define MODEL_BUFFERS     24   /* buffers and slices, per thread */
#define MODEL_CELLS_SMALL 16   /* cells in a small object */
#define MODEL_CELLS_LARGE 5000 /* cells in a large one; of them only some are used */
#define MODEL_CELLS_USED  48
#define MODEL_TYPES       40
#define MODEL_NOBODY      UINT32_MAX

struct model_node {
  uint64_t identity; /* thread + 1 in the upper half, serial number in the lower */
  size_t slot_count, raw_bytes;
  uint32_t type;
  uint32_t owner;    /* atomic; a thread that reads its own number knows that it is the owner */
  uint32_t version;  /* of the raw bytes; owner only */
  uint32_t epoch;    /* of the walk that reached it last; inspecting thread only */
  uintptr_t address; /* where that walk met it */
  struct model_node *slots[];
};

/* A reference and what it must refer to. Both null or neither. */
struct model_pick {
  struct gc_ref ref;
  struct model_node *node;
};

struct model_nodes {
  struct model_node ***chunks; /* by serial number; a freed node leaves null */
  uint32_t count;
};

struct model_handle {
  struct gc_handle handle;
  struct model_node *node;
};

struct model_frame {
  struct gc_handle_frame frame;
  size_t handle_count;
};

struct model_root {
  struct gc_root *root; /* null: not created */
  struct model_node *node;
};

/* A root that holds a weak cell or an ephemeron; see weak_access.h. */
struct model_weak {
  struct gc_root *root; /* null: not created */
  bool is_ephemeron;
  struct model_node *first, *value; /* referent, or key and value */
};

/* The bytes of one buffer; see buffer_access.h. */
struct model_slab {
  uint64_t seed;
  size_t bytes;
  uint32_t entry_count; /* entries that reach it */
  uint32_t epoch;       /* of the walk that counted it last */
  bool is_detached;
};

/* A root that holds a buffer, or a slice of one. */
struct model_buffer {
  struct gc_root *root;    /* null: not created */
  struct model_slab *slab; /* null: the root holds null */
  bool is_slice;
  size_t offset, bytes; /* of the slab's */
};

/* A finalizer that was registered; see finalizer_access.h. */
struct model_final {
  bool is_waiting;         /* to be called, or to be seen called at a rendezvous */
  uint32_t called;         /* atomic, relaxed: read at a rendezvous */
  struct model_node *node; /* null: was not reachable at a rendezvous */
  uint64_t identity;
};

struct model_thread {
  struct model_world *world;
  unsigned index;
  struct gc_mutator *mutator; /* null while detached */
  uint64_t random;

  struct model_handle *handles;
  size_t handle_count;
  struct model_frame frames[MODEL_FRAMES];
  size_t frame_count;
  struct model_root roots[MODEL_ROOTS];
  struct model_weak weaks[MODEL_WEAKS];
  struct model_buffer buffers[MODEL_BUFFERS];
  struct model_final finals[MODEL_FINALS];
  struct model_nodes nodes; /* that this thread made */

  uint64_t put_sums[MODEL_CELLS_USED], taken_sums[MODEL_CELLS_USED];
  size_t allowance_bytes; /* that may still become reachable before the next rendezvous */
  bool exhausted;         /* the heap gave no memory even after everything was dropped */

  const char *doing; /* name of the current operation */
  uint64_t operation;
  uint64_t null_answers, objects_made, cells_exchanged, checks;
};

struct model_settings {
  struct gc_options heap;
  const char *barrier;
  unsigned thread_count;
  uint64_t seed;
  uint64_t operations; /* of each thread in each round */
  uint64_t period;     /* operations between two rendezvous */
  unsigned round;
};

/* What the walk from all roots at a rendezvous found, which is what a collection must find. */
struct model_census {
  uint64_t objects, bytes, large_objects, buffer_bytes;
};

struct model_world {
  struct model_settings settings;
  bool reclaims_all; /* the collector declares GC_RECLAIMS_ALL */
  struct gc_heap *heap;
  struct model_thread threads[MODEL_THREADS_MAX];
  pthread_barrier_t meeting;
  uint32_t types[MODEL_TYPES];

  /* Written by the inspecting thread. */
  struct gc_root *cell_roots[2];
  struct model_node *cell_nodes[2]; /* shadows; slots exact at a rendezvous only */
  uint32_t epoch;
  uint64_t rendezvous;
  size_t target_bytes; /* of live objects, until the next rendezvous */
  struct model_census census;
  uint64_t full_checks, exact_checks;
};

/* One unit per barrier exports model_ops_<barrier>. */
struct model_ops {
  const char *barrier;
  void (*run)(struct model_thread *thread); /* attaches, runs the thread's program, detaches */
};

/* Prints what is wrong, where, and the command that repeats it; aborts. */
_Noreturn void model_fail(const struct model_thread *thread, const char *format, ...)
    GC_PRINTF(2, 3);

/* --- the shadow --------------------------------------------------------------------------------*/

struct model_node *model_node_create(struct model_thread *thread, size_t slot_count,
                                     size_t raw_bytes, uint32_t type);
/* Null for what is no identity of a node. */
struct model_node *model_node_find(struct model_world *world, uint64_t identity);
/* Frees the nodes that the last walk did not reach. */
void model_nodes_sweep(struct model_world *world);
void model_nodes_finish(struct model_thread *thread);

size_t model_node_bytes(const struct model_node *node);

/* --- random choices ----------------------------------------------------------------------------*/

/* SplitMix64 (Steele, Lea and Flood 2014). */
static inline uint64_t model_mix(uint64_t value) {
  uint64_t mixed = value + UINT64_C(0x9e3779b97f4a7c15);
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

static inline uint64_t model_random(uint64_t *state) {
  *state += UINT64_C(0x9e3779b97f4a7c15);
  return model_mix(*state);
}

static inline uint64_t model_below(struct model_thread *thread, uint64_t bound) {
  return (uint64_t)((unsigned __int128)model_random(&thread->random) * bound >> 64);
}

static inline bool model_chance(struct model_thread *thread, unsigned percent) {
  return model_below(thread, 100) < percent;
}

#endif
