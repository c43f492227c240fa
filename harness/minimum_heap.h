/* The smallest heap in which a workload runs: the table workloads/minheap.json, and measuring it.
 *
 * `2x` means twice the base of a workload. The base is the declared live size where the table has
 * one (the default parameters of the six classic workloads: other systems were measured with those
 * heaps), else the measured minimum: the smallest heap in which the most frugal collector finishes,
 * found by bisection to the larger of 256 KiB and a 64th. Out of memory and time-outs count as too
 * small.
 *
 * Entries are keyed by workload, all parameters, mutators and the version of the heap's layout.
 */
#ifndef HARNESS_MINIMUM_HEAP_H
#define HARNESS_MINIMUM_HEAP_H

#include "harness/say.h"
#include "harness/workload_choice.h"
#include "results/trial.h"
#include <jansson.h>
#include <stdbool.h>

/* Raised when the size of objects, blocks or reserves changes, so that old minima no longer hold.
 */
#define MINIMUM_HEAP_LAYOUT_VERSION 1

/* The collector and barrier that minima of workloads are measured with. */
#define MINIMUM_HEAP_COLLECTOR "stw"
#define MINIMUM_HEAP_BARRIER   "card"

struct minimum_heap {
  uint64_t minimum_bytes;  /* measured; 0: not known */
  uint64_t declared_bytes; /* given from outside; 0: none */
};

/* What multiples multiply: declared, else measured; 0 when neither is known. */
uint64_t minimum_heap_base(const struct minimum_heap *minimum);

/* Reads the committed table. An empty one when there is no file. */
enum harness_status minimum_heap_table_read(json_t **table);

/* True when the table has an entry. */
bool minimum_heap_find(const json_t *table, const struct workload_choice *choice, uint64_t mutators,
                       struct minimum_heap *minimum);

/* Adds or replaces the measured minimum of an entry; a declared size stays. */
void minimum_heap_set(json_t *table, const struct workload_choice *choice, uint64_t mutators,
                      uint64_t minimum_bytes);

/* Writes the committed table, entries in the order of workloads. */
enum harness_status minimum_heap_table_write(const json_t *table);

/* How a minimum is looked for. */
struct minimum_heap_search {
  const struct workload_choice *choice;
  uint64_t mutators;
  const char *collector, *barrier; /* null: those of minimum heaps */
  const char *scratch;             /* a directory, made and removed again */
  uint64_t time_limit_ns;          /* of one trial */
};

/* Measures. Progress is said on stderr. Answers HARNESS_BAD_INPUT when it does not fit into the
 * machine either. */
enum harness_status minimum_heap_measure(const struct minimum_heap_search *search,
                                         uint64_t *minimum_bytes);

/* One trial in so large a heap; the caller initialises and finishes it. Its files are removed again.
 */
enum harness_status minimum_heap_trial(const struct minimum_heap_search *search,
                                       uint64_t heap_bytes, struct results_trial *trial);

/* True when a run in a heap of that size succeeds. */
enum harness_status minimum_heap_try(const struct minimum_heap_search *search, uint64_t heap_bytes,
                                     bool *fits, uint64_t *wall_ns);

#endif
