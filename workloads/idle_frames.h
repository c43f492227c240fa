/* idle_frames: places of its parameters and the shape of its objects. */
#ifndef WORKLOADS_IDLE_FRAMES_H
#define WORKLOADS_IDLE_FRAMES_H

#include "workloads/workload.h"

enum idle_frames_parameter {
  IDLE_FRAMES_FRAMES,
  IDLE_FRAMES_FRAME_US,
  IDLE_FRAMES_FRAME_OBJECTS,
  IDLE_FRAMES_SCENE_OBJECTS,
  IDLE_FRAMES_OFFER_IDLE,
  IDLE_FRAMES_IDLE_AFTER,
  IDLE_FRAMES_PARAMETERS
};

/* Of an object of the scene. One of so many objects of a frame replaces one of the scene's. */
enum { FRAME_OBJECT_BEHIND, FRAME_OBJECT_SLOTS };
enum { IDLE_FRAMES_KEEP_EVERY = 16 };

struct frame_object {
  uint64_t gc_header;
  struct gc_ref slots[FRAME_OBJECT_SLOTS]; /* the object allocated before it in the frame */
  uint64_t frame, number;
  uint64_t points[4];
};

enum {
  FRAME_OBJECT_RAW_BYTES = sizeof(struct frame_object) - offsetof(struct frame_object, frame)
};

#endif
