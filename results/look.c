/* Looks of collectors. See look.h. */
#include "results/look.h"
#include <stdint.h>
#include <string.h>

static const struct {
  const char *collector;
  struct results_look look;
} named[] = {
#define RESULTS_LOOK(collector, color, dash, marker)                                               \
  {#collector, {color, dash, RESULTS_MARKER_##marker}},
#include "results/look.def"
};

static const char *const other_colors[] = {
#define RESULTS_LOOK_OTHER(color) color,
#include "results/look.def"
};

static const unsigned dashes[] = {1, 2, 4, 5};

enum {
  name_count = sizeof named / sizeof *named,
  color_count = sizeof other_colors / sizeof *other_colors,
  dash_count = sizeof dashes / sizeof *dashes
};

const char *const results_marker_names[RESULTS_MARKERS] = {
    [RESULTS_MARKER_circle] = "circle",           [RESULTS_MARKER_square] = "square",
    [RESULTS_MARKER_triangle_up] = "triangle-up", [RESULTS_MARKER_triangle_down] = "triangle-down",
    [RESULTS_MARKER_diamond] = "diamond",         [RESULTS_MARKER_cross] = "cross"};

unsigned results_marker_point(enum results_marker marker) {
  static const unsigned points[RESULTS_MARKERS] = {
      [RESULTS_MARKER_circle] = 7,      [RESULTS_MARKER_square] = 5,
      [RESULTS_MARKER_triangle_up] = 9, [RESULTS_MARKER_triangle_down] = 11,
      [RESULTS_MARKER_diamond] = 13,    [RESULTS_MARKER_cross] = 1};
  return points[marker];
}

/* FNV-1a. */
static uint32_t hash_of(const char *name) {
  uint32_t hash = 2166136261u;
  for (; *name; name++)
    hash = (hash ^ (unsigned char)*name) * 16777619u;
  return hash;
}

static struct results_look look_of_name(const char *name) {
  uint32_t hash = hash_of(name);
  return (struct results_look){
      .color = other_colors[hash % color_count],
      .dash = dashes[hash / color_count % dash_count],
      .marker = (enum results_marker)(hash / (color_count * dash_count) % RESULTS_MARKERS)};
}

static size_t place_of_dash(unsigned dash) {
  size_t place = 0;
  while (place < dash_count && dashes[place] != dash)
    place++;
  return place;
}

struct results_look results_look_of(const char *collector, size_t variant) {
  struct results_look look = look_of_name(collector);
  for (size_t index = 0; index < name_count; index++)
    if (strcmp(named[index].collector, collector) == 0)
      look = named[index].look;
  look.dash = dashes[(place_of_dash(look.dash) + variant) % dash_count];
  look.marker = (enum results_marker)((look.marker + variant) % RESULTS_MARKERS);
  return look;
}
