/* Recording the first fault of a snapshot file. */
#include "workloads/snapshot_fault.h"

#include <stdarg.h>
#include <stdio.h>

bool snapshot_fail(struct snapshot_fault *fault, int status, const char *format, ...) {
  if (fault->status == 0) {
    fault->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault->phrase, sizeof fault->phrase, format, arguments);
    va_end(arguments);
  }
  return false;
}
