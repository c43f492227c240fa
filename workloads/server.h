/* server: places of its parameters, the shapes of its objects, and which session a request is for.
 */
#ifndef WORKLOADS_SERVER_H
#define WORKLOADS_SERVER_H

#include "workloads/workload.h"

enum server_parameter {
  SERVER_SESSIONS,
  SERVER_REQUESTS,
  SERVER_RATE,
  SERVER_REQUEST_OBJECTS,
  SERVER_QUERY_EVERY,
  SERVER_QUERY_SESSIONS,
  SERVER_PARAMETERS
};

enum server_class { SERVER_ORDINARY, SERVER_QUERY };

enum {
  SERVER_ITEMS = 8,        /* that a session keeps: the latest ones */
  SERVER_LOGIN_EVERY = 64, /* of so many ordinary requests one begins the session anew */
  SERVER_HOT_SHARE = 16,   /* one of so many sessions is in use; they change slowly */
  SERVER_SIZES = 8,        /* of the short-lived objects */
};

/* A session: what is known of the user, and a ring of the latest items. */
enum { SESSION_PROFILE, SESSION_ITEMS, SESSION_SLOTS = SESSION_ITEMS + SERVER_ITEMS };

struct server_session {
  uint64_t gc_header;
  struct gc_ref slots[SESSION_SLOTS];
  uint64_t number;
  uint64_t updates; /* since it began */
  uint64_t latest;  /* request that updated it, or began it */
};

struct server_profile {
  uint64_t gc_header;
  uint64_t number; /* of the session */
  uint64_t began;  /* by this request */
  uint64_t words[6];
};

struct server_item {
  uint64_t gc_header;
  uint64_t number; /* of the session */
  uint64_t request;
  uint64_t digest; /* of the request */
  uint64_t seal;   /* follows from the others */
};

/* What a request is parsed into, a list; more raw bytes follow. */
struct server_node {
  uint64_t gc_header;
  struct gc_ref next;
  uint64_t place, value;
};

struct server_row {
  uint64_t gc_header;
  struct gc_ref next, session;
  uint64_t number, updates;
};

enum {
  SESSION_RAW_BYTES = sizeof(struct server_session) - offsetof(struct server_session, number),
  PROFILE_RAW_BYTES = sizeof(struct server_profile) - offsetof(struct server_profile, number),
  ITEM_RAW_BYTES = sizeof(struct server_item) - offsetof(struct server_item, number),
  NODE_RAW_BYTES = sizeof(struct server_node) - offsetof(struct server_node, place),
  ROW_RAW_BYTES = sizeof(struct server_row) - offsetof(struct server_row, number),
  NODE_SLOTS = 1,
  ROW_SLOTS = 2,
};

/* Sizes of nodes take turns: 16 to 128 raw bytes, 72 on average. */
static inline size_t server_node_raw_bytes(uint64_t place) {
  return NODE_RAW_BYTES * (1 + place % SERVER_SIZES);
}

/* One request of each `query_every` is a query, at a random place among them. */
static inline bool server_is_query(uint64_t seed, uint64_t request, uint64_t query_every) {
  uint64_t stretch = request / query_every;
  uint64_t state = seed ^ stretch * UINT64_C(0xd1342543de82ef95);
  return workload_random_below(&state, query_every) == request % query_every;
}

/* Three of four requests are for a session in use, the others for any. The sessions in use move on
 * by one with every 16th request. */
static inline uint64_t server_session_of(uint64_t seed, uint64_t request, uint64_t sessions) {
  uint64_t state = seed + request * UINT64_C(0x9e3779b97f4a7c15);
  bool is_hot = workload_random(&state) >> 62 != 0;
  uint64_t hot = sessions / SERVER_HOT_SHARE + 1;
  return is_hot ? (request / 16 + workload_random_below(&state, hot)) % sessions
                : workload_random_below(&state, sessions);
}

#endif
