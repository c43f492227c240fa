/* server, hot code.
 *
 * Requests are numbered from 0. Which session a request is for, whether it is a query and what it
 * computes follow from seed and number alone; only when it is served depends on the clock. So every
 * session's state can be told from the numbers, and is, at the end.
 *
 * Between requests the thread sleeps in a blocking region until the next arrival: it takes no
 * processor and holds up no stop. What the system takes to wake it lies between a request's arrival
 * and its begin. A request that is due already is served at once.
 */
#include "workloads/server.h"

#include "workloads/bookkeeping.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

/* Handles that live as long as the run. */
struct server {
  struct workload_run *run;
  struct gc_handle table; /* a reference for each session */
  struct gc_handle list;  /* scratch: the newest node or row, which refers to the others */
  struct gc_handle session;
  uint64_t sessions, requests, query_every;
  uint64_t arrivals; /* state of the generator of arrivals */
  uint64_t queries;
};

/* The request number of what was there before any request. */
#define SERVER_FILLED UINT64_MAX

static inline struct server_session *session_at(struct gc_ref session) {
  return gc_ref_address(session);
}

static inline struct server_item *item_at(struct gc_ref item) {
  return gc_ref_address(item);
}

static inline uint64_t item_seal(const struct server_item *item) {
  return workload_fold(workload_fold(item->number, item->request), item->digest);
}

/* What a request computes from its own number, node by node. */
static inline uint64_t node_value(const struct server *server, uint64_t request, uint64_t place) {
  return (server->run->seed ^ request) * UINT64_C(0x9fb21c651e98df25) + place;
}

/* ---- sessions
 * -----------------------------------------------------------------------------------*/

/* Null when the heap is exhausted. */
static inline struct gc_ref item_create(struct gc_mutator *mutator, uint64_t number,
                                        uint64_t request, uint64_t digest) {
  struct gc_ref item = gc_allocate(mutator, 0, ITEM_RAW_BYTES, 0);
  if (GC_LIKELY(!gc_is_null(item))) {
    struct server_item *object = item_at(item);
    object->number = number;
    object->request = request;
    object->digest = digest;
    object->seal = item_seal(object);
  }
  return item;
}

static enum workload_status fill_session(struct server *server, uint64_t number, uint64_t request) {
  struct gc_mutator *mutator = server->run->mutator;
  struct gc_ref profile = gc_allocate(mutator, 0, PROFILE_RAW_BYTES, 0);
  if (gc_is_null(profile)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct server_profile *object = gc_ref_address(profile);
  object->number = number;
  object->began = request;
  gc_write_field(mutator, gc_handle_get(server->session), SESSION_PROFILE, profile);
  for (uint64_t place = 0; place < SERVER_ITEMS; place++) {
    struct gc_ref item = item_create(mutator, number, request, place);
    if (gc_is_null(item)) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    gc_write_field(mutator, gc_handle_get(server->session), SESSION_ITEMS + place, item);
  }
  return WORKLOAD_DONE;
}

/* A new session with its profile and items takes the place of the one that was there. */
static enum workload_status begin_session(struct server *server, uint64_t number,
                                          uint64_t request) {
  struct gc_mutator *mutator = server->run->mutator;
  struct gc_ref session = gc_allocate(mutator, SESSION_SLOTS, SESSION_RAW_BYTES, 0);
  if (gc_is_null(session)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct server_session *object = session_at(session);
  object->number = number;
  object->updates = 0;
  object->latest = request;
  gc_handle_set(mutator, server->session, session);
  enum workload_status status = fill_session(server, number, request);
  if (status == WORKLOAD_DONE) {
    gc_write_field(mutator, gc_handle_get(server->table), number, gc_handle_get(server->session));
  }
  return status;
}

/* The session's oldest item makes way. */
static enum workload_status update_session(struct server *server, uint64_t number, uint64_t request,
                                           uint64_t digest) {
  struct gc_mutator *mutator = server->run->mutator;
  struct gc_ref item = item_create(mutator, number, request, digest);
  if (gc_is_null(item)) {
    return WORKLOAD_OUT_OF_MEMORY;
  }
  struct gc_ref session = gc_read_field(mutator, gc_handle_get(server->table), number);
  struct server_session *object = session_at(session);
  size_t place = SESSION_ITEMS + object->updates % SERVER_ITEMS;
  const struct server_item *old = item_at(gc_read_field(mutator, session, place));
  if (old->number != number || old->seal != item_seal(old)) {
    return workload_wrong(server->run, "an item of session %" PRIu64 " is damaged", number);
  }
  server->run->checksum = workload_fold(server->run->checksum, old->seal);
  gc_write_field(mutator, session, place, item);
  object->updates++;
  object->latest = request;
  return WORKLOAD_DONE;
}

/* ---- ordinary requests
 * --------------------------------------------------------------------------*/

/* A list of what was parsed, newest first. */
static enum workload_status parse(struct server *server, uint64_t request, uint64_t objects) {
  struct gc_mutator *mutator = server->run->mutator;
  for (uint64_t place = 0; place < objects; place++) {
    struct gc_ref node = gc_allocate(mutator, NODE_SLOTS, server_node_raw_bytes(place), 0);
    if (GC_UNLIKELY(gc_is_null(node))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    struct server_node *object = gc_ref_address(node);
    object->place = place;
    object->value = node_value(server, request, place);
    gc_init_field(mutator, node, 0, gc_handle_get(server->list));
    gc_handle_set(mutator, server->list, node);
  }
  return WORKLOAD_DONE;
}

/* Reads the list back. No safepoint. */
static enum workload_status digest_of(struct server *server, uint64_t request, uint64_t objects,
                                      uint64_t *digest) {
  struct gc_ref node = gc_handle_get(server->list);
  *digest = request;
  for (uint64_t place = objects; place-- > 0;) {
    const struct server_node *object = gc_is_null(node) ? NULL : gc_ref_address(node);
    if (object == NULL || object->place != place ||
        object->value != node_value(server, request, place)) {
      return workload_wrong(server->run, "object %" PRIu64 " of request %" PRIu64 " is damaged",
                            place, request);
    }
    *digest = workload_fold(*digest, object->value);
    node = gc_read_field(server->run->mutator, node, 0);
  }
  return WORKLOAD_DONE;
}

static inline bool is_login(uint64_t request) {
  return request % SERVER_LOGIN_EVERY == SERVER_LOGIN_EVERY - 1;
}

static enum workload_status serve_ordinary(struct server *server, uint64_t request) {
  uint64_t objects = workload_integer(server->run, SERVER_REQUEST_OBJECTS), digest;
  uint64_t number = server_session_of(server->run->seed, request, server->sessions);
  enum workload_status status = parse(server, request, objects);
  if (status == WORKLOAD_DONE) {
    status = digest_of(server, request, objects, &digest);
  }
  if (status != WORKLOAD_DONE) {
    return status;
  }
  return is_login(request) ? begin_session(server, number, request)
                           : update_session(server, number, request, digest);
}

/* ---- queries
 * ------------------------------------------------------------------------------------*/

/* A row for each session that is visited, all alive until the query is answered. */
static enum workload_status collect_rows(struct server *server, uint64_t first, uint64_t count) {
  struct gc_mutator *mutator = server->run->mutator;
  for (uint64_t step = 0; step < count; step++) {
    struct gc_ref row = gc_allocate(mutator, ROW_SLOTS, ROW_RAW_BYTES, 0);
    if (GC_UNLIKELY(gc_is_null(row))) {
      return WORKLOAD_OUT_OF_MEMORY;
    }
    uint64_t number = (first + step) % server->sessions;
    struct gc_ref session = gc_read_field(mutator, gc_handle_get(server->table), number);
    struct server_row *object = gc_ref_address(row);
    object->number = session_at(session)->number;
    object->updates = session_at(session)->updates;
    gc_init_field(mutator, row, 0, gc_handle_get(server->list));
    gc_init_field(mutator, row, 1, session);
    gc_handle_set(mutator, server->list, row);
  }
  return WORKLOAD_DONE;
}

/* Newest first. No safepoint: it looks at a few thousand rows. */
static enum workload_status answer(struct server *server, uint64_t first, uint64_t count) {
  struct workload_run *run = server->run;
  struct gc_ref row = gc_handle_get(server->list);
  for (uint64_t step = count; step-- > 0;) {
    const struct server_row *object = gc_is_null(row) ? NULL : gc_ref_address(row);
    uint64_t number = (first + step) % server->sessions;
    if (object == NULL || object->number != number ||
        session_at(gc_read_field(run->mutator, row, 1))->number != number) {
      return workload_wrong(run, "a row of a query over session %" PRIu64 " is damaged", number);
    }
    run->checksum = workload_fold(run->checksum, object->updates);
    row = gc_read_field(run->mutator, row, 0);
  }
  return WORKLOAD_DONE;
}

static enum workload_status serve_query(struct server *server, uint64_t request) {
  uint64_t count = workload_integer(server->run, SERVER_QUERY_SESSIONS);
  uint64_t first = server_session_of(server->run->seed, request, server->sessions);
  enum workload_status status = collect_rows(server, first, count);
  server->queries++;
  return status == WORKLOAD_DONE ? answer(server, first, count) : status;
}

/* ---- the open loop
 * ------------------------------------------------------------------------------*/

/* To the next arrival: exponentially distributed. */
static uint64_t gap_ns(struct server *server) {
  double uniform = (double)(workload_random(&server->arrivals) >> 11) * 0x1p-53;
  return (uint64_t)(-log1p(-uniform) * 1e9 / (double)workload_integer(server->run, SERVER_RATE));
}

/* Timers are not late on purpose, as by default they may be to spare wake-ups: requests that come
 * from a network are not. */
static void wake_in_time(void) {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

static void wait_until(struct workload_run *run, uint64_t time_ns) {
  if (workload_now_ns() >= time_ns) {
    return;
  }
  struct timespec time = {.tv_sec = (time_t)(time_ns / 1000000000),
                          .tv_nsec = (long)(time_ns % 1000000000)};
  gc_blocking_begin(run->mutator);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) {
    /* A signal woke it. */
  }
  gc_blocking_end(run->mutator);
}

static enum workload_status serve(struct server *server, uint64_t request, uint64_t arrival_ns) {
  struct workload_run *run = server->run;
  bool is_query = server_is_query(run->seed, request, server->query_every);
  uint64_t begin_ns = workload_request_clock_ns(run);
  enum workload_status status =
      is_query ? serve_query(server, request) : serve_ordinary(server, request);
  gc_handle_set(run->mutator, server->list, gc_null());
  workload_request_record(
      run, (struct workload_request){.class = is_query ? SERVER_QUERY : SERVER_ORDINARY,
                                     .arrival_ns = arrival_ns,
                                     .begin_ns = begin_ns,
                                     .end_ns = workload_request_clock_ns(run)});
  return status;
}

static enum workload_status serve_all(struct server *server) {
  struct workload_run *run = server->run;
  enum workload_status status = WORKLOAD_DONE;
  uint64_t arrival_ns = run->timed_begin_ns;
  for (uint64_t request = 0; request < server->requests && status == WORKLOAD_DONE; request++) {
    arrival_ns += gap_ns(server);
    wait_until(run, arrival_ns);
    status = serve(server, request, arrival_ns);
    workload_progress_step(run, request, server->requests);
  }
  return status;
}

/* ---- the check at the end
 * -----------------------------------------------------------------------*/

/* What a session's state has to be, from the numbers alone. */
struct expected_session {
  uint64_t updates, latest, began;
};

/* Null when memory is lacking; the caller frees it. */
static struct expected_session *replay(const struct server *server) {
  struct expected_session *expected = malloc(server->sessions * sizeof *expected);
  for (uint64_t number = 0; expected != NULL && number < server->sessions; number++) {
    expected[number] = (struct expected_session){0, SERVER_FILLED, SERVER_FILLED};
  }
  uint64_t seed = server->run->seed;
  for (uint64_t request = 0; expected != NULL && request < server->requests; request++) {
    if (server_is_query(seed, request, server->query_every)) {
      continue;
    }
    struct expected_session *session =
        &expected[server_session_of(seed, request, server->sessions)];
    bool begins = is_login(request);
    *session = (struct expected_session){.updates = begins ? 0 : session->updates + 1,
                                         .latest = request,
                                         .began = begins ? request : session->began};
  }
  return expected;
}

/* The newest item is that of the latest update, older ones were there before. */
static enum workload_status check_items(struct server *server, struct gc_ref session,
                                        const struct expected_session *expected) {
  struct workload_run *run = server->run;
  uint64_t number = session_at(session)->number;
  for (uint64_t place = 0; place < SERVER_ITEMS; place++) {
    struct gc_ref ref = gc_read_field(run->mutator, session, SESSION_ITEMS + place);
    const struct server_item *item = gc_is_null(ref) ? NULL : item_at(ref);
    if (item == NULL || item->number != number || item->seal != item_seal(item)) {
      return workload_wrong(run, "item %" PRIu64 " of session %" PRIu64 " is damaged", place,
                            number);
    }
    bool is_newest = expected->updates > 0 && (expected->updates - 1) % SERVER_ITEMS == place;
    bool is_first = place >= expected->updates;
    if ((is_newest && item->request != expected->latest) ||
        (is_first && item->request != expected->began)) {
      return workload_wrong(run, "item %" PRIu64 " of session %" PRIu64 " is of another request",
                            place, number);
    }
    run->checksum = workload_fold(run->checksum, item->seal);
  }
  return WORKLOAD_DONE;
}

static enum workload_status check_session(struct server *server, uint64_t number,
                                          const struct expected_session *expected) {
  struct workload_run *run = server->run;
  struct gc_ref session = gc_read_field(run->mutator, gc_handle_get(server->table), number);
  const struct server_session *object = gc_is_null(session) ? NULL : session_at(session);
  if (object == NULL || object->number != number || object->updates != expected->updates ||
      object->latest != expected->latest) {
    return workload_wrong(run, "session %" PRIu64 " is not what its requests made it", number);
  }
  struct gc_ref ref = gc_read_field(run->mutator, session, SESSION_PROFILE);
  const struct server_profile *profile = gc_is_null(ref) ? NULL : gc_ref_address(ref);
  if (profile == NULL || profile->number != number || profile->began != expected->began) {
    return workload_wrong(run, "session %" PRIu64 " has another one's profile", number);
  }
  run->checksum = workload_fold(run->checksum, object->updates);
  return check_items(server, session, expected);
}

static enum workload_status check(struct server *server) {
  struct expected_session *expected = replay(server);
  enum workload_status status = expected != NULL ? WORKLOAD_DONE : WORKLOAD_OUT_OF_MEMORY;
  for (uint64_t number = 0; number < server->sessions && status == WORKLOAD_DONE; number++) {
    status = check_session(server, number, &expected[number]);
    workload_poll_step(server->run, number);
  }
  free(expected);
  return status;
}

/* ---- the run
 * ------------------------------------------------------------------------------------*/

/* Its handles live until the caller leaves its frame. */
static enum workload_status server_open(struct server *server, struct workload_run *run) {
  *server = (struct server){.run = run,
                            .sessions = workload_integer(run, SERVER_SESSIONS),
                            .requests = workload_integer(run, SERVER_REQUESTS),
                            .query_every = workload_integer(run, SERVER_QUERY_EVERY),
                            .arrivals = workload_fold(run->seed, SERVER_RATE)};
  struct gc_ref table = gc_allocate(run->mutator, server->sessions, 0, 0);
  server->table = gc_handle_push(run->mutator, table);
  server->list = gc_handle_push(run->mutator, gc_null());
  server->session = gc_handle_push(run->mutator, gc_null());
  enum workload_status status = gc_is_null(table) ? WORKLOAD_OUT_OF_MEMORY : WORKLOAD_DONE;
  for (uint64_t number = 0; number < server->sessions && status == WORKLOAD_DONE; number++) {
    status = begin_session(server, number, SERVER_FILLED);
  }
  gc_handle_set(run->mutator, server->session, gc_null());
  return status;
}

static enum workload_status run_in_frame(struct workload_run *run) {
  struct server server;
  enum workload_status status = server_open(&server, run);
  if (status != WORKLOAD_DONE) {
    return status;
  }
  workload_requests_reserve(run, server.requests);
  wake_in_time();
  workload_timed_begin(run);
  status = serve_all(&server);
  workload_timed_end(run);
  if (status == WORKLOAD_DONE) {
    run->operations = server.requests;
    status = check(&server);
  }
  if (status == WORKLOAD_DONE) {
    workload_note(run, "%" PRIu64 " requests, of which %" PRIu64 " queries", server.requests,
                  server.queries);
  }
  return status;
}

static enum workload_status server_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  enum workload_status status = run_in_frame(run);
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(server, server_run);
