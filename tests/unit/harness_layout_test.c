/* A trial's layout: the same seed gives the same environment, another seed another; the reservation that
 * it asks for moves what is mapped next. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "harness/layout.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static void a_seed_is_a_layout(void **state) {
  (void)state;
  size_t different_sizes = 0, different_shifts = 0;
  char *first = layout_variable(1), *again = layout_variable(1);
  assert_string_equal(first, again);
  const char *first_shift = strchr(first, '=') + 1;
  for (uint64_t seed = 2; seed < 102; seed++) {
    char *other = layout_variable(seed);
    different_sizes += strlen(other) != strlen(first);
    different_shifts += strncmp(strchr(other, '=') + 1, first_shift, 6) != 0;
    free(other);
  }
  assert_true(different_sizes >= 95);
  assert_true(different_shifts >= 95);
  free(first);
  free(again);
}

static uintptr_t place_of_next_mapping(void) {
  enum { BYTES = 1 << 26 };
  void *memory = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  assert_ptr_not_equal(memory, MAP_FAILED);
  munmap(memory, BYTES);
  return (uintptr_t)memory;
}

static void the_reservation_moves_what_follows(void **state) {
  (void)state;
  uintptr_t before = place_of_next_mapping();
  unsetenv("TRICOLOR_LAYOUT");
  layout_shift_mappings();
  assert_true(place_of_next_mapping() == before);
  setenv("TRICOLOR_LAYOUT", "100000:xxx", 1);
  layout_shift_mappings();
  assert_true(place_of_next_mapping() != before);
  setenv("TRICOLOR_LAYOUT", "nonsense", 1);
  before = place_of_next_mapping();
  layout_shift_mappings();
  assert_true(place_of_next_mapping() == before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_seed_is_a_layout),
      cmocka_unit_test(the_reservation_moves_what_follows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
