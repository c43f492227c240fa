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
