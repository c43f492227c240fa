/* Tests that message_window notices damage: to any byte of a message, to the order of the window,
 * and to a message that leaves it.
 *
 * Presets: release debug asan ubsan
 */
#include "tests/unit/workload_fixture.h"

#include "workloads/message_window_ops.c"

extern const struct workload workload_message_window;

enum { WINDOW = 50, PUSHES = 120, MESSAGE_BYTES = 100 };

static const uint64_t values[MESSAGE_PARAMETERS] = {WINDOW, PUSHES, MESSAGE_BYTES};

static struct workload_fixture fixture;
static struct gc_handle_frame frame;
static struct message_window window;

/* A window that is full and has turned over more than once. */
static int open_window(void **state) {
  (void)state;
  fixture_open(&fixture, &workload_message_window, values);
  frame = gc_handles_enter(fixture.run.mutator);
  if (!message_window_open(&window, &fixture.run)) {
    return -1;
  }
  return messages_push(&fixture.run, &bytes, &window, WINDOW + PUSHES) == WORKLOAD_DONE ? 0 : -1;
}

static int close_window(void **state) {
  (void)state;
  gc_handles_leave(fixture.run.mutator, frame);
  fixture_close(&fixture);
  return 0;
}

static enum workload_status check_window(void) {
  return messages_check(&fixture.run, &bytes, &window);
}

static struct gc_ref message_at(uint64_t position) {
  return gc_read_field(fixture.run.mutator, gc_handle_get(window.ring), position);
}

static void set_message_at(uint64_t position, struct gc_ref message) {
  gc_write_field(fixture.run.mutator, gc_handle_get(window.ring), position, message);
}

static void test_a_window_is_right(void **state) {
  (void)state;
  assert_int_equal(check_window(), WORKLOAD_DONE);
}

static void test_every_damaged_byte_is_noticed(void **state) {
  (void)state;
  for (unsigned place = 0; place < MESSAGE_BYTES; place++) {
    uint8_t *content = gc_object_raw(message_at(place % WINDOW), 0);
    content[place] ^= 0x10;
    expect_wrong(&fixture.run, check_window());
    content = gc_object_raw(message_at(place % WINDOW), 0);
    content[place] ^= 0x10;
  }
  assert_int_equal(check_window(), WORKLOAD_DONE);
}

static void exchange_messages(uint64_t left, uint64_t right) {
  struct gc_ref message = message_at(left);
  set_message_at(left, message_at(right));
  set_message_at(right, message);
}

static void test_exchanged_messages_are_noticed(void **state) {
  (void)state;
  exchange_messages(3, 4);
  expect_wrong(&fixture.run, check_window());
  exchange_messages(3, 4);
  assert_int_equal(check_window(), WORKLOAD_DONE);
}

static void test_a_missing_message_is_noticed(void **state) {
  (void)state;
  struct gc_mutator *mutator = fixture.run.mutator;
  struct gc_handle_frame inner = gc_handles_enter(mutator);
  struct gc_handle message = gc_handle_push(mutator, message_at(9));
  set_message_at(9, gc_null());
  expect_wrong(&fixture.run, check_window());
  set_message_at(9, gc_handle_get(message));
  gc_handles_leave(mutator, inner);
  assert_int_equal(check_window(), WORKLOAD_DONE);
}

/* The last tests: they leave the window damaged. */
static void test_a_wrong_message_is_noticed_when_it_leaves(void **state) {
  (void)state;
  uint64_t *sequence = gc_object_raw(message_at(window.position), 0);
  (*sequence)++;
  expect_wrong(&fixture.run, messages_push(&fixture.run, &bytes, &window, 1));
}

static void test_a_missing_message_is_noticed_when_it_leaves(void **state) {
  (void)state;
  set_message_at(window.position, gc_null());
  expect_wrong(&fixture.run, messages_push(&fixture.run, &bytes, &window, 1));
}

static void test_the_whole_run_is_right(void **state) {
  (void)state;
  struct workload_run whole = fixture.run;
  whole.checksum = 0;
  assert_int_equal(ops_under_test.run(&whole), WORKLOAD_DONE);
  assert_int_equal(whole.operations, PUSHES);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_whole_run_is_right),
      cmocka_unit_test(test_a_window_is_right),
      cmocka_unit_test(test_every_damaged_byte_is_noticed),
      cmocka_unit_test(test_exchanged_messages_are_noticed),
      cmocka_unit_test(test_a_missing_message_is_noticed),
      cmocka_unit_test(test_a_wrong_message_is_noticed_when_it_leaves),
      cmocka_unit_test(test_a_missing_message_is_noticed_when_it_leaves),
  };
  return cmocka_run_group_tests(tests, open_window, close_window);
}
