/* Shading half `none`, the heap's side: keeps no tricolour invariant. */
#include "barriers/barrier_parts.h"

const struct gc_shade_ops gc_shade_none_ops = {.name = "none", .provides = 0};
