/* Programs whose truth is known. See leak_programs.h. */
#include "harness/leak_programs.h"
#include "harness/text_list.h"
#include "harness/workload_registry.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Long enough for a trend, short enough for hundreds of them. */
static const char pair_size[] = "operations=100000,requests=3000";
enum {
  SITE_STORES = 50,
  SYNTHETIC_OPERATIONS = 400000,
  SYNTHETIC_MILLION = 1000000,
  LEAKLESS_SHARE = 3
};
static const double leak_least = 10, leak_most = 10000; /* per million */

static bool is_asked_for(const struct leak_programs_asked *asked, const char *text) {
  size_t length = asked->only ? strlen(asked->only) : 0;
  bool begins = !asked->only || strncmp(text, asked->only, length) == 0;
  return begins && (length == 0 || text[length] == 0 || text[length] == ',' || text[length] == ':');
}

static void add(struct leak_programs *programs, const struct leak_programs_asked *asked,
                const struct leak_program *program) {
  if (is_asked_for(asked, program->text)) {
    programs->items = memory_resize(programs->items, programs->count + 1, sizeof *programs->items);
    programs->items[programs->count++] = *program;
  }
}

/* --- pairs and scenarios ------------------------------------------------------------------------
 */

/* The names that a parameter of a workload can have, "a|b|c". */
static const char *names_of(const char *workload_name, const char *parameter) {
  const struct workload *workload = workload_find(workload_name);
  for (size_t i = 0; i < workload->parameter_count; i++) {
    if (strcmp(workload->parameters[i].name, parameter) == 0) {
      return workload->parameters[i].unit;
    }
  }
  return "";
}

/* A program for each name; `rest` follows it. */
static void add_each(struct leak_programs *programs, const struct leak_programs_asked *asked,
                     enum leak_program_kind kind, const char *workload, const char *parameter,
                     const char *rest) {
  for (const char *name = names_of(workload, parameter); *name;) {
    int length = (int)strcspn(name, "|");
    struct leak_program program = {.kind = kind, .seed = asked->seed};
    snprintf(program.text, sizeof program.text, "%s:%s=%.*s,%s%s", workload, parameter, length,
             name, rest, pair_size);
    add(programs, asked, &program);
    name += length;
    name += *name == '|';
  }
}

/* --- synthetic programs -------------------------------------------------------------------------
 */

static uint64_t draw_of(uint64_t *random, const uint64_t *choices, size_t count) {
  return choices[workload_random_below(random, count)];
}

static double draw_ratio(uint64_t *random) {
  return (double)workload_random_below(random, UINT64_C(1) << 32) / 4294967296.0;
}

/* From `least` to `most`, as likely in each decade. */
static uint64_t draw_logarithmic(uint64_t *random, double least, double most) {
  return (uint64_t)(least * pow(most / least, draw_ratio(random)) + 0.5);
}

/* What survives replaces what is alive four to ten times over, old objects are stored into five times
 * in a quarter of the run or never, and large objects come often enough: so a program which does not
 * leak has filled its structures in the first quarter of its run, and its truth is known. */
static struct leak_program draw_synthetic(uint64_t seed) {
  static const uint64_t bytes[] = {48, 64, 96, 128, 192, 256, 384};
  static const uint64_t chains[] = {1, 1, 1, 4, 16, 64};
  static const uint64_t bursts[] = {0, 0, 0, 5000, 20000, 50000};
  static const uint64_t larges[] = {0, 0, 100, 1000}, weaks[] = {0, 1000, 10000};
  uint64_t random = seed;
  struct leak_program program = {.kind = LEAK_PROGRAM_SYNTHETIC, .seed = seed};
  if (workload_random_below(&random, LEAKLESS_SHARE) > 0) {
    program.leak_per_million = draw_logarithmic(&random, leak_least, leak_most);
  }
  uint64_t object_bytes = draw_of(&random, bytes, sizeof bytes / sizeof *bytes);
  uint64_t sizes = workload_random_below(&random, 4);
  uint64_t live_objects = draw_logarithmic(&random, 1000, 20000);
  uint64_t replacements = draw_logarithmic(&random, 4, 10) * live_objects;
  uint64_t survival = replacements * SYNTHETIC_MILLION / SYNTHETIC_OPERATIONS;
  uint64_t lifetime = workload_random_below(&random, 3);
  uint64_t chain = draw_of(&random, chains, sizeof chains / sizeof *chains);
  uint64_t burst = draw_of(&random, bursts, sizeof bursts / sizeof *bursts);
  uint64_t large = draw_of(&random, larges, sizeof larges / sizeof *larges);
  uint64_t weak = draw_of(&random, weaks, sizeof weaks / sizeof *weaks);
  uint64_t sites = draw_logarithmic(&random, 100, 10000);
  uint64_t old_to_young = workload_random_below(&random, 3) * SITE_STORES * sites;
  uint64_t old_to_old = workload_random_below(&random, 300000);
  program.lost_ratio = (double)program.leak_per_million * SYNTHETIC_OPERATIONS / SYNTHETIC_MILLION /
                       (double)live_objects;
  snprintf(program.text, sizeof program.text,
           "synthetic:leak=%" PRIu64 ",operations=%d,object_bytes=%" PRIu64 ",sizes=%" PRIu64
           ",live_objects=%" PRIu64 ",survival=%" PRIu64 ",lifetime=%" PRIu64 ",chain=%" PRIu64
           ",burst=%" PRIu64 ",large=%" PRIu64 ",weak=%" PRIu64 ",old_to_young=%" PRIu64
           ",old_to_old=%" PRIu64 ",sites=%" PRIu64,
           program.leak_per_million, SYNTHETIC_OPERATIONS, object_bytes, sizes, live_objects,
           survival, lifetime, chain, burst, large, weak, old_to_young, old_to_old, sites);
  return program;
}

/* --- all of them --------------------------------------------------------------------------------
 */

bool leak_program_leaks(const struct leak_program *program) {
  return program->kind == LEAK_PROGRAM_LEAKY || program->leak_per_million > 0;
}

void leak_programs_make(struct leak_programs *programs, const struct leak_programs_asked *asked) {
  *programs = (struct leak_programs){0};
  add_each(programs, asked, LEAK_PROGRAM_LEAKY, "leak", "pair", "variant=leaky,");
  add_each(programs, asked, LEAK_PROGRAM_FIXED, "leak", "pair", "variant=fixed,");
  add_each(programs, asked, LEAK_PROGRAM_SCENARIO, "no_leak", "scenario", "");
  for (uint64_t i = 0; i < asked->synthetic_count; i++) {
    struct leak_program program = draw_synthetic(asked->seed + i);
    add(programs, asked, &program);
  }
}

void leak_programs_finish(struct leak_programs *programs) {
  free(programs->items);
  *programs = (struct leak_programs){0};
}
