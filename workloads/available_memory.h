/* How much memory this process can still get.
 *
 * A workload that loads a file of unknown size asks before it allocates: with overcommit an
 * allocation succeeds and the process is killed later, while it touches the memory.
 */
#ifndef TRICOLOR_WORKLOADS_AVAILABLE_MEMORY_H
#define TRICOLOR_WORKLOADS_AVAILABLE_MEMORY_H

#include <stdint.h>

/* The smallest of: what the system says can be had without swapping, this process's limits on
 * address space and data, and the memory limit of its control group. A limit that cannot be read
 * counts as absent; UINT64_MAX when none can. The answer is a snapshot, not a reservation. */
uint64_t available_memory_bytes(void);

#endif
