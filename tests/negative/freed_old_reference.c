/* A reference to an old object kept past its death: AddressSanitizer must report it.
 *
 * Rule: what a full collection found dead is poisoned, in blocks and in the large space, until it
 * is allocated again.
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
    return 0;
  }
  struct gc_mutator *mutator = gc_attach(heap, error, sizeof error);
  struct gc_handle kept = gc_handle_push(mutator, gc_allocate(mutator, 0, 64, 0));
  struct gc_handle dropped = gc_handle_push(mutator, gc_allocate(mutator, 0, 64, 0));
  gc_collect(mutator, GC_COLLECTION_FULL);
  struct gc_ref object = gc_handle_get(dropped);
  printf("promoted: %s\n", gc_is_young(mutator, object) ? "no" : "yes");
  printf("read while alive: %d\n", *(const char *)gc_object_raw(object, 0));
  fflush(stdout);
  gc_handle_set(mutator, dropped, gc_null());
  gc_collect(mutator, GC_COLLECTION_FULL);
  printf("kept: %d\n", *(const char *)gc_object_raw(gc_handle_get(kept), 0));
  fflush(stdout);
  printf("read when dead: %d\n", *(const char *)gc_object_raw(object, 0));
  gc_detach(mutator);
  gc_heap_close(heap);
  return 0;
}
