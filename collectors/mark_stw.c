/* Marking policy `stw`: all of marking in one pause.
 *
 * Algorithm: the mark loop of heap/trace.h, on one thread without atomic instructions, or on
 * several where enough is known to be live.
 *
 * Costs: proportional to the live objects of the old generation.
 */
#include "collectors/collector.h"

const struct gc_mark_policy gc_mark_policy_stw = {
    .name = "stw", .beside = gc_beside_nothing, .help = gc_help_nothing};
