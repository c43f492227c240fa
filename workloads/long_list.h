/* long_list: places of its parameters and the shape of its nodes. */
#ifndef WORKLOADS_LONG_LIST_H
#define WORKLOADS_LONG_LIST_H

#include "workloads/workload.h"

enum long_list_parameter { LONG_LIST_NODES, LONG_LIST_OPERATIONS, LONG_LIST_PARAMETERS };

enum { LONG_LIST_NEXT, LONG_LIST_SLOTS };

struct long_list_node {
  uint64_t gc_header;
  struct gc_ref slots[LONG_LIST_SLOTS];
  uint64_t number;
};

enum {
  LONG_LIST_RAW_BYTES = sizeof(struct long_list_node) - offsetof(struct long_list_node, number)
};

#endif
