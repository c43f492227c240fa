/* server: requests that arrive when they please, on state that outlives them.
 *
 * An open loop: arrivals are a Poisson process with a rate that the parameters set, so a pause
 * delays every request that arrives in it and those that queue behind, as it does for people who
 * wait. Nearly everything that a request allocates is dead at its end; what it leaves in its session
 * lives for as many more requests to the same session, and dies old. A few requests are queries over
 * many sessions, whose results are alive while the query runs.
 */
#include "workloads/server.h"

#include "workloads/volume.h"

static const struct workload_parameter parameters[SERVER_PARAMETERS] = {
    [SERVER_SESSIONS] = {"sessions", WORKLOAD_INTEGER, "sessions", "100000", "5000", 1,
                         UINT64_C(1) << 28, "sessions, all alive, each with its latest 8 items"},
    [SERVER_REQUESTS] = {"requests", WORKLOAD_INTEGER, "requests", "30000", "6000", 0,
                         UINT64_C(1) << 30, "requests served while time is taken"},
    [SERVER_RATE] =
        {"rate", WORKLOAD_INTEGER, "requests/s", "20000", "20000", 1, UINT64_C(1000000000),
         "mean of the requests that arrive in a second, whether or not earlier ones are "
         "served"},
    [SERVER_REQUEST_OBJECTS] = {"request_objects", WORKLOAD_INTEGER, "objects", "200", "200", 0,
                                1u << 20, "short-lived objects of an ordinary request"},
    [SERVER_QUERY_EVERY] = {"query_every", WORKLOAD_INTEGER, "requests", "200", "200", 1,
                            UINT64_C(1) << 30, "one request of so many is a slow query"},
    [SERVER_QUERY_SESSIONS] = {"query_sessions", WORKLOAD_INTEGER, "sessions", "5000", "2000", 0,
                               UINT64_C(1) << 28, "sessions that a query visits"},
};

static void add_sessions(struct volume *volume, uint64_t count) {
  volume_add(volume, count, SESSION_SLOTS, SESSION_RAW_BYTES);
  volume_add(volume, count, 0, PROFILE_RAW_BYTES);
  volume_add(volume, count * SERVER_ITEMS, 0, ITEM_RAW_BYTES);
}

static uint64_t allocation_bytes(const struct workload_input *input) {
  uint64_t sessions = input->integers[SERVER_SESSIONS];
  uint64_t requests = input->integers[SERVER_REQUESTS];
  uint64_t queries = requests / input->integers[SERVER_QUERY_EVERY] + 1;
  uint64_t nodes = input->integers[SERVER_REQUEST_OBJECTS];
  struct volume volume = {0};
  volume_add(&volume, 1, sessions, 0);
  add_sessions(&volume, sessions + requests / SERVER_LOGIN_EVERY + 1);
  volume_add(&volume, requests, 0, ITEM_RAW_BYTES);
  for (uint64_t place = 0; place < SERVER_SIZES; place++) {
    uint64_t of_this_size = nodes / SERVER_SIZES + (place < nodes % SERVER_SIZES);
    volume_add(&volume, requests * of_this_size, NODE_SLOTS, server_node_raw_bytes(place));
  }
  volume_add(&volume, queries * input->integers[SERVER_QUERY_SESSIONS], ROW_SLOTS, ROW_RAW_BYTES);
  return volume_bound_bytes(&volume);
}

const struct workload workload_server = {
    .name = "server",
    .summary = "an open loop of requests on sessions that outlive them, with a slow query now and "
               "then: latency as those who wait feel it",
    .operation = "request",
    .parameters = parameters,
    .parameter_count = SERVER_PARAMETERS,
    .allocation_bytes = allocation_bytes,
};
