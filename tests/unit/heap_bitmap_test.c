/* Side bitmaps against a plain array of bytes: filled granules, parity, holes, walks, marks, sweep.
 *
 * Objects are placed at random, from two granules to several words long, adjacent as often as not,
 * over word borders and up to the last granule. Every answer of the bitmap code must be that of a
 * loop over one byte per granule.
 */
#include "heap/bitmap.h"
#include "heap/old_space.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WORDS    64
#define GRANULES (WORDS * 64)
#define ROUNDS   300

struct extent {
  size_t first, last;
};

struct layout {
  uint64_t words[WORDS];
  unsigned char filled[GRANULES];
  struct extent objects[GRANULES / 2];
  size_t object_count;
};

static uint64_t random_state = 1;

static uint64_t random_below(uint64_t bound) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (random_state >> 33) % bound;
}

static void place(struct layout *layout, size_t first, size_t last) {
  gc_bitmap_set_object(layout->words, first, last);
  memset(layout->filled + first, 1, last - first + 1);
  layout->objects[layout->object_count++] = (struct extent){first, last};
}

static void make_layout(struct layout *layout) {
  memset(layout, 0, sizeof *layout);
  uint64_t density = random_below(4);
  size_t granule = random_below(3) * random_below(100);
  while (granule + 2 <= GRANULES) {
    size_t longest = random_below(20) == 0 ? 500 : 10;
    size_t length = 2 + random_below(longest);
    if (granule + length > GRANULES) {
      length = GRANULES - granule;
    }
    place(layout, granule, granule + length - 1);
    granule += length + (density == 0 ? 0 : random_below(2) * random_below(density * 40));
  }
}

static void prefix_xor_is_the_parity_of_the_bits_so_far(void **state) {
  (void)state;
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t bits = random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX);
    uint64_t parity = 0;
    uint64_t expected = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
      parity ^= bits >> bit & 1;
      expected |= parity << bit;
    }
    assert_int_equal(gc_prefix_xor(bits), expected);
  }
}

static void filled_granules_are_those_of_objects(void **state) {
  (void)state;
  static struct layout layout;
  for (int round = 0; round < ROUNDS; round++) {
    make_layout(&layout);
    uint64_t carry = 0;
    for (size_t word = 0; word < WORDS; word++) {
      uint64_t filled = gc_bitmap_filled(layout.words[word], &carry);
      for (size_t bit = 0; bit < 64; bit++) {
        assert_int_equal(filled >> bit & 1, layout.filled[word * 64 + bit]);
      }
    }
    assert_int_equal(carry, 0);
  }
}

static void carry_says_whether_an_object_goes_on(void **state) {
  (void)state;
  static struct layout layout;
  for (int round = 0; round < ROUNDS; round++) {
    make_layout(&layout);
    for (size_t word = 0; word <= WORDS; word++) {
      bool goes_on = false;
      for (size_t index = 0; index < layout.object_count; index++) {
        goes_on |=
            layout.objects[index].first < word * 64 && layout.objects[index].last >= word * 64;
      }
      assert_int_equal(gc_bitmap_carry(layout.words, word), goes_on ? UINT64_MAX : 0);
    }
  }
}

static bool naive_next_free(const struct layout *layout, size_t from, size_t minimum, size_t *first,
                            size_t *end) {
  for (size_t granule = from; granule < GRANULES; granule = *end + 1) {
    for (*first = granule; *first < GRANULES && layout->filled[*first];) {
      ++*first;
    }
    for (*end = *first; *end < GRANULES && !layout->filled[*end];) {
      ++*end;
    }
    if (*end - *first >= minimum && *end > *first) {
      return true;
    }
  }
  return false;
}

static void next_free_finds_the_same_holes(void **state) {
  (void)state;
  static struct layout layout;
  for (int round = 0; round < ROUNDS; round++) {
    make_layout(&layout);
    for (int attempt = 0; attempt < 50; attempt++) {
      const struct extent *object = &layout.objects[random_below(layout.object_count)];
      size_t from = attempt == 0 ? 0 : attempt % 2 == 0 ? object->first : object->last + 1;
      size_t minimum = 1 + random_below(attempt % 3 == 0 ? 100 : 10);
      size_t first = 0, end = 0, naive_first = 0, naive_end = 0;
      bool found = gc_bitmap_next_free(layout.words, GRANULES, from, minimum, &first, &end);
      assert_int_equal(found, naive_next_free(&layout, from, minimum, &naive_first, &naive_end));
      if (found) {
        assert_int_equal(first, naive_first);
        assert_int_equal(end, naive_end);
      }
    }
  }
}

static void next_free_of_an_empty_bitmap_is_all_of_it(void **state) {
  (void)state;
  uint64_t words[WORDS] = {0};
  size_t first = 1, end = 0;
  assert_true(gc_bitmap_next_free(words, GRANULES, 0, GRANULES, &first, &end));
  assert_int_equal(first, 0);
  assert_int_equal(end, GRANULES);
  assert_false(gc_bitmap_next_free(words, GRANULES, 0, GRANULES + 1, &first, &end));
  assert_false(gc_bitmap_next_free(words, GRANULES, GRANULES, 1, &first, &end));
}

struct walk_check {
  const struct layout *layout;
  size_t next;
};

static void check_visit(void *context, size_t first, size_t last) {
  struct walk_check *check = context;
  assert_true(check->next < check->layout->object_count);
  assert_int_equal(first, check->layout->objects[check->next].first);
  assert_int_equal(last, check->layout->objects[check->next].last);
  check->next++;
}

static void walk_visits_every_object_in_order(void **state) {
  (void)state;
  static struct layout layout;
  for (int round = 0; round < ROUNDS; round++) {
    make_layout(&layout);
    struct walk_check check = {&layout, 0};
    gc_bitmap_walk(layout.words, WORDS, check_visit, &check);
    assert_int_equal(check.next, layout.object_count);
  }
}

static void marking_answers_once_per_object(void **state) {
  (void)state;
  static struct layout layout;
  for (int round = 0; round < ROUNDS; round++) {
    make_layout(&layout);
    uint64_t plain[WORDS] = {0}, atomic[WORDS] = {0};
    for (size_t turn = 0; turn < 2; turn++) {
      for (size_t index = 0; index < layout.object_count; index++) {
        const struct extent *object = &layout.objects[index];
        assert_int_equal(gc_bitmap_mark_plain(plain, object->first, object->last), turn == 0);
        assert_int_equal(gc_bitmap_mark_atomic(atomic, object->first, object->last), turn == 0);
        assert_true(gc_bitmap_test(plain, object->first));
        assert_true(gc_bitmap_test(atomic, object->last));
      }
    }
    assert_memory_equal(plain, layout.words, sizeof plain);
    assert_memory_equal(atomic, layout.words, sizeof atomic);
  }
}

/* live := mark, mark := 0, live bytes counted, dead bytes returned; and nothing else changes. */
static void sweeping_a_block_keeps_what_is_marked(void **state) {
  (void)state;
  struct gc_space space;
  struct gc_budget budget = {.limit_bytes = 4 << 20, .old_limit_bytes = 4 << 20};
  struct gc_old_space old;
  assert_int_equal(gc_space_open(&space, GC_BLOCK_BYTES, 4 * GC_BLOCK_BYTES, GC_BLOCK_BYTES), 0);
  assert_int_equal(gc_old_space_open(&old, &space, &budget), 0);
  for (int round = 0; round < 50; round++) {
    size_t block = random_below(4), granule = 0, live = 0, dead = 0;
    uint64_t *live_words = gc_space_live_words(&space, block);
    uint64_t *mark_words = gc_space_mark_words(&space, block);
    memset(live_words, 0, GC_BLOCK_WORDS * sizeof *live_words);
    while (granule + 2 <= GC_BLOCK_GRANULES) {
      size_t length = 2 + random_below(100);
      length = granule + length > GC_BLOCK_GRANULES ? GC_BLOCK_GRANULES - granule : length;
      bool survives = random_below(100) < (uint64_t)round * 2;
      gc_bitmap_set_object(live_words, granule, granule + length - 1);
      if (survives) {
        gc_bitmap_mark_plain(mark_words, granule, granule + length - 1);
      }
      *(survives ? &live : &dead) += length * 8;
      granule += length + random_below(3);
    }
    uint64_t marked[GC_BLOCK_WORDS], zero[GC_BLOCK_WORDS] = {0};
    memcpy(marked, mark_words, sizeof marked);
    assert_int_equal(gc_old_space_sweep_block(&old, block), dead);
    assert_int_equal(old.blocks[block].live_bytes, live);
    assert_memory_equal(live_words, marked, sizeof marked);
    assert_memory_equal(mark_words, zero, sizeof zero);
  }
  gc_old_space_close(&old);
  gc_space_close(&space);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(prefix_xor_is_the_parity_of_the_bits_so_far),
      cmocka_unit_test(filled_granules_are_those_of_objects),
      cmocka_unit_test(carry_says_whether_an_object_goes_on),
      cmocka_unit_test(next_free_finds_the_same_holes),
      cmocka_unit_test(next_free_of_an_empty_bitmap_is_all_of_it),
      cmocka_unit_test(walk_visits_every_object_in_order),
      cmocka_unit_test(marking_answers_once_per_object),
      cmocka_unit_test(sweeping_a_block_keeps_what_is_marked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
