/* The recorder against an account that it does not keep: no time of the collector on a mutator, or
 * of a collector thread in a stop, goes unrecorded, whatever path it is spent on.
 *
 * A fake collector spends CPU time of known length on every path; the program measures what its
 * calls of the heap cost it. Three rules are checked: every injection is recorded once, with its
 * kind and its CPU time; what calls cost is what pauses say; every mutator has one pause of every
 * stop. Then the fake hides its time on one path after another, and the rules must not hold.
 *
 * All clocks that are compared are of CPU time, or are ordered within one thread, so that other
 * programs on the machine change nothing.
 *
 * Presets: release debug
 */
#include "harness/ring.h"
#include "tests/unit/fake_program.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of an injection: 2 % of it are some 80 us, many times what a call and its records cost. */
#define LENGTH_NS UINT64_C(4000000)

/* What a wait may cost in CPU time: twice 50 us of spinning, parking and waking. */
#define WAIT_CPU_NS UINT64_C(200000)

enum { PAUSES_MAX = 8192 };

/* What was recorded. `cpu_ns` of a pause: of its stop for the mutator that asked for it, 0 for
 * those that wait; without a stop, of its thread's phases in it. */
struct pause {
  struct gc_event_pause event;
  uint64_t cpu_ns;
  bool waits;
};

struct records {
  struct pause pauses[PAUSES_MAX];
  struct gc_event_stop stops[PAUSES_MAX]; /* by stop_id less 1 */
  size_t pause_count, stop_count;
};

typedef void visit(struct records *records, const struct gc_event_ring *ring,
                   enum gc_event_number number, const uint64_t *fields);

static void visit_ring(struct records *records, const struct gc_event_ring *ring, visit *visit) {
  assert_int_equal(ring->lost_events, 0);
  for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
    visit(records, ring, ring_number_at(ring, head), ring_fields_at(ring, head));
  }
}

static void take_stop(struct records *records, const struct gc_event_ring *ring,
                      enum gc_event_number number, const uint64_t *fields) {
  (void)ring;
  if (number == GC_EVENT_stop) {
    const struct gc_event_stop *stop = (const void *)fields;
    assert_in_range(stop->stop_id, 1, PAUSES_MAX);
    records->stops[stop->stop_id - 1] = *stop;
    records->stop_count++;
  }
}

/* Phases of a ring that lie within the pause, outside stops. */
static uint64_t phases_cpu_ns(const struct gc_event_ring *ring,
                              const struct gc_event_pause *pause) {
  uint64_t cpu_ns = 0;
  for (size_t head = 0; head < ring->used_words; head = ring_next(ring, head)) {
    const struct gc_event_phase *phase = (const void *)ring_fields_at(ring, head);
    if (ring_number_at(ring, head) == GC_EVENT_phase && phase->stop_id == 0 &&
        phase->begin_ns >= pause->begin_ns && phase->end_ns <= pause->end_ns) {
      cpu_ns += phase->cpu_ns;
    }
  }
  return cpu_ns;
}

static void take_pause(struct records *records, const struct gc_event_ring *ring,
                       enum gc_event_number number, const uint64_t *fields) {
  if (number != GC_EVENT_pause) {
    return;
  }
  assert_true(records->pause_count < PAUSES_MAX);
  struct pause *pause = &records->pauses[records->pause_count++];
  pause->event = *(const struct gc_event_pause *)fields;
  if (pause->event.stop_id == 0) {
    pause->cpu_ns = phases_cpu_ns(ring, &pause->event);
    return;
  }
  assert_true(pause->event.stop_id <= records->stop_count);
  const struct gc_event_stop *stop = &records->stops[pause->event.stop_id - 1];
  pause->waits = stop->requester != pause->event.mutator;
  pause->cpu_ns = pause->waits ? 0 : stop->cpu_ns;
}

static struct records *read_records(struct gc_heap *heap) {
  struct records *records = calloc(1, sizeof *records);
  assert_non_null(records);
  for (size_t index = 0; index < gc_recording_ring_count(heap); index++) {
    visit_ring(records, gc_recording_ring(heap, index), take_stop);
  }
  for (size_t index = 0; index < gc_recording_ring_count(heap); index++) {
    visit_ring(records, gc_recording_ring(heap, index), take_pause);
  }
  return records;
}

/* --- the rules ---------------------------------------------------------------------------------
 *
 * Each answers true, or says what is wrong. */

struct verdict {
  char text[256];
};

#define WRONG(verdict, ...) (snprintf((verdict)->text, sizeof(verdict)->text, __VA_ARGS__), false)

static bool covers(uint64_t begin_ns, uint64_t end_ns, const struct fake_injection *injection) {
  return begin_ns <= injection->begin_ns && end_ns >= injection->end_ns;
}

/* Of a collector thread's stop the stop itself is the record; its pauses are the mutators'. */
static bool injection_is_recorded(const struct records *records,
                                  const struct fake_injection *injection, struct verdict *verdict) {
  uint64_t recorded_ns = 0;
  unsigned matches = 0;
  for (size_t index = 0; index < records->pause_count; index++) {
    const struct pause *pause = &records->pauses[index];
    if (pause->event.mutator == injection->thread && !pause->waits &&
        pause->event.kind == fake_kinds[injection->path] &&
        covers(pause->event.begin_ns, pause->event.end_ns, injection)) {
      recorded_ns = pause->cpu_ns;
      matches++;
    }
  }
  for (size_t index = 0; index < records->stop_count; index++) {
    const struct gc_event_stop *stop = &records->stops[index];
    if (injection->thread == GC_REQUESTER_COLLECTOR && stop->requester == GC_REQUESTER_COLLECTOR &&
        stop->kind == fake_kinds[injection->path] &&
        covers(stop->stopped_ns, stop->work_end_ns, injection)) {
      recorded_ns = stop->cpu_ns;
      matches++;
    }
  }
  const char *path = fake_path_names[injection->path];
  if (matches != 1) {
    return WRONG(verdict, "%s: recorded %u times", path, matches);
  }
  return fake_is_recorded_as((double)recorded_ns, (double)injection->cpu_ns,
                             (double)injection->around_cpu_ns) ||
         WRONG(verdict, "%s: %" PRIu64 " ns of CPU time recorded as %" PRIu64, path,
               injection->cpu_ns, recorded_ns);
}

static bool injections_are_recorded(const struct fake_program *program,
                                    const struct records *records, struct verdict *verdict) {
  bool holds = true;
  for (size_t index = 0; holds && index < program->fake.injection_count; index++) {
    holds = injection_is_recorded(records, &program->fake.injections[index], verdict);
  }
  return holds;
}

static bool accounts_agree(uint64_t spent_ns, uint64_t recorded_ns, uint64_t waiting_ns,
                           const char *who, unsigned number, struct verdict *verdict) {
  if (spent_ns > recorded_ns + spent_ns / 50 + waiting_ns) {
    return WRONG(verdict, "%s %u: %" PRIu64 " ns of CPU time spent, %" PRIu64 " unrecorded", who,
                 number, spent_ns, spent_ns - recorded_ns);
  }
  return recorded_ns <= spent_ns + spent_ns / 50 ||
         WRONG(verdict, "%s %u: %" PRIu64 " ns of CPU time spent, %" PRIu64 " recorded", who,
               number, spent_ns, recorded_ns);
}

/* A wait is in no record of CPU time, for nothing is done in it: it spins before it parks. */
static uint64_t waiting_ns(uint64_t wall_ns) {
  return wall_ns < WAIT_CPU_NS ? wall_ns : WAIT_CPU_NS;
}

/* Calls of the heap cost a mutator what its pauses say, and waiting: for those that stop the world,
 * or, where it does so itself, for the others to stop and to be woken. */
static bool mutators_accounts_agree(const struct fake_program *program,
                                    const struct records *records, struct verdict *verdict) {
  bool holds = true;
  for (unsigned number = 0; holds && number < program->mutators; number++) {
    uint64_t recorded_ns = 0, waited_ns = 0;
    for (size_t index = 0; index < records->pause_count; index++) {
      const struct pause *pause = &records->pauses[index];
      if (pause->event.mutator == number) {
        recorded_ns += pause->cpu_ns;
        bool may_wait = pause->waits || (pause->event.stop_id != 0 && program->mutators > 1);
        waited_ns += may_wait ? waiting_ns(pause->event.end_ns - pause->event.begin_ns) : 0;
      }
    }
    holds = accounts_agree(program->called_cpu_ns[number], recorded_ns, waited_ns, "mutator",
                           number, verdict);
  }
  return holds;
}

static bool collector_threads_account_agrees(const struct fake_program *program,
                                             const struct records *records,
                                             struct verdict *verdict) {
  uint64_t recorded_ns = 0, waits = 0;
  for (size_t index = 0; index < records->stop_count; index++) {
    if (records->stops[index].requester == GC_REQUESTER_COLLECTOR) {
      recorded_ns += records->stops[index].cpu_ns;
      waits++;
    }
  }
  return accounts_agree(program->fake.beside_cpu_ns, recorded_ns, waits * WAIT_CPU_NS,
                        "collector thread", 0, verdict);
}

/* Each lived through every stop, and stood still at least while the collector worked. */
static bool stop_paused_everybody(const struct fake_program *program, const struct records *records,
                                  const struct gc_event_stop *stop, struct verdict *verdict) {
  unsigned pauses[FAKE_MUTATORS_MAX] = {0};
  for (size_t index = 0; index < records->pause_count; index++) {
    const struct gc_event_pause *pause = &records->pauses[index].event;
    if (pause->stop_id == stop->stop_id) {
      bool is_right = pause->mutator < program->mutators && pause->kind == stop->kind &&
                      pause->begin_ns <= stop->stopped_ns && pause->end_ns >= stop->work_end_ns;
      if (!is_right) {
        return WRONG(verdict, "stop %" PRIu64 ": a pause that is not of its length or kind",
                     stop->stop_id);
      }
      pauses[pause->mutator]++;
    }
  }
  for (unsigned number = 0; number < program->mutators; number++) {
    if (pauses[number] != 1) {
      return WRONG(verdict, "stop %" PRIu64 ": mutator %u has %u pauses", stop->stop_id, number,
                   pauses[number]);
    }
  }
  return true;
}

static bool stops_paused_everybody(const struct fake_program *program,
                                   const struct records *records, struct verdict *verdict) {
  bool holds = true;
  for (size_t index = 0; holds && index < records->stop_count; index++) {
    holds = stop_paused_everybody(program, records, &records->stops[index], verdict);
  }
  return holds;
}

/* --- the tests ---------------------------------------------------------------------------------*/

static bool has_injected_on_every_path(const struct fake_program *program) {
  unsigned counts[FAKE_PATHS] = {0};
  for (size_t index = 0; index < program->fake.injection_count; index++) {
    counts[program->fake.injections[index].path]++;
  }
  bool has = true;
  for (unsigned path = 1; path < FAKE_PATHS; path++) {
    has = has && counts[path] == program->mutators * program->rounds;
  }
  return has;
}

/* Runs the program; answers whether the rules hold that need no knowledge of what was injected, and
 * in `all` whether the first does as well. */
static bool accounts_hold(unsigned mutators, unsigned rounds, enum fake_path hidden_path, bool *all,
                          struct verdict *verdict) {
  struct fake_program *program = calloc(1, sizeof *program);
  assert_non_null(program);
  program->mutators = mutators;
  program->rounds = rounds;
  program->fake.length_ns = LENGTH_NS;
  program->fake.hidden_path = hidden_path;
  fake_program_run(program);
  assert_true(has_injected_on_every_path(program));
  struct records *records = read_records(program->heap);
  *all = injections_are_recorded(program, records, verdict);
  verdict = *all ? verdict : &(struct verdict){""}; /* the first says more */
  bool holds = stops_paused_everybody(program, records, verdict) &&
               mutators_accounts_agree(program, records, verdict) &&
               collector_threads_account_agrees(program, records, verdict);
  gc_heap_close(program->heap);
  free(records);
  free(program);
  return holds;
}

/* A switch of threads between two stops is charged to whoever waits. On a machine that is busy
 * beyond measure it may come to more than waiting may cost; so the account may be taken again. What
 * is not recorded is missing every time. */
enum { ATTEMPTS = 3 };

static void check_told(unsigned mutators, unsigned rounds) {
  struct verdict verdict = {""};
  for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
    bool all = false;
    bool holds = accounts_hold(mutators, rounds, FAKE_NOTHING, &all, &verdict);
    if (holds && all) {
      return;
    }
    print_message("%s\n", verdict.text);
  }
  fail_msg("%s", verdict.text);
}

static void test_told_of_one(void **state) {
  (void)state;
  check_told(1, 8);
}

static void test_told_of_several(void **state) {
  (void)state;
  check_told(3, 4);
}

static void check_hidden(unsigned mutators) {
  for (enum fake_path path = 1; path < FAKE_PATHS; path++) {
    struct verdict verdict = {""};
    bool all = false;
    if (accounts_hold(mutators, 2, path, &all, &verdict) || all) {
      fail_msg("%u mutators: time hidden on the path `%s` is not missed", mutators,
               fake_path_names[path]);
    }
    print_message("%-16s %s\n", fake_path_names[path], verdict.text);
  }
}

static void test_hidden_from_one(void **state) {
  (void)state;
  check_hidden(1);
}

static void test_hidden_from_several(void **state) {
  (void)state;
  check_hidden(3);
}

/* The argument, if any, is a pattern of the tests to run. */
int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_told_of_one),
      cmocka_unit_test(test_told_of_several),
      cmocka_unit_test(test_hidden_from_one),
      cmocka_unit_test(test_hidden_from_several),
  };
  if (argc > 1) {
    cmocka_set_test_filter(argv[1]);
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
