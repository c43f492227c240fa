/* Tests that server notices damage, that its requests follow from seed and number alone, and that
 * every request is recorded with its arrival, in memory that grows.
 *
 * Presets: release debug asan ubsan
 */
#include "tests/unit/workload_fixture.h"

#include "workloads/server_ops.c"

extern const struct workload workload_server;

enum { SESSIONS = 60, REQUESTS = 1000, RATE = 1000000000, OBJECTS = 9, EVERY = 50, VISITED = 100 };

static const uint64_t values[SERVER_PARAMETERS] = {
    [SERVER_SESSIONS] = SESSIONS, [SERVER_REQUESTS] = REQUESTS,
    [SERVER_RATE] = RATE,         [SERVER_REQUEST_OBJECTS] = OBJECTS,
    [SERVER_QUERY_EVERY] = EVERY, [SERVER_QUERY_SESSIONS] = VISITED};

typedef void damage(struct server *server, struct gc_ref session);

/* A session that was updated since it began, and more often than it has items. */
static struct gc_ref busy_session(const struct server *server) {
  for (uint64_t number = 0; number < SESSIONS; number++) {
    struct gc_ref session =
        gc_read_field(server->run->mutator, gc_handle_get(server->table), number);
    if (session_at(session)->updates > SERVER_ITEMS) {
      return session;
    }
  }
  fail_msg("no session is busy");
  return gc_null();
}

static void check_after(damage *apply) {
  struct workload_fixture fixture;
  fixture_open(&fixture, &workload_server, values);
  struct gc_handle_frame frame = gc_handles_enter(fixture.run.mutator);
  struct server server;
  assert_int_equal(server_open(&server, &fixture.run), WORKLOAD_DONE);
  workload_timed_begin(&fixture.run);
  assert_int_equal(serve_all(&server), WORKLOAD_DONE);
  assert_int_equal(check(&server), WORKLOAD_DONE);
  apply(&server, busy_session(&server));
  expect_wrong(&fixture.run, check(&server));
  workload_requests_finish(&fixture.run);
  gc_handles_leave(fixture.run.mutator, frame);
  fixture_close(&fixture);
}

/* That of the last update. */
static size_t newest_place(struct gc_ref session) {
  return SESSION_ITEMS + (session_at(session)->updates - 1) % SERVER_ITEMS;
}

static void damage_seal(struct server *server, struct gc_ref session) {
  item_at(gc_read_field(server->run->mutator, session, SESSION_ITEMS))->seal ^= 1;
}

static void damage_item(struct server *server, struct gc_ref session) {
  gc_write_field(server->run->mutator, session, SESSION_ITEMS, gc_null());
}

/* An older item, whole, in the newest one's place. */
static void damage_order(struct server *server, struct gc_ref session) {
  size_t newest = newest_place(session);
  size_t other = newest == SESSION_ITEMS ? SESSION_ITEMS + 1 : SESSION_ITEMS;
  gc_write_field(server->run->mutator, session, newest,
                 gc_read_field(server->run->mutator, session, other));
}

static void damage_updates(struct server *server, struct gc_ref session) {
  (void)server;
  session_at(session)->updates++;
}

static void damage_latest(struct server *server, struct gc_ref session) {
  (void)server;
  session_at(session)->latest--;
}

static void damage_profile(struct server *server, struct gc_ref session) {
  uint64_t other = (session_at(session)->number + 1) % SESSIONS;
  struct gc_mutator *mutator = server->run->mutator;
  struct gc_ref stranger = gc_read_field(mutator, gc_handle_get(server->table), other);
  gc_write_field(mutator, session, SESSION_PROFILE,
                 gc_read_field(mutator, stranger, SESSION_PROFILE));
}

static void damage_table(struct server *server, struct gc_ref session) {
  uint64_t other = (session_at(session)->number + 1) % SESSIONS;
  gc_write_field(server->run->mutator, gc_handle_get(server->table), other, session);
}

static void test_damage_is_noticed(void **state) {
  (void)state;
  damage *const damages[] = {damage_seal,   damage_item,    damage_order, damage_updates,
                             damage_latest, damage_profile, damage_table};
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    check_after(damages[i]);
  }
}

/* Whole runs at two rates: the same result, though nothing was served at the same time; and of every
 * request a record: due after the one before, begun after it was due, and ended before the next
 * began. */
static void test_results_do_not_depend_on_time(void **state) {
  (void)state;
  static const uint64_t rates[] = {RATE, 50000};
  uint64_t checksums[2];
  for (size_t i = 0; i < 2; i++) {
    struct workload_fixture fixture;
    uint64_t changed[SERVER_PARAMETERS];
    memcpy(changed, values, sizeof changed);
    changed[SERVER_RATE] = rates[i];
    fixture_open(&fixture, &workload_server, changed);
    assert_int_equal(ops_under_test.run(&fixture.run), WORKLOAD_DONE);
    checksums[i] = fixture.run.checksum;
    const struct workload_requests *requests = &fixture.run.requests;
    assert_int_equal(fixture.run.operations, REQUESTS);
    assert_int_equal(requests->count, REQUESTS);
    assert_int_equal(requests->lost, 0);
    uint64_t queries = 0, arrival_ns = fixture.run.timed_begin_ns, end_ns = arrival_ns;
    for (size_t index = 0; index < requests->count; index++) {
      const struct workload_request *request = &requests->items[index];
      assert_true(request->arrival_ns >= arrival_ns && request->begin_ns >= request->arrival_ns);
      assert_true(request->begin_ns >= end_ns && request->end_ns >= request->begin_ns);
      queries += request->class == SERVER_QUERY;
      arrival_ns = request->arrival_ns;
      end_ns = request->end_ns;
    }
    assert_int_equal(queries, REQUESTS / EVERY);
    workload_requests_finish(&fixture.run);
    fixture_close(&fixture);
  }
  assert_int_equal(checksums[0], checksums[1]);
}

/* Gaps of a Poisson process: their mean is 1 / rate, as is their standard deviation. Of 100,000 the
 * mean is within 1.3 % of it but for one seed in 40,000; this seed is fixed. */
static void test_arrivals_are_a_poisson_process(void **state) {
  (void)state;
  enum { GAPS = 100000, MEAN_NS = 20000 };
  struct workload_input input = {.integers = {[SERVER_RATE] = 1000000000 / MEAN_NS}};
  struct workload_run run = {.input = &input, .seed = 1};
  struct server server = {.run = &run, .arrivals = 1};
  double sum = 0, squares = 0, above = 0;
  for (int i = 0; i < GAPS; i++) {
    double gap = (double)gap_ns(&server) / MEAN_NS;
    sum += gap;
    squares += gap * gap;
    above += gap > 3;
  }
  double mean = sum / GAPS;
  assert_true(fabs(mean - 1) < 0.013);
  assert_true(fabs(squares / GAPS - mean * mean - 1) < 0.05);
  assert_true(fabs(above / GAPS - exp(-3)) < 0.003); /* the tail */
}

/* One query in every stretch, and of ordinary requests three of four in a sixteenth of the sessions. */
static void test_requests_are_drawn_as_they_say(void **state) {
  (void)state;
  enum { COUNT = 10000, OF = 1600 };
  uint64_t hot = 0;
  for (uint64_t request = 0; request < COUNT; request++) {
    uint64_t session = server_session_of(7, request, OF);
    assert_in_range(session, 0, OF - 1);
    hot += (session + OF - request / 16 % OF) % OF <= OF / SERVER_HOT_SHARE;
  }
  assert_in_range(hot, COUNT * 74 / 100, COUNT * 79 / 100); /* 3/4, and a sixteenth of the rest */
  for (uint64_t stretch = 0; stretch < 100; stretch++) {
    uint64_t queries = 0;
    for (uint64_t request = 0; request < EVERY; request++) {
      queries += server_is_query(7, stretch * EVERY + request, EVERY);
    }
    assert_int_equal(queries, 1);
  }
}

static void test_recording_grows(void **state) {
  (void)state;
  enum { COUNT = 20000 };
  struct workload_run run = {0};
  for (uint64_t i = 0; i < COUNT; i++) {
    workload_request_record(&run, (struct workload_request){.class = i, .end_ns = 2 * i});
  }
  assert_int_equal(run.requests.count, COUNT);
  for (uint64_t i = 0; i < COUNT; i++) {
    assert_int_equal(run.requests.items[i].class, i);
    assert_int_equal(run.requests.items[i].end_ns, 2 * i);
  }
  workload_requests_finish(&run);
  workload_requests_reserve(&run, 10);
  assert_true(run.requests.capacity >= 10);
  assert_false(workload_requests_grow(&run, SIZE_MAX));
  workload_requests_finish(&run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_damage_is_noticed),
      cmocka_unit_test(test_results_do_not_depend_on_time),
      cmocka_unit_test(test_arrivals_are_a_poisson_process),
      cmocka_unit_test(test_requests_are_drawn_as_they_say),
      cmocka_unit_test(test_recording_grows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
