/* idle_frames: an animation, whose frames leave time over.
 *
 * Sixty times a second a frame is due; its work takes a part of the 16.7 ms, and what is left until
 * the next frame is offered to the collector, as a browser's scheduler does, so that marking and
 * sweeping happen when nobody waits. A frame that is late was dropped, for the person who looks.
 *
 * With idle_after the animation is a burst: it ends, its scene is dropped, and in what follows there
 * is nothing to draw, as on a page that nobody looks at any longer. A heap that gives memory back
 * when it is idle (--memory-reducer) has all of that time for it.
 */
#include "workloads/idle_frames.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[IDLE_FRAMES_PARAMETERS] = {
    [IDLE_FRAMES_FRAMES] = {"frames", WORKLOAD_INTEGER, "frames", "120", "50", 1, UINT64_C(1) << 24,
                            "frames while time is taken"},
    [IDLE_FRAMES_FRAME_US] = {"frame_us", WORKLOAD_INTEGER, "us", "16667", "4000", 100, 10000000,
                              "from one frame to the next"},
    [IDLE_FRAMES_FRAME_OBJECTS] = {"frame_objects", WORKLOAD_INTEGER, "objects", "20000", "4000",
                                   16, 1u << 28,
                                   "objects that each frame allocates, nearly all of which "
                                   "die with it"},
    [IDLE_FRAMES_SCENE_OBJECTS] = {"scene_objects", WORKLOAD_INTEGER, "objects", "200000", "10000",
                                   1, UINT64_C(1) << 28, "objects that live over many frames"},
    [IDLE_FRAMES_OFFER_IDLE] =
        {"offer_idle", WORKLOAD_INTEGER, "", "1", NULL, 0, 1,
         "1: what is left of a frame is offered to the collector; 0: it sleeps"},
    [IDLE_FRAMES_IDLE_AFTER] = {"idle_after", WORKLOAD_INTEGER, "frames", "0", NULL, 0,
                                UINT64_C(1) << 24,
                                "frames after which there is nothing to draw any more, and the "
                                "scene is dropped; 0: never"},
};

static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t scene = input->integers[IDLE_FRAMES_SCENE_OBJECTS];
  uint64_t frames = input->integers[IDLE_FRAMES_FRAMES];
  uint64_t idle_after = input->integers[IDLE_FRAMES_IDLE_AFTER];
  uint64_t drawn = idle_after != 0 && idle_after < frames ? idle_after : frames;
  struct volume volume = {0};
  volume_add(&volume, 1, scene, 0);
  volume_add(&volume, scene + drawn * input->integers[IDLE_FRAMES_FRAME_OBJECTS],
             FRAME_OBJECT_SLOTS, FRAME_OBJECT_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_idle_frames = {
    .name = "idle_frames",
    .summary =
        "an animation of 60 frames a second, which offers the collector what is left of each "
        "frame",
    .operation = "frame",
    .parameters = parameters,
    .parameter_count = IDLE_FRAMES_PARAMETERS,
    .is_on_request = true,
    .allocation_bytes = allocation_bytes,
};
