/* What is wrong with a snapshot file, as the parts of the reader pass it up.
 *
 * A fault is a negative errno and a verb phrase ("does not exist", "claims 10 nodes but holds 9")
 * to which the reader prepends the name of the file. The first fault wins: what follows from it
 * would only hide the cause.
 */
#ifndef TRICOLOR_WORKLOADS_SNAPSHOT_FAULT_H
#define TRICOLOR_WORKLOADS_SNAPSHOT_FAULT_H

#include <stdbool.h>

struct snapshot_fault {
  int status; /* 0: nothing is wrong */
  char phrase[512];
};

/* Always false, so that a function that answers whether it succeeded can return the call. */
__attribute__((format(printf, 3, 4))) bool snapshot_fail(struct snapshot_fault *fault, int status,
                                                         const char *format, ...);

#endif
