/* message_window and message_tree: places of the parameters, which they share by place, and the
 * shapes of their objects.
 */
#ifndef WORKLOADS_MESSAGE_WINDOW_H
#define WORKLOADS_MESSAGE_WINDOW_H

#include "workloads/tree.h"
#include "workloads/workload.h"

enum message_parameter {
  MESSAGE_WINDOW,
  MESSAGE_PUSHES,
  MESSAGE_SIZE, /* message_window: raw bytes of a message; message_tree: levels of one */
  MESSAGE_PARAMETERS
};

enum { MESSAGE_TREE_NODE_RAW_BYTES = 8 };

#endif
