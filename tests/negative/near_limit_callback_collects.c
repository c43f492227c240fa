/* A callback that is asked near the limit, while the world is stopped, asks for a collection.
 *
 * Rule: it calls nothing of the heap but the capture of an image (gc/limits.h). It is told so, where
 * it would wait for itself for ever.
 *
 * Expect: who has stopped the world asks for no other stop
 */
#include <gc/gc.h>
#include <gc/limits.h>

#include <stdio.h>

static uint64_t collect(void *context, uint64_t limit_bytes, uint64_t first_limit_bytes) {
  struct gc_mutator *mutator = context;
  (void)first_limit_bytes;
  gc_collect(mutator, GC_COLLECTION_FULL);
  return 2 * limit_bytes;
}

int main(void) {
  char error[256] = "";
  struct gc_heap *heap = NULL;
  struct gc_options options = gc_options_default();
  options.heap_bytes = 16 << 20;
  options.pretouch = false;
  options.barrier = GC_BARRIER_NAME;
  if (gc_heap_open(&options, &heap, error, sizeof error) != 0) {
    fprintf(stderr, "%s\n", error);
    return 0; /* which is not what the test expects */
  }
  struct gc_mutator *mutator = gc_attach(heap, error, sizeof error);
  struct gc_handle list = gc_handle_push(mutator, gc_null());
  gc_near_limit_set(heap, collect, mutator);
  for (;;) {
    struct gc_ref link = gc_allocate(mutator, 1, 1000, 0);
    if (gc_is_null(link)) {
      break;
    }
    gc_init_field(mutator, link, 0, gc_handle_get(list));
    gc_handle_set(mutator, list, link);
  }
  gc_detach(mutator);
  gc_heap_close(heap);
  return 0;
}
