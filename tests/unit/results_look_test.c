/* Looks of collectors: every collector of the tree has one, no two share a colour, and any two can be
 * told apart by people without red or without green cones, on either page, and on grey paper.
 *
 * Colours are taken as an sRGB screen shows them, seen through the matrices of Machado, Oliveira and
 * Fernandes 2009 (deuteranopia and protanopia, whole), and compared by their distance in CIELAB.
 *
 * Presets: release
 */
#include "results/look.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum sight { SIGHT_USUAL, SIGHT_NO_GREEN, SIGHT_NO_RED, SIGHTS };

static const double matrices[SIGHTS][3][3] = {
    [SIGHT_USUAL] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    [SIGHT_NO_GREEN] = {{0.367322, 0.860646, -0.227968},
                        {0.280085, 0.672501, 0.047413},
                        {-0.011820, 0.042940, 0.968881}},
    [SIGHT_NO_RED] = {{0.152286, 1.052583, -0.204868},
                      {0.114503, 0.786281, 0.099216},
                      {-0.003882, -0.048116, 1.051998}},
};

/* Least distances: as others see the colours they are half as far again. */
static const double least_distance = 17, least_usual_distance = 27;
/* The floor's line is broader than a collector's. */
static const double least_floor_distance = 15;
/* Nearer than this, dash and marker must differ both. */
static const double near_distance = 25;

static const char *const collectors[] = {
#define GC_COLLECTOR(name, ...)          #name,
#define GC_COLLECTOR_CUSTOM(name, ...)   #name,
#define GC_COLLECTOR_BASELINE(name, ...) #name,
#include "collectors/collectors.def"
};
enum { COLLECTORS = sizeof collectors / sizeof *collectors };

static const char *const colors[] = {
#define RESULTS_LOOK(collector, color, dash, marker) color,
#include "results/look.def"
#define RESULTS_LOOK_OTHER(color) color,
#include "results/look.def"
};
enum { COLORS = sizeof colors / sizeof *colors };

struct lab {
  double lightness, a, b;
};

static void read_linear(const char *color, double linear[3]) {
  unsigned channels[3];
  assert_int_equal(sscanf(color, "#%2x%2x%2x", &channels[0], &channels[1], &channels[2]), 3);
  for (size_t i = 0; i < 3; i++) {
    double value = channels[i] / 255.0;
    linear[i] = value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
  }
}

static double luminance_of(const char *color) {
  double linear[3];
  read_linear(color, linear);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

static double lab_root(double value) {
  return value > 216.0 / 24389 ? cbrt(value) : (24389.0 / 27 * value + 16) / 116;
}

static struct lab lab_of(const char *color, enum sight sight) {
  double linear[3], seen[3];
  read_linear(color, linear);
  for (size_t i = 0; i < 3; i++) {
    const double *row = matrices[sight][i];
    seen[i] = fmin(1, fmax(0, row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2]));
  }
  double x = (0.4124564 * seen[0] + 0.3575761 * seen[1] + 0.1804375 * seen[2]) / 0.95047;
  double y = 0.2126729 * seen[0] + 0.7151522 * seen[1] + 0.0721750 * seen[2];
  double z = (0.0193339 * seen[0] + 0.1191920 * seen[1] + 0.9503041 * seen[2]) / 1.08883;
  return (struct lab){116 * lab_root(y) - 16, 500 * (lab_root(x) - lab_root(y)),
                      200 * (lab_root(y) - lab_root(z))};
}

static double distance_of(const char *left, const char *right, enum sight sight) {
  struct lab a = lab_of(left, sight), b = lab_of(right, sight);
  return sqrt(pow(a.lightness - b.lightness, 2) + pow(a.a - b.a, 2) + pow(a.b - b.b, 2));
}

static double least_distance_of(const char *left, const char *right) {
  double least = INFINITY;
  for (enum sight sight = 0; sight < SIGHTS; sight++)
    least = fmin(least, distance_of(left, right, sight));
  return least;
}

/* Black and white are 100 apart to everybody; what is red and green to most is hardly two colours to
 * those without green cones. */
static void distances_are_known_ones(void **state) {
  (void)state;
  for (enum sight sight = 0; sight < SIGHTS; sight++)
    assert_true(fabs(distance_of("#000000", "#FFFFFF", sight) - 100) < 0.1);
  assert_true(fabs(distance_of("#FF0000", "#000000", SIGHT_USUAL) - 117.3) < 0.5);
  assert_true(distance_of("#B07A00", "#7F8F00", SIGHT_USUAL) > 30);
  assert_true(distance_of("#B07A00", "#7F8F00", SIGHT_NO_GREEN) < 12);
}

static void colors_are_far_apart(void **state) {
  (void)state;
  for (size_t i = 0; i < COLORS; i++)
    for (size_t k = 0; k < i; k++) {
      if (least_distance_of(colors[i], colors[k]) < least_distance ||
          distance_of(colors[i], colors[k], SIGHT_USUAL) < least_usual_distance)
        fail_msg("%s and %s are %.1f apart, to most %.1f", colors[i], colors[k],
                 least_distance_of(colors[i], colors[k]),
                 distance_of(colors[i], colors[k], SIGHT_USUAL));
    }
}

static void the_floor_is_no_collector(void **state) {
  (void)state;
  for (size_t i = 0; i < COLORS; i++)
    assert_true(least_distance_of(colors[i], RESULTS_FLOOR_COLOR) >= least_floor_distance);
}

static double contrast_of(const char *left, const char *right) {
  double a = luminance_of(left) + 0.05, b = luminance_of(right) + 0.05;
  return a > b ? a / b : b / a;
}

static void colors_are_seen_on_either_page(void **state) {
  (void)state;
  for (size_t i = 0; i < COLORS; i++) {
    assert_true(contrast_of(colors[i], "#FFFFFF") >= 2);
    assert_true(contrast_of(colors[i], "#14171C") >= 1.8);
  }
}

static void collectors_of_the_tree_are_named(void **state) {
  (void)state;
  for (size_t i = 0; i < COLLECTORS; i++) {
    struct results_look look = results_look_of(collectors[i], 0);
    for (size_t other = COLLECTORS; other < COLORS; other++)
      assert_string_not_equal(look.color, colors[other]);
    for (size_t k = 0; k < i; k++) {
      struct results_look before = results_look_of(collectors[k], 0);
      assert_true(look.dash != before.dash || look.marker != before.marker);
      if (least_distance_of(look.color, before.color) < near_distance &&
          (look.dash == before.dash || look.marker == before.marker))
        fail_msg("%s and %s are too like each other", collectors[i], collectors[k]);
    }
  }
}

/* Names that nobody has heard of: the same look every time, in a colour that no named one has. */
static void others_look_the_same_in_every_run(void **state) {
  (void)state;
  const char *const names[] = {"ticking", "mark=concurrent,sweep=lazy", "young=none", ""};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct results_look look = results_look_of(names[i], 0), again = results_look_of(names[i], 0);
    assert_string_equal(look.color, again.color);
    assert_int_equal(look.dash, again.dash);
    assert_int_equal(look.marker, again.marker);
    for (size_t k = 0; k < COLLECTORS; k++)
      assert_string_not_equal(look.color, results_look_of(collectors[k], 0).color);
  }
  assert_string_equal(results_look_of("ticking", 0).color, "#1600FC"); /* and in every version */
}

static void variants_share_the_color_alone(void **state) {
  (void)state;
  struct results_look look = results_look_of("stw", 0);
  for (size_t variant = 1; variant < 4; variant++) {
    struct results_look other = results_look_of("stw", variant);
    assert_string_equal(other.color, look.color);
    assert_int_not_equal(other.dash, look.dash);
    assert_int_not_equal(other.marker, look.marker);
    assert_int_not_equal(other.dash, 3);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_are_known_ones),
      cmocka_unit_test(colors_are_far_apart),
      cmocka_unit_test(the_floor_is_no_collector),
      cmocka_unit_test(colors_are_seen_on_either_page),
      cmocka_unit_test(collectors_of_the_tree_are_named),
      cmocka_unit_test(others_look_the_same_in_every_run),
      cmocka_unit_test(variants_share_the_color_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
