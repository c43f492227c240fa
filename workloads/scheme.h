/* scheme: places of its parameters. */
#ifndef WORKLOADS_SCHEME_H
#define WORKLOADS_SCHEME_H

#include "workloads/scheme_program.h"
#include "workloads/workload.h"

enum scheme_parameter {
  SCHEME_WORKLOAD_PROGRAM,
  SCHEME_WORKLOAD_SIZE,
  SCHEME_WORKLOAD_REPETITIONS,
  SCHEME_WORKLOAD_PARAMETERS
};

#endif
