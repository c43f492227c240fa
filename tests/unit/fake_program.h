/* A program whose time is accounted for without the recorder: what its mutators spend within calls
 * of the heap is measured by themselves, around each call, on the clock of their own CPU time.
 *
 * Every mutator enters every path of the fake collector as often as it is told, independently of
 * the others, and computes between: so stops find mutators on all paths. A call that can only take
 * its fast half is not measured: reading the clock would cost more than the call.
 *
 * Mutators attach before any of them works and detach after all have: each lives through every
 * stop.
 */
#ifndef TESTS_UNIT_FAKE_PROGRAM_H
#define TESTS_UNIT_FAKE_PROGRAM_H

#include "heap/recording.h"
#include "tests/unit/fake_collector.h"
#include <pthread.h>

struct fake_program {
  struct fake fake;
  struct gc_heap *heap;
  unsigned mutators, rounds;
  uint32_t arrived; /* atomic; mutators at the meeting points passed so far */
  uint64_t called_cpu_ns[FAKE_MUTATORS_MAX]; /* by mutator: within calls of the heap */
  uint64_t calls[FAKE_MUTATORS_MAX];         /* that were measured */
};

/* One thread's view. */
struct fake_thread {
  struct fake_program *program;
  struct gc_mutator *mutator;
  unsigned index;
  uint64_t begin_cpu_ns; /* of the call under way */
  pthread_t thread;
};

static inline void fake_call_begin(struct fake_thread *thread) {
  thread->begin_cpu_ns = gc_platform_thread_cpu_ns();
}

static inline void fake_call_end(struct fake_thread *thread) {
  unsigned number = thread->mutator->private_part->number;
  uint64_t cpu_ns = gc_platform_thread_cpu_ns() - thread->begin_cpu_ns;
  thread->program->called_cpu_ns[number] += cpu_ns;
  thread->program->calls[number]++;
}

static inline void fake_poll(struct fake_thread *thread) {
  /* Relaxed: as the poll itself reads it. */
  if (gc_atomic_load_relaxed(&thread->mutator->stop_requested) != 0) {
    fake_call_begin(thread);
    gc_poll(thread->mutator);
    fake_call_end(thread);
  }
}

static inline void fake_compute(struct fake_thread *thread) {
  for (unsigned turn = 0; turn < 200; turn++) {
    for (unsigned spin = 0; spin < 20; spin++) {
      gc_platform_spin_pause();
    }
    fake_poll(thread);
  }
}

static inline void fake_meet(struct fake_thread *thread, unsigned meeting) {
  struct fake_program *program = thread->program;
  gc_atomic_fetch_add_seq_cst(&program->arrived, 1); /* [pairs: fake-meeting] */
  while (gc_atomic_load_seq_cst(&program->arrived) <
         meeting * program->mutators) { /* [pairs: fake-meeting] */
    fake_poll(thread);
    gc_platform_yield();
  }
}

static inline void fake_allocate(struct fake_thread *thread) {
  struct gc_ref object = gc_allocate(thread->mutator, 1, 8000, 0);
  GC_CHECK(!gc_is_null(object), "the fake's heap has room: all is garbage");
  gc_write_field(thread->mutator, object, 0, gc_null());
}

static inline void fake_await_step(struct fake_thread *thread) {
  struct fake *fake = &thread->program->fake;
  uint32_t ticket =
      gc_atomic_fetch_add_seq_cst(&fake->steps_wanted, 1) + 1; /* [pairs: fake-steps] */
  gc_background_wake(&thread->program->heap->background);
  while ((int32_t)(gc_atomic_load_seq_cst(&fake->steps_done) - ticket) <
         0) { /* [pairs: fake-steps] */
    fake_poll(thread);
    gc_platform_yield();
  }
}

static inline void fake_take(struct fake_thread *thread, enum fake_path path) {
  if (path == FAKE_STEP_BESIDE) {
    fake_await_step(thread);
    return;
  }
  enum fake_path *wanted = fake_wanted(thread->mutator);
  *wanted = path;
  while (*wanted != FAKE_NOTHING) {
    fake_call_begin(thread);
    if (path == FAKE_STOP) {
      gc_collect(thread->mutator, GC_COLLECTION_FULL);
    } else {
      fake_allocate(thread);
    }
    fake_call_end(thread);
  }
}

static inline void *fake_thread_main(void *argument) {
  struct fake_thread *thread = argument;
  char error[256];
  thread->mutator = gc_attach(thread->program->heap, error, sizeof error);
  GC_CHECK(thread->mutator != NULL, "a mutator of the fake's heap attaches");
  fake_meet(thread, 1);
  for (unsigned turn = 0; turn < thread->program->rounds * (FAKE_PATHS - 1); turn++) {
    fake_compute(thread);
    fake_take(thread, 1 + (turn + thread->index) % (FAKE_PATHS - 1));
  }
  fake_meet(thread, 2);
  gc_detach(thread->mutator);
  return NULL;
}

/* Runs it; the heap stays open, to be read, and its collector threads have ended. */
static inline void fake_program_run(struct fake_program *program) {
  struct fake_thread threads[FAKE_MUTATORS_MAX];
  char error[256] = "";
  program->heap = fake_heap_open(&program->fake, error, sizeof error);
  GC_CHECK(program->heap != NULL, "the fake's heap opens");
  for (unsigned index = 0; index < program->mutators; index++) {
    threads[index] = (struct fake_thread){.program = program, .index = index};
    int status = pthread_create(&threads[index].thread, NULL, fake_thread_main, &threads[index]);
    GC_CHECK(status == 0, "a thread starts");
  }
  for (unsigned index = 0; index < program->mutators; index++) {
    pthread_join(threads[index].thread, NULL);
  }
  gc_recording_finish(program->heap);
}

#endif
