/* idle_frames, hot code. A frame is a request: due at its time, begun, and done.
 *
 * Self-check: the objects of a frame hang together, from the last to the first; at the end of the
 * animation, that each object of the scene is one that a frame made in this place.
 */
#include "workloads/idle_frames.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>
#include <time.h>

struct idle_frames {
  struct workload_run *run;
  struct gc_handle scene; /* an array */
  struct gc_handle last;  /* the object of the frame allocated last */
  uint64_t random, scene_objects, frame_objects;
};

static inline struct frame_object *object_at(struct gc_ref object) {
  return gc_ref_address(object);
}

/* Null when the heap is exhausted. */
static inline struct gc_ref allocate_object(struct idle_frames *frames, uint64_t frame,
                                            uint64_t number) {
  struct gc_mutator *mutator = frames->run->mutator;
  struct gc_ref object = gc_allocate(mutator, FRAME_OBJECT_SLOTS, FRAME_OBJECT_RAW_BYTES, 0);
  if (GC_LIKELY(!gc_is_null(object))) {
    struct frame_object *content = object_at(object);
    content->frame = frame;
    content->number = number;
    content->points[number % 4] = frame ^ number;
  }
  return object;
}

static inline bool is_for_scene(uint64_t number) {
  return number % IDLE_FRAMES_KEEP_EVERY == 0;
}

static enum workload_status check_objects(struct idle_frames *frames, uint64_t frame) {
  struct workload_run *run = frames->run;
  struct gc_ref object = gc_handle_get(frames->last);
  for (uint64_t number = frames->frame_objects; number > 0; number--) {
    if (is_for_scene(number - 1)) {
      continue;
    }
    if (GC_UNLIKELY(gc_is_null(object) || object_at(object)->frame != frame ||
                    object_at(object)->number != number - 1)) {
      return workload_wrong(run, "object %" PRIu64 " of frame %" PRIu64 " is damaged", number - 1,
                            frame);
    }
    run->checksum = workload_fold(run->checksum, object_at(object)->points[(number - 1) % 4]);
    object = gc_read_field(run->mutator, object, FRAME_OBJECT_BEHIND);
  }
  return WORKLOAD_DONE;
}

static enum workload_status draw_frame(struct idle_frames *frames, uint64_t frame) {
  struct gc_mutator *mutator = frames->run->mutator;
  gc_handle_set(mutator, frames->last, gc_null());
  for (uint64_t number = 0; number < frames->frame_objects; number++) {
    struct gc_ref object = allocate_object(frames, frame, number);
    if (GC_UNLIKELY(gc_is_null(object))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    if (is_for_scene(number)) {
      uint64_t place = workload_random_below(&frames->random, frames->scene_objects);
      gc_write_field(mutator, gc_handle_get(frames->scene), place, object);
    } else {
      gc_init_field(mutator, object, FRAME_OBJECT_BEHIND, gc_handle_get(frames->last));
      gc_handle_set(mutator, frames->last, object);
    }
  }
  return check_objects(frames, frame);
}

/* Until the next frame is due: offers the time to the collector, and sleeps through what it does not
 * take. */
static void rest_until(struct idle_frames *frames, uint64_t time_ns) {
  struct workload_run *run = frames->run;
  uint64_t now_ns = workload_now_ns();
  if (workload_integer(run, IDLE_FRAMES_OFFER_IDLE) != 0 && now_ns < time_ns) {
    gc_idle(run->mutator, time_ns - now_ns);
  }
  struct timespec time = {.tv_sec = (time_t)(time_ns / 1000000000),
                          .tv_nsec = (long)(time_ns % 1000000000)};
  gc_blocking_begin(run->mutator);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) {
    /* A signal woke it. */
  }
  gc_blocking_end(run->mutator);
}

static enum workload_status check(struct idle_frames *frames) {
  struct workload_run *run = frames->run;
  for (uint64_t place = 0; place < frames->scene_objects; place++) {
    struct gc_ref object = gc_read_field(run->mutator, gc_handle_get(frames->scene), place);
    const struct frame_object *content = object_at(object);
    bool is_first = content->frame == UINT64_MAX;
    if (content->points[content->number % 4] != (content->frame ^ content->number) ||
        (is_first ? content->number != place : content->frame >= run->operations)) {
      return workload_wrong(run, "object %" PRIu64 " of the scene is damaged", place);
    }
    run->checksum = workload_fold(run->checksum, content->frame ^ content->number);
    workload_poll_step(run, place);
  }
  return WORKLOAD_DONE;
}

/* A frame with its request. */
static enum workload_status animate_frame(struct idle_frames *frames, uint64_t frame,
                                          uint64_t due_ns) {
  struct workload_run *run = frames->run;
  uint64_t begin_ns = workload_request_clock_ns(run);
  enum workload_status status = draw_frame(frames, frame);
  workload_request_record(run, (struct workload_request){.arrival_ns = due_ns,
                                                         .begin_ns = begin_ns,
                                                         .end_ns = workload_request_clock_ns(run)});
  gc_handle_set(run->mutator, frames->last, gc_null());
  return status;
}

/* Checks the scene and forgets it. */
static enum workload_status end_animation(struct idle_frames *frames) {
  enum workload_status status = check(frames);
  gc_handle_set(frames->run->mutator, frames->scene, gc_null());
  return status;
}

static enum workload_status animate(struct idle_frames *frames) {
  struct workload_run *run = frames->run;
  uint64_t frame_ns = workload_integer(run, IDLE_FRAMES_FRAME_US) * 1000;
  uint64_t idle_after = workload_integer(run, IDLE_FRAMES_IDLE_AFTER);
  uint64_t drawn = idle_after != 0 && idle_after < run->operations ? idle_after : run->operations;
  uint64_t due_ns = workload_now_ns();
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t frame = 0; frame < run->operations && status == WORKLOAD_DONE; frame++) {
    if (frame < drawn) {
      status = animate_frame(frames, frame, due_ns);
    } else if (frame == drawn) {
      status = end_animation(frames);
    }
    due_ns += frame_ns;
    rest_until(frames, due_ns);
    workload_progress(run, frame + 1, run->operations);
  }
  return status;
}

/* The scene as frame 0 finds it: its objects say that they are of no frame. */
static enum workload_status fill(struct idle_frames *frames) {
  struct gc_mutator *mutator = frames->run->mutator;
  gc_handle_set(mutator, frames->scene, gc_allocate(mutator, frames->scene_objects, 0, 0));
  if (gc_is_null(gc_handle_get(frames->scene))) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  for (uint64_t place = 0; place < frames->scene_objects; place++) {
    struct gc_ref object = allocate_object(frames, UINT64_MAX, place);
    if (gc_is_null(object)) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_write_field(mutator, gc_handle_get(frames->scene), place, object);
  }
  return WORKLOAD_DONE;
}

static enum workload_status idle_frames_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  struct idle_frames frames = {.run = run,
                               .scene = gc_handle_push(run->mutator, gc_null()),
                               .last = gc_handle_push(run->mutator, gc_null()),
                               .random = run->seed,
                               .scene_objects = workload_integer(run, IDLE_FRAMES_SCENE_OBJECTS),
                               .frame_objects = workload_integer(run, IDLE_FRAMES_FRAME_OBJECTS)};
  enum workload_status status = fill(&frames);
  if (status == WORKLOAD_DONE) {
    run->operations = workload_integer(run, IDLE_FRAMES_FRAMES);
    workload_requests_reserve(run, run->operations);
    workload_timed_begin(run);
    status = animate(&frames);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE && !gc_is_null(gc_handle_get(frames.scene))) {
    status = check(&frames);
  }
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(idle_frames, idle_frames_run);
