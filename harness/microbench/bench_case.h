/* What tricolor-bench measures: cases, grouped in suites.
 *
 * A case is one way through one hot path. Cases of the same path and thread count are compared with
 * each other: the fastest ideal is the floor, ours is what the heap does. A suite owns what its
 * cases need; that is made when its first case runs, so that a filter saves the memory of what it
 * leaves out, and stays until the end, because repetitions of all cases are interleaved.
 */
#ifndef HARNESS_MICROBENCH_BENCH_CASE_H
#define HARNESS_MICROBENCH_BENCH_CASE_H

#include "harness/microbench/benchmark_shim.h"

enum bench_role {
  BENCH_IDEAL,      /* a floor; the fastest of a path counts */
  BENCH_OURS,       /* the heap's own path */
  BENCH_COMPARISON, /* measured beside them, and no floor: see the suite */
  BENCH_YARDSTICK,  /* what the machine can do, in bytes */
};

struct bench_case {
  const char *path;    /* hot path and what it works on, as in "mark/in_order_tree" */
  const char *variant; /* unlike those of other cases of the same path and role */
  enum bench_role role;
  unsigned thread_count;
  bench_body *body;
  void *argument;
  const char *floor; /* the path whose ideal it is compared with; null: its own */
};

/* Sizes of everything measured. The limits of limits.def hold for the full ones. */
struct bench_sizes {
  size_t bandwidth_bytes;
  size_t nursery_bytes;
  size_t allocation_objects; /* per pass and thread */
  size_t mark_bytes;
};

struct bench_suite {
  const struct bench_case *cases;
  size_t case_count;
  /* Instead of these two, where the cases are made from a list; null otherwise. */
  const struct bench_case *(*list)(size_t *count);
  void (*prepare)(const struct bench_sizes *sizes); /* before any case; takes no memory yet */
  void (*close)(void);
};

extern const struct bench_suite bench_bandwidth_suite;
extern const struct bench_suite bench_ideal_allocate_suite;
extern const struct bench_suite bench_ideal_copy_suite;
extern const struct bench_suite bench_ideal_mark_suite;
extern const struct bench_suite bench_our_allocate_suite;
extern const struct bench_suite bench_our_scavenge_suite;
extern const struct bench_suite bench_our_mark_suite;
extern const struct bench_suite bench_real_graph_suite;
extern const struct bench_suite bench_record_suite;
extern const struct bench_suite bench_remember_suite;
extern const struct bench_suite bench_sweep_suite;
extern const struct bench_suite bench_handles_suite;
extern const struct bench_suite bench_store_suite;
extern const struct bench_suite bench_safepoint_suite;

#define BENCH_SEED UINT64_C(20220314)

#endif
