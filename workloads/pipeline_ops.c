/* pipeline, hot code.
 *
 * Concurrency. A queue has one producer and one consumer, each of which writes a count of its own.
 * [pipeline-hand-over]: a count is published after the slot that it speaks of was stored, or
 * emptied, and read before the other side touches that slot. [pipeline-wait]: who waits says so and
 * looks at the counts afterwards, who counts looks for somebody who waits afterwards, all
 * sequentially consistent, so that one of the two sees the other; the lock makes looking and going
 * to sleep one step. Somebody who waits is woken when the queue is half full, or half empty, or
 * closed; so the two take turns instead of waking each other for every item.
 *
 * The queues are global roots, which every thread can read. Threads end when all items have passed,
 * or when one could not go on and has closed all queues.
 *
 * Self-check: each item that arrives is the next one, and each of its nodes is what all threads
 * together should have made of it; at the end the latest items are those that are kept.
 */
#include "workloads/pipeline.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>
#include <pthread.h>

enum awaited { AWAITED_ROOM, AWAITED_ITEMS, AWAITED_KINDS };

struct queue {
  struct gc_root *array;
  uint64_t room_items; /* constant */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint32_t waiting[AWAITED_KINDS];   /* atomic; written under lock [pairs: pipeline-wait] */
  uint32_t is_closed;                /* atomic; nothing is put any more [pairs: pipeline-wait] */
  _Alignas(64) uint64_t put_items;   /* atomic; by the producer [pairs: pipeline-hand-over] */
  _Alignas(64) uint64_t taken_items; /* atomic; by the consumer [pairs: pipeline-hand-over] */
};

/* What one thread has; handles are on its own stack. */
struct stage {
  struct pipeline *pipeline;
  unsigned number;
  struct gc_mutator *mutator;
  struct gc_handle item, made, node;
  pthread_t thread;
  char error[128]; /* why it could not attach; read after the join */
};

struct pipeline {
  struct workload_run *run;
  struct gc_handle window;
  uint64_t items; /* in all */
  unsigned stage_count, started;
  uint32_t is_exhausted; /* atomic, relaxed: read after the joins */
  struct stage stages[PIPELINE_STAGES_MAX];
  struct queue queues[PIPELINE_STAGES_MAX - 1]; /* behind the stage of the same number */
};

static inline uint64_t first_value(const struct workload_run *run, uint64_t item, uint32_t index) {
  return workload_fold(run->seed + item, index);
}

/* --- queues ------------------------------------------------------------------------------------*/

static bool is_ready(struct queue *queue, enum awaited awaited) {
  uint64_t taken = gc_atomic_load_seq_cst(&queue->taken_items); /* [pairs: pipeline-wait] */
  uint64_t put = gc_atomic_load_seq_cst(&queue->put_items);     /* [pairs: pipeline-wait] */
  uint64_t half = (queue->room_items + 1) / 2;
  return awaited == AWAITED_ITEMS ? put - taken >= half : put - taken <= queue->room_items - half;
}

static bool is_closed(struct queue *queue) {
  return gc_atomic_load_seq_cst(&queue->is_closed) != 0; /* [pairs: pipeline-wait] */
}

static void wake(struct queue *queue) {
  pthread_mutex_lock(&queue->lock);
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
}

/* After a count. */
static inline void wake_if_ready(struct queue *queue, enum awaited awaited) {
  if (GC_UNLIKELY(gc_atomic_load_seq_cst(&queue->waiting[awaited]) !=
                  0) && /* [pairs: pipeline-wait] */
      is_ready(queue, awaited)) {
    wake(queue);
  }
}

static void close_queue(struct queue *queue) {
  gc_atomic_store_seq_cst(&queue->is_closed, 1); /* [pairs: pipeline-wait] */
  wake(queue);
}

static void wait_for(struct gc_mutator *mutator, struct queue *queue, enum awaited awaited) {
  gc_blocking_begin(mutator);
  pthread_mutex_lock(&queue->lock);
  gc_atomic_fetch_add_seq_cst(&queue->waiting[awaited], 1); /* [pairs: pipeline-wait] */
  while (!is_ready(queue, awaited) && !is_closed(queue)) {
    pthread_cond_wait(&queue->changed, &queue->lock);
  }
  gc_atomic_fetch_sub_seq_cst(&queue->waiting[awaited], 1); /* [pairs: pipeline-wait] */
  pthread_mutex_unlock(&queue->lock);
  gc_blocking_end(mutator);
}

/* Moves what `made` refers to into the queue behind the stage. False: it was closed. A safepoint. */
static bool put(struct stage *stage) {
  struct queue *queue = &stage->pipeline->queues[stage->number];
  uint64_t count = gc_atomic_load_relaxed(&queue->put_items); /* its own */
  if (GC_UNLIKELY(
          count - gc_atomic_load_acquire(&queue->taken_items) == /* [pairs: pipeline-hand-over] */
          queue->room_items)) {
    wait_for(stage->mutator, queue, AWAITED_ROOM);
  }
  if (GC_UNLIKELY(is_closed(queue))) {
    return false;
  }
  gc_write_field(stage->mutator, gc_root_get(queue->array), count % queue->room_items,
                 gc_handle_get(stage->made));
  gc_handle_set(stage->mutator, stage->made, gc_null());
  gc_atomic_store_seq_cst(&queue->put_items,
                          count + 1); /* [pairs: pipeline-hand-over] [pairs: pipeline-wait] */
  wake_if_ready(queue, AWAITED_ITEMS);
  return true;
}

/* Moves the next of the queue before the stage into `item`. False: none will come. A safepoint. */
static bool take(struct stage *stage) {
  struct queue *queue = &stage->pipeline->queues[stage->number - 1];
  uint64_t count = gc_atomic_load_relaxed(&queue->taken_items); /* its own */
  gc_poll(stage->mutator);
  if (GC_UNLIKELY(gc_atomic_load_acquire(&queue->put_items) ==
                  count)) { /* [pairs: pipeline-hand-over] */
    wait_for(stage->mutator, queue, AWAITED_ITEMS);
    if (gc_atomic_load_acquire(&queue->put_items) == count) { /* [pairs: pipeline-hand-over] */
      return false;
    }
  }
  struct gc_ref array = gc_root_get(queue->array);
  size_t place = count % queue->room_items;
  gc_handle_set(stage->mutator, stage->item, gc_read_field(stage->mutator, array, place));
  gc_write_field(stage->mutator, array, place, gc_null());
  gc_atomic_store_seq_cst(&queue->taken_items,
                          count + 1); /* [pairs: pipeline-hand-over] [pairs: pipeline-wait] */
  wake_if_ready(queue, AWAITED_ROOM);
  return true;
}

/* Nobody waits for anything any more. */
static void give_up(struct pipeline *pipeline) {
  for (unsigned number = 0; number + 1 < pipeline->stage_count; number++) {
    close_queue(&pipeline->queues[number]);
  }
}

/* --- items -------------------------------------------------------------------------------------*/

/* A node before those that `made` refers to. False: the heap is exhausted. A safepoint. */
static inline bool add_node(struct stage *stage, struct pipeline_node content) {
  struct gc_ref node =
      gc_allocate(stage->mutator, PIPELINE_NODE_SLOTS, sizeof(struct pipeline_node), 0);
  if (GC_UNLIKELY(gc_is_null(node))) {
    return false;
  }
  gc_init_field(stage->mutator, node, PIPELINE_NEXT, gc_handle_get(stage->made));
  *(struct pipeline_node *)gc_object_raw(node, PIPELINE_NODE_SLOTS) = content;
  gc_handle_set(stage->mutator, stage->made, node);
  return true;
}

static bool make_item(struct stage *stage, uint64_t item) {
  const struct workload_run *run = stage->pipeline->run;
  uint64_t nodes = workload_integer(run, PIPELINE_NODES);
  for (uint32_t index = 0; index < nodes; index++) {
    if (!add_node(stage, (struct pipeline_node){item, first_value(run, item, index), index, 0})) {
      return false;
    }
  }
  return true;
}

/* Where memory is freed by hand. */
static void dispose_item(struct gc_mutator *mutator, struct gc_ref node) {
  while (gc_disposes(mutator) && !gc_is_null(node)) {
    struct gc_ref next = gc_read_field(mutator, node, PIPELINE_NEXT);
    gc_dispose(mutator, node);
    node = next;
  }
}

/* Makes another of `item`, in the opposite order. */
static bool remake_item(struct stage *stage) {
  struct gc_mutator *mutator = stage->mutator;
  gc_handle_set(mutator, stage->node, gc_handle_get(stage->item));
  while (!gc_is_null(gc_handle_get(stage->node))) {
    struct pipeline_node content =
        *(struct pipeline_node *)gc_object_raw(gc_handle_get(stage->node), PIPELINE_NODE_SLOTS);
    content.value = workload_fold(content.value, stage->number);
    content.stage = stage->number;
    if (!add_node(stage, content)) {
      return false;
    }
    gc_handle_set(mutator, stage->node,
                  gc_read_field(mutator, gc_handle_get(stage->node), PIPELINE_NEXT));
  }
  dispose_item(mutator, gc_handle_get(stage->item));
  gc_handle_set(mutator, stage->item, gc_null());
  return true;
}

/* --- threads -----------------------------------------------------------------------------------*/

static void push_handles(struct stage *stage) {
  stage->item = gc_handle_push(stage->mutator, gc_null());
  stage->made = gc_handle_push(stage->mutator, gc_null());
  stage->node = gc_handle_push(stage->mutator, gc_null());
}

/* All items, of a stage that hands on. */
static void hand_on(struct stage *stage) {
  struct pipeline *pipeline = stage->pipeline;
  for (uint64_t item = 0; item < pipeline->items; item++) {
    if (stage->number > 0 && !take(stage)) {
      return;
    }
    if (stage->number > 0 ? !remake_item(stage) : !make_item(stage, item)) {
      gc_atomic_store_relaxed(&pipeline->is_exhausted, 1);
      give_up(pipeline);
      return;
    }
    if (!put(stage)) {
      return;
    }
  }
  close_queue(&pipeline->queues[stage->number]);
}

static void *run_stage(void *argument) {
  struct stage *stage = argument;
  stage->mutator =
      gc_attach(stage->pipeline->run->mutator->heap, stage->error, sizeof stage->error);
  if (stage->mutator == NULL) {
    give_up(stage->pipeline);
    return NULL;
  }
  stage->error[0] = 0;
  struct gc_handle_frame frame = gc_handles_enter(stage->mutator);
  push_handles(stage);
  hand_on(stage);
  gc_handles_leave(stage->mutator, frame);
  gc_detach(stage->mutator);
  return NULL;
}

/* All but the last, which is the caller. */
static void start_stages(struct pipeline *pipeline) {
  for (unsigned number = 0; number + 1 < pipeline->stage_count; number++) {
    struct stage *stage = &pipeline->stages[number];
    if (pthread_create(&stage->thread, NULL, run_stage, stage) != 0) {
      snprintf(stage->error, sizeof stage->error, "no thread could be had");
      give_up(pipeline);
      return;
    }
    pipeline->started++;
  }
}

static void join_stages(struct pipeline *pipeline) {
  gc_blocking_begin(pipeline->run->mutator);
  for (unsigned number = 0; number < pipeline->started; number++) {
    pthread_join(pipeline->stages[number].thread, NULL);
  }
  gc_blocking_end(pipeline->run->mutator);
}

/* Why items did not arrive. */
static enum workload_status reason(const struct pipeline *pipeline) {
  for (unsigned number = 0; number + 1 < pipeline->stage_count; number++) {
    if (pipeline->stages[number].error[0]) {
      return workload_wrong(pipeline->run, "stage %u did not start: %s", number,
                            pipeline->stages[number].error);
    }
  }
  return gc_atomic_load_relaxed(&pipeline->is_exhausted) != 0 /* joined */
             ? WORKLOAD_OUT_OF_MEMORY
             : workload_wrong(pipeline->run, "items were lost");
}

/* --- the last stage ----------------------------------------------------------------------------*/

static uint64_t expected_value(const struct pipeline *pipeline, uint64_t item, uint32_t index) {
  uint64_t value = first_value(pipeline->run, item, index);
  for (unsigned number = 1; number + 1 < pipeline->stage_count; number++) {
    value = workload_fold(value, number);
  }
  return value;
}

/* No safepoint. */
static enum workload_status check_item(struct pipeline *pipeline, struct gc_ref node,
                                       uint64_t item) {
  struct workload_run *run = pipeline->run;
  uint32_t nodes = (uint32_t)workload_integer(run, PIPELINE_NODES), seen = 0;
  bool is_reversed = pipeline->stage_count % 2 == 0;
  for (; !gc_is_null(node) && seen < nodes; seen++) {
    const struct pipeline_node *content = gc_object_raw(node, PIPELINE_NODE_SLOTS);
    uint32_t index = is_reversed ? nodes - 1 - seen : seen;
    if (GC_UNLIKELY(content->item != item || content->index != index ||
                    content->stage != pipeline->stage_count - 2 ||
                    content->value != expected_value(pipeline, item, index))) {
      return workload_wrong(run, "node %" PRIu32 " of item %" PRIu64 " is damaged", seen, item);
    }
    run->checksum = workload_fold(run->checksum, content->value);
    node = gc_read_field(run->mutator, node, PIPELINE_NEXT);
  }
  return seen == nodes && gc_is_null(node)
             ? WORKLOAD_DONE
             : workload_wrong(run, "item %" PRIu64 " has another number of nodes", item);
}

/* Takes, checks and keeps items from first up to end. */
static enum workload_status arrive(struct stage *stage, uint64_t first, uint64_t end) {
  struct pipeline *pipeline = stage->pipeline;
  struct workload_run *run = pipeline->run;
  uint64_t places = workload_integer(run, PIPELINE_WINDOW);
  for (uint64_t item = first; item < end; item++) {
    if (!take(stage)) {
      return WORKLOAD_OUT_OF_MEMORY; /* or worse: reason() says it */
    }
    struct gc_ref arrived = gc_handle_get(stage->item), window = gc_handle_get(pipeline->window);
    enum workload_status status = check_item(pipeline, arrived, item);
    if (status != WORKLOAD_DONE) {
      return status;
    }
    dispose_item(run->mutator, gc_read_field(run->mutator, window, item % places));
    gc_write_field(run->mutator, window, item % places, arrived);
    gc_handle_set(run->mutator, stage->item, gc_null());
    if (first > 0) {
      workload_operation_end(run);
    }
    workload_progress_step(run, item, end);
  }
  return WORKLOAD_DONE;
}

static enum workload_status check_window(struct pipeline *pipeline) {
  struct gc_mutator *mutator = pipeline->run->mutator;
  uint64_t places = workload_integer(pipeline->run, PIPELINE_WINDOW);
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t item = pipeline->items - places; item < pipeline->items && status == WORKLOAD_DONE;
       item++) {
    struct gc_ref kept = gc_read_field(mutator, gc_handle_get(pipeline->window), item % places);
    status = check_item(pipeline, kept, item);
    workload_poll_step(pipeline->run, item);
  }
  return status;
}

static enum workload_status consume(struct stage *stage) {
  struct pipeline *pipeline = stage->pipeline;
  struct workload_run *run = pipeline->run;
  uint64_t window = workload_integer(run, PIPELINE_WINDOW);
  start_stages(pipeline);
  enum workload_status status = arrive(stage, 0, window);
  if (status == WORKLOAD_DONE) {
    run->operations = pipeline->items - window;
    workload_timed_begin(run);
    status = arrive(stage, window, pipeline->items);
    workload_timed_end(run);
  }
  if (status != WORKLOAD_DONE) {
    give_up(pipeline);
  }
  join_stages(pipeline);
  if (status == WORKLOAD_OUT_OF_MEMORY) {
    return reason(pipeline);
  }
  return status == WORKLOAD_DONE ? check_window(pipeline) : status;
}

/* --- a run -------------------------------------------------------------------------------------*/

/* False: the heap is exhausted. */
static bool open_queues(struct pipeline *pipeline) {
  struct gc_mutator *mutator = pipeline->run->mutator;
  uint64_t room_items = workload_integer(pipeline->run, PIPELINE_QUEUE);
  for (unsigned number = 0; number + 1 < pipeline->stage_count; number++) {
    struct queue *queue = &pipeline->queues[number];
    struct gc_ref array = gc_allocate(mutator, room_items, 0, 0);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    queue->room_items = room_items;
    queue->array = gc_is_null(array) ? NULL : gc_root_create(mutator, array);
    if (queue->array == NULL) {
      return false;
    }
  }
  return true;
}

static void destroy_queues(struct pipeline *pipeline) {
  for (unsigned number = 0; number + 1 < pipeline->stage_count; number++) {
    struct queue *queue = &pipeline->queues[number];
    if (queue->array == NULL) {
      return; /* nor are there any behind it */
    }
    gc_root_destroy(pipeline->run->mutator, queue->array);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
  }
}

static void init_stages(struct pipeline *pipeline) {
  for (unsigned number = 0; number < pipeline->stage_count; number++) {
    pipeline->stages[number].pipeline = pipeline;
    pipeline->stages[number].number = number;
  }
}

static enum workload_status pipeline_run(struct workload_run *run) {
  struct gc_mutator *mutator = run->mutator;
  uint64_t places = workload_integer(run, PIPELINE_WINDOW);
  struct pipeline pipeline = {.run = run,
                              .items = places + workload_integer(run, PIPELINE_ITEMS),
                              .stage_count = (unsigned)workload_integer(run, PIPELINE_STAGES)};
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  pipeline.window = gc_handle_push(mutator, gc_allocate(mutator, places, 0, 0));
  init_stages(&pipeline);
  struct stage *last = &pipeline.stages[pipeline.stage_count - 1];
  last->mutator = mutator;
  push_handles(last);
  bool is_open = !gc_is_null(gc_handle_get(pipeline.window)) && open_queues(&pipeline);
  enum workload_status status = is_open ? consume(last) : WORKLOAD_OUT_OF_MEMORY;
  destroy_queues(&pipeline);
  gc_handles_leave(mutator, frame);
  return status;
}

WORKLOAD_OPS(pipeline, pipeline_run);
