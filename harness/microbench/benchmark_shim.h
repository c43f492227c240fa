/* Google Benchmark for C: register self-timing bodies, run them interleaved, receive every
 * repetition.
 *
 * A body does one pass, times it itself and says how much it did: passes need untimed preparation,
 * and the heap's own phases are timed by the heap. Google Benchmark chooses the number of passes,
 * shuffles the repetitions of all benchmarks, takes the statistics and writes JSON in its own
 * format.
 *
 * A body that fails (its check found the work not done, or memory is lacking) says so with a
 * sentence; the benchmark is then reported as failed and has no time.
 */
#ifndef HARNESS_MICROBENCH_BENCHMARK_SHIM_H
#define HARNESS_MICROBENCH_BENCHMARK_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What one pass reports. */
struct bench_pass {
  uint64_t elapsed_ns;
  uint64_t items;
  uint64_t bytes;
  const char *failure; /* null when the pass did its work; static storage */
};

typedef void bench_body(void *argument, struct bench_pass *pass);

/* `index` comes back with each repetition. `thread_count` is information: a body runs its own
 * threads. */
void bench_shim_register(const char *name, unsigned thread_count, size_t index, bench_body *body,
                         void *argument);

struct bench_settings {
  const char *filter;    /* regular expression over names; empty: all */
  const char *json_path; /* "-": standard output; null: none */
  unsigned repetitions;
  double repetition_seconds;          /* least time of a repetition */
  void (*announce)(const char *name); /* called when a benchmark is about to run; may be null */
};

/* One repetition of one benchmark. */
struct bench_repetition {
  size_t index;
  uint64_t passes;
  double seconds_per_pass;
  double items_per_second;
  double bytes_per_second;
  const char *failure; /* null, or a sentence that lives as long as the call */
};

typedef void bench_receive(void *argument, const struct bench_repetition *repetition);

enum bench_status {
  BENCH_DONE,
  BENCH_BAD_FILTER, /* not a regular expression, or it matches nothing */
  BENCH_UNWRITABLE, /* the JSON file cannot be written */
};

/* Runs what matches; `receive` is called on the calling thread, for each repetition of each
 * benchmark, after the last of them. */
enum bench_status bench_shim_run(const struct bench_settings *settings, bench_receive *receive,
                                 void *argument);

#ifdef __cplusplus
}
#endif

#endif
