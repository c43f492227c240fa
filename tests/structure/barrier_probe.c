/* What one reference store compiles to: the subject of barrier_probe_test.sh, compiled once per
 * barrier.
 *
 * probe_store is gc_write_field as a mutator's hot loop has it, with nothing around it.
 */
#include <gc/gc.h>

void probe_store(struct gc_mutator *mutator, struct gc_ref src, struct gc_ref new_ref);
void probe_store(struct gc_mutator *mutator, struct gc_ref src, struct gc_ref new_ref) {
  gc_write_field(mutator, src, 0, new_ref);
}
