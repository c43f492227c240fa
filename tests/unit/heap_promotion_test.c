/* The promotion guarantee under the shapes that use it worst: nurseries in which everything
 * survives, of objects that leave the most waste, by one thread and by several, until the heap is
 * full.
 *
 * A guarantee that does not hold ends in a failed check inside the scavenge; what must come instead
 * is the null answer of gc_allocate, with everything intact.
 *
 * Labels: slow
 * Presets: release debug asan
 * Timeout: 120
 */
#include "heap_fixture.h"

#include "heap/heap.h"

static uint64_t random_state = 1;

static uint64_t random_below(uint64_t bound) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (random_state >> 33) % bound;
}

/* Raw bytes of the next object. */
typedef size_t shape_function(size_t number);

static size_t smallest(size_t number) {
  (void)number;
  return 8;
}

static size_t just_small_for_promotion(size_t number) {
  (void)number;
  return 4096 - 16 - 8;
}

static size_t just_big_for_promotion(size_t number) {
  (void)number;
  return 4096 - 16;
}

/* Eight fit into a block, and a ninth nearly. */
static size_t most_waste(size_t number) {
  (void)number;
  return (256 << 10) / 9 + 8;
}

static size_t nearly_large(size_t number) {
  (void)number;
  return GC_LARGE_BYTES - 24;
}

static size_t small_and_big_by_turns(size_t number) {
  return number % 2 == 0 ? 8 + random_below(4000) : 4096 + random_below(28000);
}

static size_t anything(size_t number) {
  (void)number;
  return 8 + random_below(random_below(GC_LARGE_BYTES - 32) + 1);
}

struct list {
  struct gc_handle first;
  size_t count;
};

static void fill(struct gc_mutator *mutator, struct list *list, shape_function *shape) {
  for (;; list->count++) {
    size_t raw_bytes = shape(list->count);
    struct gc_ref link = gc_allocate(mutator, 1, raw_bytes, 0);
    if (gc_is_null(link)) {
      return;
    }
    gc_init_field(mutator, link, 0, gc_handle_get(list->first));
    *(uint64_t *)gc_object_raw(link, 1) = list->count;
    gc_handle_set(mutator, list->first, link);
  }
}

/* Unlinks runs of links, so that the next filling meets holes as well as free blocks. */
static void thin_out(struct gc_mutator *mutator, struct list *list) {
  struct gc_ref link = gc_handle_get(list->first);
  for (list->count = 0; !gc_is_null(link);) {
    list->count++;
    struct gc_ref next = gc_read_field(mutator, link, 0);
    for (uint64_t skipped = random_below(8) == 0 ? random_below(3000) : 0;
         skipped > 0 && !gc_is_null(next); skipped--) {
      next = gc_read_field(mutator, next, 0);
    }
    gc_write_field(mutator, link, 0, next);
    link = next;
  }
  size_t number = list->count;
  for (link = gc_handle_get(list->first); !gc_is_null(link);
       link = gc_read_field(mutator, link, 0)) {
    *(uint64_t *)gc_object_raw(link, 1) = --number;
  }
}

static void fill_and_thin(uint64_t heap_mib, uint64_t nursery_bytes, uint64_t threads,
                          const char *layout, shape_function *shape) {
  struct gc_options options = fixture_options(heap_mib);
  options.nursery_bytes = nursery_bytes;
  options.nursery_layout = layout;
  options.gc_threads = threads;
  options.stress_move = threads > 1;
  options.verify_level = 1;
  struct gc_heap *heap = fixture_open(&options);
  assert_int_equal(heap->workers.count, threads); /* a heap that is too small gets fewer */
  struct gc_mutator *mutator = fixture_attach(heap);
  struct list list = {gc_handle_push(mutator, gc_null()), 0};
  for (int round = 0; round < 3; round++) {
    fill(mutator, &list, shape);
    fixture_check_list(mutator, gc_handle_get(list.first), list.count);
    thin_out(mutator, &list);
    fixture_check_list(mutator, gc_handle_get(list.first), list.count);
  }
  gc_detach(mutator);
  gc_heap_close(heap);
}

static shape_function *const shapes[] = {
    smallest,
    just_small_for_promotion,
    just_big_for_promotion,
    most_waste,
    nearly_large,
    small_and_big_by_turns,
    anything,
};

static void one_thread(void **state) {
  (void)state;
  for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) {
    fill_and_thin(12, 1 << 20, 1, "eden", shapes[index]);
    fill_and_thin(8, 256 << 10, 1, "eden", shapes[index]);
  }
}

static void three_threads(void **state) {
  (void)state;
  for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) {
    fill_and_thin(32, 3 << 20, 3, "eden", shapes[index]);
    fill_and_thin(26, 512 << 10, 3, "eden", shapes[index]);
  }
}

/* A nursery of nearly half the heap: little is left to guarantee with. */
static void huge_nurseries(void **state) {
  (void)state;
  for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) {
    fill_and_thin(16, 6 << 20, 1, "eden", shapes[index]);
    fill_and_thin(18, 11 << 20, 1, "eden", shapes[index]);
  }
}

static void semispaces(void **state) {
  (void)state;
  for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++) {
    fill_and_thin(12, 1 << 20, 1, "semispace", shapes[index]);
    fill_and_thin(16, 7 << 20, 1, "semispace", shapes[index]);
    fill_and_thin(32, 3 << 20, 3, "semispace", shapes[index]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_thread),
      cmocka_unit_test(three_threads),
      cmocka_unit_test(huge_nurseries),
      cmocka_unit_test(semispaces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
