/* Places of workloads, collectors and barriers in their lists. */
#include "results/order.h"
#include <string.h>

static const char *const workloads[] = {
#define WORKLOAD(name, ...) #name,
#include <tricolor/workloads.def>
    NULL};

static const char *const collectors[] = {
#define GC_COLLECTOR(name, ...)          #name,
#define GC_COLLECTOR_CUSTOM(name, ...)   #name,
#define GC_COLLECTOR_BASELINE(name, ...) #name,
#include <tricolor/collectors.def>
    NULL};

#undef GC_COLLECTOR
#undef GC_COLLECTOR_CUSTOM
#undef GC_COLLECTOR_BASELINE

static const char *const baselines[] = {
#define GC_COLLECTOR(name, ...)
#define GC_COLLECTOR_CUSTOM(name, ...)
#define GC_COLLECTOR_BASELINE(name, ...) #name,
#include <tricolor/collectors.def>
    NULL};

/* Native ports are of the harness, which lists them by what they are ports on. */
static const char native_prefix[] = "native_";

static const char *const barriers[] = {
#define GC_BARRIER(name, ...) #name,
#include <tricolor/barriers.def>
    NULL};

static size_t place_in(const char *const *names, const char *name) {
  size_t place = 0;
  while (names[place] && strcmp(names[place], name) != 0)
    place++;
  return place;
}

size_t results_workload_place(const char *name) {
  return place_in(workloads, name);
}

size_t results_collector_place(const char *name) {
  return place_in(collectors, name);
}

size_t results_barrier_place(const char *name) {
  return place_in(barriers, name);
}

bool results_collector_is_baseline(const char *name) {
  return strncmp(name, native_prefix, strlen(native_prefix)) == 0 ||
         baselines[place_in(baselines, name)] != NULL;
}
