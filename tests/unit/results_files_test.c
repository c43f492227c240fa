/* Trial and event files: what is written is read back; what is truncated, edited, of another
 * version or missing gets a sentence and never a crash; a full disk leaves nothing half.
 *
 * Presets: release debug asan ubsan
 */
#include "results/file.h"
#include "tests/unit/results_fixture.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tricolor-results-XXXXXX";
static char path[PATH_MAX];
static char error[PATH_MAX + 512];

static void write_bytes(const void *bytes, size_t size) {
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  assert_int_equal(fwrite(bytes, 1, size, stream), size);
  fclose(stream);
}

static char *read_bytes(size_t *size) {
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  char *bytes = calloc(1, 1 << 20);
  assert_non_null(bytes);
  *size = fread(bytes, 1, (1 << 20) - 1, stream);
  fclose(stream);
  return bytes;
}

static void fill(struct results_trial *trial) {
  results_trial_init(trial);
  trial->trial = 7;
  trial->status = RESULTS_timed_out;
  results_text_set(&trial->status_detail, "passed \"60 s\"");
  results_text_set(&trial->configuration.workload, "gcbench");
  trial->configuration.heap_multiple = 1.5;
  trial->configuration.pause_target_ns = UINT64_MAX;
  trial->configuration.seed = UINT64_MAX;
  trial->configuration.quick = true;
  assert_int_equal(results_settings_add(&trial->configuration.parameters, "depth", "18"), 0);
  assert_int_equal(results_settings_add(&trial->configuration.parameters, "array", "9"), 0);
  assert_int_equal(results_settings_add(&trial->configuration.parameters, "depth", "16"), 0);
  trial->result.wall_ns = UINT64_C(1) << 60;
  trial->heap.peak_heap_bytes = 123;
}

static void trials_are_read_back(void **state) {
  (void)state;
  struct results_trial trial, back;
  fill(&trial);
  assert_int_equal(results_trial_path(path, directory, 7, error, sizeof error), 0);
  assert_non_null(strstr(path, "/trials/0007.json"));
  assert_int_equal(results_trial_write(path, &trial, error, sizeof error), 0);
  assert_int_equal(results_trial_read(path, &back, error, sizeof error), 0);
  assert_int_equal(back.trial, 7);
  assert_int_equal(back.status, RESULTS_timed_out);
  assert_string_equal(back.status_detail.text, "passed \"60 s\"");
  assert_true(back.configuration.seed == UINT64_MAX);
  assert_true(back.configuration.pause_target_ns == UINT64_MAX);
  assert_true(back.configuration.heap_multiple == 1.5);
  assert_true(isnan(back.machine.load_before));
  assert_true(back.configuration.quick);
  assert_true(back.result.wall_ns == UINT64_C(1) << 60);
  assert_int_equal(back.configuration.parameters.count, 2);
  assert_string_equal(results_settings_find(&back.configuration.parameters, "depth"), "16");
  assert_null(results_settings_find(&back.configuration.parameters, "width"));
  results_trial_finish(&trial);
  results_trial_finish(&back);
}

static void every_truncation_is_noticed(void **state) {
  (void)state;
  size_t size;
  struct results_trial trial;
  assert_int_equal(results_trial_path(path, directory, 7, error, sizeof error), 0);
  char *bytes = read_bytes(&size);
  for (size_t length = 0; length + 2 < size; length += 13) {
    write_bytes(bytes, length);
    assert_int_equal(results_trial_read(path, &trial, error, sizeof error), -EPROTO);
    assert_non_null(strstr(error, "0007.json"));
  }
  write_bytes(bytes, size);
  free(bytes);
}

/* Replaces the first `from` of the trial's file. */
static int read_edited(const char *from, const char *to) {
  size_t size;
  struct results_trial trial;
  assert_int_equal(results_trial_path(path, directory, 7, error, sizeof error), 0);
  char *bytes = read_bytes(&size), *edited = calloc(1, size + strlen(to) + 1);
  char *place = strstr(bytes, from);
  assert_non_null(place);
  assert_non_null(edited);
  snprintf(edited, size + strlen(to) + 1, "%.*s%s%s", (int)(place - bytes), bytes, to,
           place + strlen(from));
  write_bytes(edited, strlen(edited));
  int status = results_trial_read(path, &trial, error, sizeof error);
  if (!status)
    results_trial_finish(&trial);
  write_bytes(bytes, size);
  free(bytes);
  free(edited);
  return status;
}

static void write_version(char text[32], int version) {
  snprintf(text, 32, "\"schema_version\": %d", version);
}

static void edits_are_noticed(void **state) {
  (void)state;
  assert_int_equal(read_edited("\"depth\"", "\"width\""), 0);
  char current[32], other[32];
  write_version(current, RESULTS_SCHEMA_VERSION);
  write_version(other, RESULTS_SCHEMA_VERSION + 1);
  assert_int_equal(read_edited(current, other), -EPROTO);
  assert_non_null(strstr(error, "has schema version "));
  assert_int_equal(read_edited("\"setup_ns\"", "\"setup\""), -EPROTO);
  for (int version = 1; version < RESULTS_SCHEMA_VERSION;
       version++) { /* what they lack is not asked for */
    write_version(other, version);
    assert_int_equal(read_edited(current, other), 0);
  }
  assert_int_equal(read_edited("\"cache_misses\"", "\"misses\""), -EPROTO);
  assert_int_equal(read_edited("\"timed_out\"", "\"fine\""), -EPROTO);
  assert_non_null(strstr(error, "status"));
  assert_int_equal(read_edited("\"wall_ns\": ", "\"wall_ns\": -"), -EPROTO);
  assert_non_null(strstr(error, "wall_ns"));
  assert_int_equal(read_edited("\"wall_ns\"", "\"wall\""), -EPROTO);
  assert_non_null(strstr(error, "no key \"wall_ns\""));
  assert_int_equal(read_edited("\"18446744073709551615\"", "\"-1\""), -EPROTO);
  assert_int_equal(read_edited("\"quick\": true", "\"quick\": 1"), -EPROTO);
  assert_int_equal(read_edited("\"result\": {", "\"result\": [], \"other\": {"), -EPROTO);
}

static void missing_files_have_a_sentence(void **state) {
  (void)state;
  struct results_trial trial;
  struct results_events_names names;
  assert_int_equal(results_trial_read("/nowhere/1.json", &trial, error, sizeof error), -ENOENT);
  assert_non_null(strstr(error, "/nowhere/1.json cannot be read"));
  assert_int_equal(results_events_read("/nowhere/1.zst", &names, NULL, NULL, error, sizeof error),
                   -ENOENT);
}

/* --- events ------------------------------------------------------------------------------------
 */

struct seen {
  uint64_t count, sum;
  struct gc_event_gap last_gap;
  uint32_t last_ring;
};

static int see(void *context, enum gc_event_number number, uint32_t ring, const uint64_t *fields) {
  struct seen *seen = context;
  seen->count++;
  seen->sum += fields[0];
  seen->last_ring = ring;
  if (number == GC_EVENT_gap)
    memcpy(&seen->last_gap, fields, sizeof seen->last_gap);
  return 0;
}

static void write_events(uint64_t count) {
  struct gc_event_ring first, second;
  static const char *const phases[] = {"scavenge", "mark"};
  static const struct gc_counter_description counters[] = {
      {"cards_scanned", "count", GC_AGGREGATE_MAX}};
  assert_int_equal(gc_event_ring_init(&first, 3), 0);
  assert_int_equal(gc_event_ring_init(&second, 9), 0);
  for (uint64_t number = 0; number < count; number++)
    gc_event_write(&first, pause, .stop_id = number, .kind = GC_PAUSE_full, .begin_ns = number * 7,
                   .end_ns = number * 11);
  gc_event_write(&second, gap, .begin_ns = 1, .end_ns = UINT64_MAX, .cpu_ns = 3);
  second.lost_events = 4;
  struct results_events_source source = {.rings = (const struct gc_event_ring *[]){&first, &second},
                                         .ring_count = 2,
                                         .phases = phases,
                                         .phase_count = 2,
                                         .counters = counters,
                                         .counter_count = 1};
  assert_int_equal(results_trial_events_path(path, directory, 7, error, sizeof error), 0);
  assert_int_equal(results_events_write_source(path, &source, error, sizeof error), 0);
  gc_event_ring_finish(&first);
  gc_event_ring_finish(&second);
}

static void events_are_read_back(void **state) {
  (void)state;
  struct results_events_names names;
  struct seen seen = {0};
  write_events(50000);
  assert_int_equal(results_events_read(path, &names, see, &seen, error, sizeof error), 0);
  assert_int_equal(seen.count, 50001);
  assert_int_equal(seen.sum, UINT64_C(50000) * 49999 / 2 + 1);
  assert_int_equal(seen.last_ring, 9);
  assert_true(seen.last_gap.end_ns == UINT64_MAX);
  assert_int_equal(names.phase_count, 2);
  assert_string_equal(names.phases[1], "mark");
  assert_string_equal(names.counters[0].name, "cards_scanned");
  assert_int_equal(names.counters[0].aggregate, GC_AGGREGATE_MAX);
  assert_int_equal(names.lost_events, 4);
  results_events_names_finish(&names);
}

static void damaged_events_are_noticed(void **state) {
  (void)state;
  size_t size, unused = 0;
  struct results_events_names names;
  struct seen seen;
  write_events(400);
  char *bytes = read_bytes(&size);
  for (size_t length = 0; length < size; length += length < 64 ? 1 : 37) {
    write_bytes(bytes, length);
    assert_int_equal(results_events_read(path, &names, see, &seen, error, sizeof error), -EPROTO);
    assert_non_null(strstr(error, "0007.events.zst is damaged"));
  }
  for (size_t place = 0; place < size; place += 5) {
    bytes[place] = (char)(bytes[place] ^ 0x41);
    write_bytes(bytes, size);
    seen = (struct seen){0};
    int status = results_events_read(path, &names, see, &seen, error, sizeof error);
    if (status == 0) { /* in a bit that the format does not use: nothing is lost */
      assert_int_equal(seen.count, 401);
      assert_int_equal(seen.sum, UINT64_C(400) * 399 / 2 + 1);
      results_events_names_finish(&names);
      unused++;
    }
    bytes[place] = (char)(bytes[place] ^ 0x41);
  }
  assert_true(unused <= 2);
  free(bytes);
}

static void a_full_ring_counts_what_it_loses(void **state) {
  (void)state;
  struct gc_event_ring ring;
  assert_int_equal(gc_event_ring_init(&ring, 1), 0);
  size_t record_words = sizeof(struct gc_event_gap) / sizeof(uint64_t) + 1;
  ring.capacity_words = 10 * record_words + 1;
  for (int number = 0; number < 15; number++)
    gc_event_write(&ring, gap, .begin_ns = 1);
  assert_int_equal(ring.used_words, 10 * record_words);
  assert_int_equal(ring.lost_events, 5);
  ring.capacity_words = GC_EVENT_RING_WORDS;
  gc_event_ring_finish(&ring);
}

/* --- a full disk -------------------------------------------------------------------------------
 */

static void refuse_beyond(rlim_t bytes) {
  struct rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_leaves_what_was_there(void **state) {
  (void)state;
  char temporary[PATH_MAX + 8], before[32] = "as it was\n";
  signal(SIGXFSZ, SIG_IGN);
  snprintf(path, sizeof path, "%s/file", directory);
  snprintf(temporary, sizeof temporary, "%s.tmp", path);
  write_bytes(before, strlen(before));
  char *text = malloc(100001);
  assert_non_null(text);
  memset(text, 'x', 100000);
  text[100000] = 0;
  refuse_beyond(50000);
  assert_int_equal(results_file_write_text(path, text, error, sizeof error), -EFBIG);
  refuse_beyond(RLIM_INFINITY);
  assert_non_null(strstr(error, "file cannot be written: File too large"));
  free(text);
  size_t size;
  char *bytes = read_bytes(&size);
  assert_string_equal(bytes, before);
  assert_int_not_equal(access(temporary, F_OK), 0);
  free(bytes);
  assert_int_equal(results_file_write_text("/nowhere/file", "", error, sizeof error), -ENOENT);
  assert_non_null(strstr(error, "/nowhere/file cannot be written"));
}

static int set_up(void **state) {
  (void)state;
  return mkdtemp(directory) ? fixture_make_directory(directory) : -1;
}

static int tear_down(void **state) {
  (void)state;
  char command[PATH_MAX];
  snprintf(command, sizeof command, "rm -rf %s", directory);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trials_are_read_back),
      cmocka_unit_test(every_truncation_is_noticed),
      cmocka_unit_test(edits_are_noticed),
      cmocka_unit_test(missing_files_have_a_sentence),
      cmocka_unit_test(events_are_read_back),
      cmocka_unit_test(damaged_events_are_noticed),
      cmocka_unit_test(a_full_ring_counts_what_it_loses),
      cmocka_unit_test(a_full_disk_leaves_what_was_there),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
