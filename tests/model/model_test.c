/* model_test: random programs on a heap, compared with a shadow of what the heap must hold.
 *
 *     model_test --collector C --barrier B [--mutators N] [--seed S] [--operations K] [--period P]
 *                [--rounds R] [--round I] [--OPTION VALUE]...
 *
 * Runs R rounds, or round I alone. Each opens a heap whose options are drawn from the seed: its
 * size, nursery, threads, mark stacks, verifier and stress options; --OPTION VALUE is any option of
 * a heap and fixes it for all rounds. Round 0 runs without stress; a stress build collects at every
 * refill and verifies in all of them. Each mutator does K operations in each round and meets the
 * others after every P of them for a comparison of the whole heap.
 *
 * Exit status: 0 the heap held what it should; 2 bad arguments; 77 with a sentence: the barrier
 * does not suffice for the collector. When something is wrong: a sentence, the command that repeats
 * it, and SIGABRT.
 */
#include "collectors/collector.h"
#include "tests/model/model.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OVERRIDES_MAX     32
#define STATUS_BAD_INPUT  2
#define STATUS_UNSUITABLE 77
#define ROUNDS_DEFAULT    5
#define PERIOD_DEFAULT    500

#ifdef GC_SANITIZE
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

#ifdef GC_STRESS
static const bool stressed = true;
#else
static const bool stressed = false;
#endif

/* Sanitizers take four to ten times as long; under stress every refill collects and verifies. */
#if defined(GC_STRESS)
#define OPERATIONS_DEFAULT 3000
#elif defined(GC_SANITIZE)
#define OPERATIONS_DEFAULT 2400
#else
#define OPERATIONS_DEFAULT 6000
#endif

#define GC_BARRIER(name, ...)        extern const struct model_ops model_ops_##name;
#define GC_BARRIER_CUSTOM(name, ...) extern const struct model_ops model_ops_##name;
#include <tricolor/barriers.def>
#undef GC_BARRIER
#undef GC_BARRIER_CUSTOM

static const struct model_ops *const all_ops[] = {
#define GC_BARRIER(name, ...)        &model_ops_##name,
#define GC_BARRIER_CUSTOM(name, ...) &model_ops_##name,
#include <tricolor/barriers.def>
#undef GC_BARRIER
#undef GC_BARRIER_CUSTOM
};

struct arguments {
  const char *collector, *barrier;
  uint64_t mutators, seed, operations, period, rounds;
  uint64_t only_round; /* UINT64_MAX: all */
  struct {
    const char *name, *text;
  } overrides[OVERRIDES_MAX];
  size_t override_count;
};

/* --- saying what went wrong --------------------------------------------------------------------*/

static char repeat_command[2048];
static bool failure_said; /* relaxed by nature: a second sentence would do no harm */

static void write_text(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) {
    return;
  }
}

/* Crashes and failed checks of the heap end here: says how to repeat them, then lets them happen.
 */
static void on_signal(int number) {
  if (!failure_said) {
    write_text("\nmodel_test: ended by a signal; repeat with: ");
    write_text(repeat_command);
    write_text("\n");
  }
  signal(number, SIG_DFL);
  raise(number);
}

static void install_handlers(void) {
  signal(SIGABRT, on_signal);
  if (!sanitized) { /* whose own handlers say more */
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
  }
}

_Noreturn void model_fail(const struct model_thread *thread, const char *format, ...) {
  static pthread_mutex_t one_sentence = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&one_sentence); /* never unlocked: the first failure ends the process */
  failure_said = true;
  fprintf(stderr, "\nmodel_test: wrong: ");
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n  mutator %u, operation %" PRIu64 ", %s\n  repeat with: %s\n", thread->index,
          thread->operation, thread->doing, repeat_command);
  abort();
}

static void compose_repeat_command(const struct arguments *arguments, unsigned round) {
  size_t room = sizeof repeat_command;
  size_t used = (size_t)snprintf(repeat_command, room,
                                 "model_test --collector %s --barrier %s --mutators %" PRIu64
                                 " --seed %" PRIu64 " --operations %" PRIu64 " --period %" PRIu64
                                 " --round %u",
                                 arguments->collector, arguments->barrier, arguments->mutators,
                                 arguments->seed, arguments->operations, arguments->period, round);
  for (size_t place = 0; place < arguments->override_count && used < room; place++) {
    used += (size_t)snprintf(repeat_command + used, room - used, " --%s %s",
                             arguments->overrides[place].name, arguments->overrides[place].text);
  }
}

/* --- arguments ---------------------------------------------------------------------------------*/

_Noreturn static void bad_input(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "model_test: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  exit(STATUS_BAD_INPUT);
}

static const struct model_ops *find_ops(const char *barrier) {
  for (size_t place = 0; place < sizeof all_ops / sizeof *all_ops; place++) {
    if (strcmp(all_ops[place]->barrier, barrier) == 0) {
      return all_ops[place];
    }
  }
  return NULL;
}

static uint64_t *count_argument(struct arguments *arguments, const char *name) {
  const struct {
    const char *name;
    uint64_t *value;
  } counts[] = {
      {"mutators", &arguments->mutators},     {"seed", &arguments->seed},
      {"operations", &arguments->operations}, {"period", &arguments->period},
      {"rounds", &arguments->rounds},         {"round", &arguments->only_round},
  };
  for (size_t place = 0; place < sizeof counts / sizeof *counts; place++) {
    if (strcmp(counts[place].name, name) == 0) {
      return counts[place].value;
    }
  }
  return NULL;
}

static void take_argument(struct arguments *arguments, const char *name, const char *text) {
  char error[256] = "";
  uint64_t *count = count_argument(arguments, name);
  struct gc_options scratch = gc_options_default();
  if (count != NULL) {
    if (gc_parse_count(text, count, error, sizeof error) != 0) {
      bad_input("--%s: %s", name, error);
    }
  } else if (strcmp(name, "collector") == 0) {
    arguments->collector = text;
  } else if (strcmp(name, "barrier") == 0) {
    arguments->barrier = text;
  } else if (gc_option_set(&scratch, name, text, error, sizeof error) != 0) {
    bad_input("%s", error);
  } else if (arguments->override_count == OVERRIDES_MAX) {
    bad_input("more than %d heap options", OVERRIDES_MAX);
  } else {
    arguments->overrides[arguments->override_count].name = name;
    arguments->overrides[arguments->override_count++].text = text;
  }
}

static struct arguments parse_arguments(int argument_count, char **texts) {
  struct arguments arguments = {
      .collector = "stw",
      .barrier = "card",
      .mutators = 1,
      .seed = 1,
      .operations = OPERATIONS_DEFAULT,
      .period = PERIOD_DEFAULT,
      .rounds = ROUNDS_DEFAULT,
      .only_round = UINT64_MAX,
  };
  for (int place = 1; place < argument_count; place += 2) {
    if (strncmp(texts[place], "--", 2) != 0 || place + 1 == argument_count) {
      bad_input("expected --NAME VALUE, found %s", texts[place]);
    }
    take_argument(&arguments, texts[place] + 2, texts[place + 1]);
  }
  if (find_ops(arguments.barrier) == NULL) {
    bad_input("there is no barrier %s", arguments.barrier);
  }
  if (arguments.mutators == 0 || arguments.mutators > MODEL_THREADS_MAX || arguments.period == 0) {
    bad_input("--mutators is 1 to %d, --period at least 1", MODEL_THREADS_MAX);
  }
  return arguments;
}

/* --- the collector -----------------------------------------------------------------------------*/

static struct gc_collector parse_collector(const char *name, struct gc_composition *composition) {
  struct gc_collector collector;
  char error[256] = "";
  if (gc_collector_parse(name, &collector, composition, error, sizeof error) != 0) {
    bad_input("%s", error);
  }
  return collector;
}

static bool reclaims_all(const char *name) {
  struct gc_composition composition;
  return (parse_collector(name, &composition).properties & GC_RECLAIMS_ALL) != 0;
}

static bool marks_beside(const char *name) {
  struct gc_composition composition;
  const struct gc_composition *parts = parse_collector(name, &composition).composition;
  return parts != NULL && parts->mark->is_beside;
}

/* --- the options of a round --------------------------------------------------------------------*/

static uint64_t draw(uint64_t *state, const uint64_t *choices, size_t count) {
  return choices[model_random(state) % count];
}

#define DRAW(state, ...)                                                                           \
  draw((state), (const uint64_t[]){__VA_ARGS__},                                                   \
       sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void draw_options(struct gc_options *options, uint64_t seed, unsigned round) {
  uint64_t state = model_mix(seed) ^ round;
  options->heap_bytes = DRAW(&state, 8, 12, 16, 24, 32) << 20;
  options->nursery_bytes = DRAW(&state, 64 << 10, 128 << 10, 256 << 10, 0);
  options->gc_threads = DRAW(&state, 1, 2, 3);
  options->pretouch = DRAW(&state, 0, 0, 1) != 0;
  options->seed = seed;
  if (options->gc_threads > 1) { /* a small heap does not get several threads */
    options->heap_bytes = DRAW(&state, 24, 32, 48) << 20;
  }
  if (round == 0) {
    return;
  }
  options->mark_stack_bytes = DRAW(&state, 64 << 20, 64 << 20, 1 << 20, 64 << 10);
  options->stress_buffer_bytes = DRAW(&state, 0, 0, 1 << 10, 4 << 10);
  options->stress_collect_every = DRAW(&state, 0, 0, 1, 2, 7, 30);
  if (options->stress_buffer_bytes != 0 && options->stress_collect_every == 1) {
    options->stress_collect_every = 4; /* tens of thousands of scavenges are enough */
  }
  options->stress_full_every = DRAW(&state, 0, 0, 30, 100);
  options->stress_move = DRAW(&state, 0, 0, 1) != 0;
  options->stress_sleep_us = DRAW(&state, 0, 0, 0, 20);
  options->stress_pretenure = DRAW(&state, 0, 0, 1) != 0;
  if (round % 2 == 0) { /* verifying costs a walk per collection */
    options->verify_level = DRAW(&state, 1, 2, 3, 3);
    options->heap_bytes = options->gc_threads > 1 ? 24 << 20 : 8 << 20;
    options->stress_collect_every = 0;
    options->stress_buffer_bytes = 0;
  }
}

/* For collectors that mark beside the mutators: cycles begin at scavenges, and their steps, their
 * remarks and the scavenges between are as many as the pause target is short. */
static void draw_cycles(struct gc_options *options, uint64_t seed, unsigned round) {
  uint64_t state = model_mix(seed + 1) ^ round;
  options->stress_full_every =
      options->verify_level > 0 ? DRAW(&state, 7, 20) : DRAW(&state, 2, 3, 7, 20);
  options->pause_target_ns = DRAW(&state, 0, 10000, 100000, 1000000);
  options->interleave_minor = DRAW(&state, 1, 1, 1, 0) != 0;
  options->stress_mark_budget = DRAW(&state, 0, 0, 1, 500);
  options->stress_yield_us = DRAW(&state, 0, 0, 0, 100);
}

/* In a third of the rounds that allow it: a half has a larger least size than an eden, and does not
 * grow. */
static void draw_layout(struct gc_options *options, uint64_t seed, unsigned round) {
  uint64_t state = model_mix(seed + 2) ^ round;
  bool is_large_enough = options->nursery_bytes == 0 || options->nursery_bytes >= 256 << 10;
  if (is_large_enough && options->interleave_minor && DRAW(&state, 0, 0, 1) != 0) {
    options->nursery_layout = "semispace";
  }
}

/* From a few buffers to more than there will be. */
static void draw_external(struct gc_options *options, uint64_t seed, unsigned round) {
  uint64_t state = model_mix(seed + 3) ^ round;
  options->external_limit_bytes = DRAW(&state, 0, 0, 256 << 10, 1 << 20);
  options->external_soft_bytes = DRAW(&state, 64 << 20, 64 << 10, 512 << 10);
}

static void stress_options(struct gc_options *options) {
  options->stress_collect_every = 1;
  options->stress_move = true;
  options->verify_level = options->verify_level < 2 ? 2 : 3;
  options->heap_bytes = options->gc_threads > 1 ? 24 << 20 : 8 << 20;
}

static struct gc_options round_options(const struct arguments *arguments, unsigned round) {
  struct gc_options options = gc_options_default();
  char error[256] = "";
  bool is_layout_given = false;
  draw_options(&options, arguments->seed, round);
  if (marks_beside(arguments->collector)) {
    draw_cycles(&options, arguments->seed, round);
  }
  draw_external(&options, arguments->seed, round);
  if (stressed) {
    stress_options(&options);
  }
  options.collector = arguments->collector;
  options.barrier = arguments->barrier;
  options.expected_allocation_bytes = round % 2 == 0 ? 256 << 20 : 32 << 20;
  for (size_t place = 0; place < arguments->override_count; place++) {
    (void)gc_option_set(&options, arguments->overrides[place].name,
                        arguments->overrides[place].text, error, sizeof error);
    is_layout_given |= strcmp(arguments->overrides[place].name, "nursery-layout") == 0;
  }
  if (!is_layout_given) {
    draw_layout(&options, arguments->seed, round);
  }
  return options;
}

/* --- one round ---------------------------------------------------------------------------------*/

static struct gc_heap *open_heap(struct gc_options options) {
  char error[512] = "", second_error[512] = "";
  struct gc_heap *heap = NULL;
  int status = gc_heap_open(&options, &heap, error, sizeof error);
  if (status == 0) {
    return heap;
  }
  /* Unsuitable, when it is the barrier that is refused. */
  options.barrier = "";
  if (status == -EINVAL && gc_heap_open(&options, &heap, second_error, sizeof second_error) == 0) {
    gc_heap_close(heap);
    printf("unsuitable: %s\n", error);
    exit(STATUS_UNSUITABLE);
  }
  bad_input("%s", error);
}

static void say_round(const struct model_world *world) {
  struct gc_statistics statistics;
  gc_statistics_read(world->heap, &statistics);
  uint64_t objects = 0, exchanged = 0, null_answers = 0;
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    objects += world->threads[index].objects_made;
    exchanged += world->threads[index].cells_exchanged;
    null_answers += world->threads[index].null_answers;
  }
  printf("round %u: %" PRIu64 " objects, %" PRIu64 " exchanged, %" PRIu64 " null answers; %" PRIu64
         " scavenges, %" PRIu64 " full collections, %" PRIu64 " degenerated, %" PRIu64
         " remarks aborted; %" PRIu64 " whole checks, %" PRIu64 " exact live sets\n",
         world->settings.round, objects, exchanged, null_answers, statistics.scavenge_count,
         statistics.full_count, statistics.degenerated_count, statistics.remarks_aborted,
         world->full_checks, world->exact_checks);
  fflush(stdout);
}

static void *run_thread(void *thread_argument) {
  struct model_thread *thread = thread_argument;
  find_ops(thread->world->settings.barrier)->run(thread);
  return NULL;
}

static void run_threads(struct model_world *world) {
  unsigned count = world->settings.thread_count;
  pthread_t threads[MODEL_THREADS_MAX];
  pthread_barrier_init(&world->meeting, NULL, count);
  for (unsigned index = 0; index < count; index++) {
    struct model_thread *thread = &world->threads[index];
    thread->world = world;
    thread->index = index;
    thread->random = model_mix(world->settings.seed ^ (uint64_t)world->settings.round << 16 ^
                               (uint64_t)index << 48);
    thread->doing = "starting";
    thread->handles = calloc(MODEL_HANDLES, sizeof *thread->handles);
    if (thread->handles == NULL || pthread_create(&threads[index], NULL, run_thread, thread) != 0) {
      bad_input("no memory for %u threads", count);
    }
  }
  for (unsigned index = 0; index < count; index++) {
    pthread_join(threads[index], NULL);
  }
  pthread_barrier_destroy(&world->meeting);
}

static void run_round(const struct arguments *arguments, unsigned round) {
  compose_repeat_command(arguments, round);
  struct model_world *world = calloc(1, sizeof *world);
  if (world == NULL) {
    bad_input("no memory");
  }
  world->settings = (struct model_settings){
      .heap = round_options(arguments, round),
      .barrier = arguments->barrier,
      .thread_count = (unsigned)arguments->mutators,
      .seed = arguments->seed,
      .operations = arguments->operations,
      .period = arguments->period,
      .round = round,
  };
  world->heap = open_heap(world->settings.heap);
  world->reclaims_all = reclaims_all(arguments->collector);
  run_threads(world);
  say_round(world);
  for (unsigned index = 0; index < world->settings.thread_count; index++) {
    model_nodes_finish(&world->threads[index]);
    free(world->threads[index].handles);
  }
  gc_heap_close(world->heap);
  free(world);
}

int main(int argument_count, char **texts) {
  struct arguments arguments = parse_arguments(argument_count, texts);
  install_handlers();
  if (arguments.only_round != UINT64_MAX) {
    run_round(&arguments, (unsigned)arguments.only_round);
    return 0;
  }
  compose_repeat_command(&arguments, 0);
  printf("%s (and the rounds after it)\n", repeat_command);
  fflush(stdout);
  for (unsigned round = 0; round < arguments.rounds; round++) {
    run_round(&arguments, round);
  }
  return 0;
}
