/* finalizer: connections own memory that is not the heap's, which their finalizers give back; the
 * program is a tight loop that never lets finalizers run. Fixed: it lets them after every batch.
 *
 * The memory is declared to the heap, so that it counts as external. Finalizers that are due when
 * the run ends are run then. A finalizer knows nothing but how much memory it gives back, so that it may run
 * on any mutator, and after the run that registered it.
 */
#include "workloads/leaks/pair_ops.h"

enum { FINALIZER_MEMORY_BYTES = 1024, FINALIZER_BATCH = 64 };
enum { FINALIZER_CONNECTION };

/* Less of it is always granted. */
static void finalizer_give_back(struct gc_mutator *mutator, void *token) {
  (void)token;
  bool is_counted = gc_external_declare(mutator, -(int64_t)FINALIZER_MEMORY_BYTES);
  (void)is_counted;
}

static enum workload_status finalizer_begin(struct leak *leak) {
  (void)leak;
  return WORKLOAD_DONE;
}

static enum workload_status finalizer_open(struct leak *leak, uint64_t operation) {
  struct gc_mutator *mutator = leak->mutator;
  if (!leak->is_leaky && operation % FINALIZER_BATCH == 0) {
    gc_finalizers_run(mutator, SIZE_MAX);
  }
  if (GC_UNLIKELY(!leak_make(leak, leak->opened, 0, 16, leak->types[FINALIZER_CONNECTION]))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  *(uint64_t *)gc_object_raw(gc_handle_get(leak->opened), 0) = operation;
  if (GC_UNLIKELY(!gc_external_declare(mutator, FINALIZER_MEMORY_BYTES))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  if (GC_UNLIKELY(gc_finalizer_register(mutator, leak->opened, finalizer_give_back, NULL) ==
                  NULL)) {
    finalizer_give_back(mutator, NULL);
    return WORKLOAD_OUT_OF_MEMORY;
  }
  return WORKLOAD_DONE;
}

static enum workload_status finalizer_close(struct leak *leak, struct gc_ref opened) {
  leak_fold(leak, *(const uint64_t *)gc_object_raw(opened, 0));
  return WORKLOAD_DONE;
}

static void finalizer_finish(struct leak *leak) {
  gc_finalizers_run(leak->mutator, SIZE_MAX);
}

static const struct leak_pair leak_finalizer = {
    .type_names = {"finalizer.connection"},
    .begin = finalizer_begin,
    .open = finalizer_open,
    .close = finalizer_close,
    .end = leak_ends,
    .finish = finalizer_finish,
};
