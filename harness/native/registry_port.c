/* Every port on one allocator, as a table that ends with a null. Compiled once per allocator, like
 * the ports. Exports native_ports_on_<allocator>.
 */
#include "harness/native/native.h"

#define NATIVE_PORT(workload)                                                                      \
  extern const struct native_port NATIVE_PORT_PASTE(workload, NATIVE_ALLOCATOR);
#define NATIVE_ALLOCATOR_LINE(name, summary)
#include "harness/native/native.def"
#undef NATIVE_PORT

#define REGISTRY_PASTE_(allocator) native_ports_on_##allocator
#define REGISTRY_PASTE(allocator)  REGISTRY_PASTE_(allocator)

extern const struct native_port *const REGISTRY_PASTE(NATIVE_ALLOCATOR)[];
const struct native_port *const REGISTRY_PASTE(NATIVE_ALLOCATOR)[] = {
#define NATIVE_PORT(workload) &NATIVE_PORT_PASTE(workload, NATIVE_ALLOCATOR),
#include "harness/native/native.def"
#undef NATIVE_PORT
    NULL};
