/* A reference kept in a C variable across a scavenge, and read: AddressSanitizer must report it.
 *
 * Rule: a gc_ref in a C variable is stale after a safepoint. From-space is poisoned by hand, so the
 * first use of a stale reference ends the program, where without it the read would find whatever
 * lies there.
 *
 * Presets: asan
 * Expect: ERROR: AddressSanitizer: use-after-poison
 */
#include <gc/gc.h>

#include <stdio.h>

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
  struct gc_ref object = gc_allocate(mutator, 1, 8, 0);
  struct gc_handle handle = gc_handle_push(mutator, object);
  gc_collect(mutator, GC_COLLECTION_MINOR);
  printf("moved: %s\n", gc_handle_get(handle).address != object.address ? "yes" : "no");
  fflush(stdout);
  printf("stale slot count: %zu\n", gc_object_slot_count(object));
  gc_detach(mutator);
  gc_heap_close(heap);
  return 0;
}
