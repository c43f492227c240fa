/* Watching a trial: samples are read whole or not at all, pauses are read out of rings beside their
 * writers, and the picture fits every screen and loses no peak.
 *
 * Presets: release tsan
 */
#include "harness/pause_reader.h"
#include "harness/watch_view.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- the feed -----------------------------------------------------------------------------------
 */

static struct usage_feed feed;

/* Every word says which sample it belongs to. */
static struct usage_feed_sample numbered(uint64_t number) {
  uint64_t words[USAGE_FEED_WORDS];
  struct usage_feed_sample sample;
  for (size_t word = 0; word < USAGE_FEED_WORDS; word++) {
    words[word] = number;
  }
  memcpy(&sample, words, sizeof sample);
  return sample;
}

static uint64_t number_of(const struct usage_feed_sample *sample) {
  uint64_t words[USAGE_FEED_WORDS];
  memcpy(words, sample, sizeof words);
  for (size_t word = 1; word < USAGE_FEED_WORDS; word++) {
    assert_int_equal(words[word], words[0]);
  }
  return words[0];
}

static void a_feed_keeps_the_last_samples(void **state) {
  (void)state;
  memset(&feed, 0, sizeof feed);
  uint64_t place = usage_feed_place(&feed);
  struct usage_feed_sample sample;
  assert_false(usage_feed_read(&feed, &place, &sample));
  for (uint64_t number = 0; number < USAGE_FEED_SLOTS + 10; number++) {
    sample = numbered(number);
    usage_feed_write(&feed, &sample);
  }
  for (uint64_t number = 10; number < USAGE_FEED_SLOTS + 10; number++) {
    assert_true(usage_feed_read(&feed, &place, &sample));
    assert_int_equal(number_of(&sample), number);
  }
  assert_false(usage_feed_read(&feed, &place, &sample));
}

static void a_feed_is_wanted_for_a_while(void **state) {
  (void)state;
  memset(&feed, 0, sizeof feed);
  assert_false(usage_feed_is_wanted(&feed, 5));
  usage_feed_want(&feed, 5);
  assert_true(usage_feed_is_wanted(&feed, 1000000000));
  assert_false(usage_feed_is_wanted(&feed, 1000000005));
}

enum { WRITTEN = 200000 };

static void *write_samples(void *unused) {
  (void)unused;
  for (uint64_t number = 0; number < WRITTEN; number++) {
    struct usage_feed_sample sample = numbered(number);
    usage_feed_write(&feed, &sample);
  }
  return NULL;
}

/* A writer that waits for nobody, far faster than any sampler. */
static void samples_are_whole(void **state) {
  (void)state;
  memset(&feed, 0, sizeof feed);
  pthread_t writer;
  struct usage_feed_sample sample;
  uint64_t place = 0, next = 0, read = 0;
  assert_int_equal(pthread_create(&writer, NULL, write_samples, NULL), 0);
  while (place < WRITTEN) {
    if (usage_feed_read(&feed, &place, &sample)) {
      uint64_t number = number_of(&sample);
      assert_true(number >= next);
      next = number + 1;
      read++;
    }
  }
  pthread_join(writer, NULL);
  assert_in_range(read, 1, WRITTEN);
  assert_int_equal(next, WRITTEN);
}

/* --- pauses -------------------------------------------------------------------------------------
 */

static void write_pause(struct gc_event_ring *ring, uint64_t begin_ns, uint64_t end_ns,
                        enum gc_pause_kind kind) {
  gc_event_write(ring, sample, .time_ns = end_ns); /* events of other kinds stand between */
  gc_event_write(ring, pause, .kind = kind, .begin_ns = begin_ns, .end_ns = end_ns);
}

static void pauses_are_read_once(void **state) {
  (void)state;
  static struct pause_reader reader;
  struct gc_event_ring rings[2];
  memset(&reader, 0, sizeof reader);
  for (size_t index = 0; index < 2; index++) {
    assert_int_equal(gc_event_ring_init(&rings[index], 0), 0);
    pause_reader_add(&reader, &rings[index]);
  }
  write_pause(&rings[0], 100, 150, GC_PAUSE_scavenge);
  write_pause(&rings[1], 120, 200, GC_PAUSE_full);
  struct usage_feed_sample sample = {.time_ns = 210};
  pause_reader_fill(&reader, &sample);
  assert_int_equal(sample.pauses, 2);
  assert_int_equal(sample.paused_ns, 130);
  assert_int_equal(sample.longest_ns, 80);
  assert_int_equal(sample.longest_kind, GC_PAUSE_full);
  sample.time_ns = 300;
  pause_reader_fill(&reader, &sample);
  assert_int_equal(sample.pauses, 0);
  assert_int_equal(sample.longest_ns, 0);
  write_pause(&rings[0], 310, 311, GC_PAUSE_scavenge);
  sample.time_ns = 400;
  pause_reader_fill(&reader, &sample);
  assert_int_equal(sample.pauses, 1);
  assert_int_equal(sample.all_pauses, 3);
  assert_int_equal(sample.all_paused_ns, 131);
  assert_int_equal(sample.all_longest_ns, 80);
  assert_int_equal(sample.all_longest_kind, GC_PAUSE_full);
  gc_event_ring_finish(&rings[0]);
  gc_event_ring_finish(&rings[1]);
}

enum { PAUSES_WRITTEN = 100000 };

static void *write_pauses(void *ring) {
  for (uint64_t number = 0; number < PAUSES_WRITTEN; number++) {
    write_pause(ring, 10 * number, 10 * number + 1, GC_PAUSE_scavenge);
  }
  return NULL;
}

static void pauses_are_read_beside_their_writer(void **state) {
  (void)state;
  static struct pause_reader reader;
  struct gc_event_ring ring;
  pthread_t writer;
  memset(&reader, 0, sizeof reader);
  assert_int_equal(gc_event_ring_init(&ring, 0), 0);
  pause_reader_add(&reader, &ring);
  assert_int_equal(pthread_create(&writer, NULL, write_pauses, &ring), 0);
  struct usage_feed_sample sample = {0};
  while (sample.all_pauses < PAUSES_WRITTEN) {
    pause_reader_fill(&reader, &sample);
    assert_int_equal(sample.all_paused_ns, sample.all_pauses);
  }
  pthread_join(writer, NULL);
  assert_int_equal(sample.all_pauses, PAUSES_WRITTEN);
  gc_event_ring_finish(&ring);
}

/* --- the picture --------------------------------------------------------------------------------
 */

static struct watch_history history;

/* Ten samples a second, of a heap that fills and is emptied; one peak of everything. */
static void live(uint64_t seconds) {
  uint64_t begin_ns = 5000000000;
  watch_history_begin(&history, begin_ns);
  for (uint64_t number = 0; number < 10 * seconds; number++) {
    bool is_peak = number == 3;
    struct usage_feed_sample sample = {.time_ns = begin_ns + number * 100000000,
                                       .rss_bytes = (UINT64_C(100) + 60 * is_peak) << 20,
                                       .heap_total_bytes = 90 << 20,
                                       .heap_used_bytes = (10 + number % 70) << 20,
                                       .external_bytes = 20 << 20,
                                       .metadata_bytes = 4 << 20,
                                       .limit_bytes = 120 << 20,
                                       .pauses = 1,
                                       .longest_ns = is_peak ? 42000000 : 12000,
                                       .all_pauses = number + 1,
                                       .all_paused_ns = 12000 * number,
                                       .all_longest_ns = 42000000,
                                       .all_longest_kind = GC_PAUSE_full};
    watch_history_add(&history, &sample);
  }
}

static void peaks_outlive_folding(void **state) {
  (void)state;
  static const uint64_t lives_s[] = {1, 51, 52, 600, 100000};
  for (size_t life = 0; life < sizeof lives_s / sizeof *lives_s; life++) {
    live(lives_s[life]);
    assert_in_range(history.column_count, 1, WATCH_COLUMNS);
    uint64_t rss_bytes = 0, longest_ns = 0, least_bytes = UINT64_MAX;
    for (size_t index = 0; index < history.column_count; index++) {
      const struct watch_column *column = &history.columns[index];
      assert_true(column->has_samples);
      rss_bytes =
          column->most_bytes[WATCH_rss] > rss_bytes ? column->most_bytes[WATCH_rss] : rss_bytes;
      least_bytes = column->least_used_bytes < least_bytes ? column->least_used_bytes : least_bytes;
      longest_ns = column->longest_ns > longest_ns ? column->longest_ns : longest_ns;
    }
    assert_int_equal(rss_bytes, 160 << 20);
    assert_int_equal(least_bytes, 10 << 20);
    assert_int_equal(longest_ns, 42000000);
    assert_in_range(history.column_ns * WATCH_COLUMNS, lives_s[life] * 1000000000 - 100000000,
                    UINT64_MAX);
  }
}

/* Escape sequences of colours take no room. */
static size_t width_of(const char *line, size_t length) {
  size_t width = 0;
  for (size_t at = 0; at < length; at++) {
    if (line[at] == '\033') {
      at += strcspn(line + at, "m");
    } else {
      width++;
    }
  }
  return width;
}

static void check_size(const struct watch_view *view) {
  size_t lines = 0;
  char *picture = watch_view_draw(view, &history);
  assert_non_null(picture);
  for (const char *line = picture; *line; lines++) {
    size_t length = strcspn(line, "\n");
    assert_int_equal(line[length], '\n');
    assert_in_range(width_of(line, length), 0, view->columns);
    line += length + 1;
  }
  assert_in_range(lines, 1, view->rows);
  free(picture);
}

static void the_picture_fits(void **state) {
  (void)state;
  static const uint64_t lives_s[] = {0, 1, 30, 600};
  struct watch_view view = {
      .title = "lru_cache, concurrent with card_snapshot, 176M (2x)",
      .state = "trial 1, 43 %, 12.3 s",
      .mutators = 2,
  };
  for (size_t life = 0; life < sizeof lives_s / sizeof *lives_s; life++) {
    live(lives_s[life]);
    for (view.rows = 1; view.rows < 70; view.rows += 1 + view.rows / 8) {
      for (view.columns = 1; view.columns < 700; view.columns += 1 + view.columns / 4) {
        view.has_colors = view.columns % 2;
        check_size(&view);
      }
    }
  }
}

static void the_picture_says_what_there_is(void **state) {
  (void)state;
  struct watch_view view = {
      .title = "a workload", .state = "trial 1", .mutators = 1, .columns = 80, .rows = 24};
  live(30);
  char *picture = watch_view_draw(&view, &history);
  const char *const parts[] = {"a workload", "trial 1",    "u heap used",    "R RSS", "RSS 100M",
                               "limit 120M", "300 pauses", "42.0 ms (full)", "uuu",   "TTT",
                               "RRR",        "---",        "  10 ms|#"};
  for (size_t index = 0; index < sizeof parts / sizeof *parts; index++) {
    if (!strstr(picture, parts[index])) {
      fail_msg("no \"%s\" in\n%s", parts[index], picture);
    }
  }
  free(picture);
  view.columns = 70;
  picture = watch_view_draw(&view, &history);
  assert_non_null(strstr(picture, "metadata 4M\n")); /* and no part of the limit */
  free(picture);
  char line[512];
  watch_view_line(line, sizeof line, &history, 1);
  assert_non_null(strstr(line, "29.9 s: RSS 100M, heap total 90M"));
  assert_null(strchr(line, '\n'));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_feed_keeps_the_last_samples),
      cmocka_unit_test(a_feed_is_wanted_for_a_while),
      cmocka_unit_test(samples_are_whole),
      cmocka_unit_test(pauses_are_read_once),
      cmocka_unit_test(pauses_are_read_beside_their_writer),
      cmocka_unit_test(peaks_outlive_folding),
      cmocka_unit_test(the_picture_fits),
      cmocka_unit_test(the_picture_says_what_there_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
