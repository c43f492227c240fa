/* closures: places of its parameters and the shapes of its objects. */
#ifndef WORKLOADS_CLOSURES_H
#define WORKLOADS_CLOSURES_H

#include "workloads/workload.h"

enum closures_parameter {
  CLOSURES_LISTENERS,
  CLOSURES_MODULES,
  CLOSURES_OPERATIONS,
  CLOSURES_PARAMETERS
};

/* Made together in one context: three are called and dropped, the last is kept as a listener. */
enum { CLOSURES_OF_CONTEXT = 4 };

/* The variables of one activation, which all closures made in it share. That of a module is the
 * outermost. */
enum { CONTEXT_OUTER, CONTEXT_VALUE, CONTEXT_SLOTS };

struct closures_context {
  uint64_t gc_header;
  struct gc_ref slots[CONTEXT_SLOTS];
  uint64_t origin; /* the operation that made it */
  uint64_t calls;  /* of closures in it */
};

enum { CLOSURE_CONTEXT, CLOSURE_SLOTS };

struct closures_closure {
  uint64_t gc_header;
  struct gc_ref slots[CLOSURE_SLOTS];
  uint64_t code; /* what it adds to its context's value */
};

struct closures_value {
  uint64_t gc_header;
  uint64_t sum;
};

enum {
  CONTEXT_RAW_BYTES = sizeof(struct closures_context) - offsetof(struct closures_context, origin),
  CLOSURE_RAW_BYTES = sizeof(struct closures_closure) - offsetof(struct closures_closure, code),
  VALUE_RAW_BYTES = sizeof(struct closures_value) - offsetof(struct closures_value, sum),
};

#endif
