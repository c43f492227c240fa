/* pipeline: places of its parameters, and what a node of an item holds beside its link. */
#ifndef WORKLOADS_PIPELINE_H
#define WORKLOADS_PIPELINE_H

#include "workloads/workload.h"

enum pipeline_parameter {
  PIPELINE_ITEMS,
  PIPELINE_STAGES,
  PIPELINE_QUEUE,
  PIPELINE_NODES,
  PIPELINE_WINDOW,
  PIPELINE_PARAMETERS
};

enum { PIPELINE_STAGES_MAX = 16 };

enum { PIPELINE_NEXT, PIPELINE_NODE_SLOTS };

struct pipeline_node {
  uint64_t item, value;
  uint32_t index; /* in its item, from 0 */
  uint32_t stage; /* that made it */
};

#endif
