/* Remembering as cases: stores that find a clean card, and the scan of the cards that they made
 * dirty. An item is one card.
 *
 * Old nodes lie side by side; one of each CARD_NODES of them, each on a card of its own, is given
 * the same young object, so that a scavenge has one object to copy and many cards to look at. The
 * ideal keeps a card table and a list, and scans the nodes of a card without asking where the
 * first begins.
 */
#include "harness/microbench/bench_case.h"
#include "harness/microbench/our_heap.h"

#include "harness/clock.h"
#include <string.h>

enum {
  CARDS = 32768,
  CARD_BYTES = 512,
  CARD_NODES = CARD_BYTES / IDEAL_NODE_BYTES,
  NODES = CARDS * CARD_NODES,
};

/* --- ours ----------------------------------------------------------------------------------------*/

static struct our_heap ours;
static struct gc_ref written[CARDS]; /* old: they stay where they are */
static char error[256];

static void prepare(const struct bench_sizes *sizes) {
  (void)sizes;
}

/* One node of each card, along the list of all. */
static bool find_written(void) {
  uintptr_t last_card = 0;
  size_t count = 0;
  for (struct gc_ref node = gc_handle_get(ours.root); !gc_is_null(node) && count < CARDS;
       node = gc_read_field(ours.mutator, node, 0)) {
    uintptr_t card = (uintptr_t)gc_object_slot(node, 1).location / CARD_BYTES;
    if (card != last_card && !gc_is_young(ours.mutator, node)) {
      written[count++] = node;
      last_card = card;
    }
  }
  return count == CARDS;
}

static bool open_ours(void) {
  struct our_heap_shape shape = {.heap_bytes = (size_t)NODES * IDEAL_NODE_BYTES * 4,
                                 .nursery_bytes = (size_t)4 << 20,
                                 .thread_count = 1};
  if (ours.heap != NULL) {
    return true;
  }
  if (error[0] != '\0' || !our_heap_open(&ours, &shape, error, sizeof error)) {
    return false;
  }
  /* More than there are cards: where two runs of nodes meet, a card may be counted for both. */
  if (our_heap_fill(&ours, IDEAL_LAYOUT_IN_ORDER_TREE, NODES + NODES / 8)) {
    gc_collect(ours.mutator, GC_COLLECTION_FULL);
    if (find_written()) {
      return true;
    }
  }
  memcpy(error, "the nodes are not where they should be",
         sizeof "the nodes are not where they should be");
  our_heap_close(&ours);
  return false;
}

/* Stores a young object into every one of them; 0: there is none. */
static uint64_t remember(void) {
  struct gc_ref young = gc_allocate(ours.mutator, 2, 8, 0);
  if (!gc_is_young(ours.mutator, young)) {
    return 0;
  }
  uint64_t begin_ns = clock_now_ns();
  for (size_t card = 0; card < CARDS; card++) {
    gc_write_field(ours.mutator, written[card], 1, young);
  }
  return clock_now_ns() - begin_ns;
}

/* What has survived twice is old: all cards are clean. */
static void forget(void) {
  gc_collect(ours.mutator, GC_COLLECTION_MINOR);
  gc_collect(ours.mutator, GC_COLLECTION_MINOR);
}

static void finish(struct bench_pass *result) {
  result->items = CARDS;
  result->bytes = (uint64_t)CARDS * CARD_BYTES;
  uintptr_t address = gc_read_field(ours.mutator, written[0], 1).address;
  for (size_t card = 0; card < CARDS; card++) {
    if (gc_read_field(ours.mutator, written[card], 1).address != address ||
        gc_is_young(ours.mutator, (struct gc_ref){address})) {
      result->failure = "a slot was not updated";
    }
  }
}

static void run_insert(void *argument, struct bench_pass *result) {
  (void)argument;
  if (!open_ours()) {
    result->failure = error;
    return;
  }
  result->elapsed_ns = remember();
  forget();
  finish(result);
}

static void run_scan(void *argument, struct bench_pass *result) {
  (void)argument;
  if (!open_ours()) {
    result->failure = error;
    return;
  }
  (void)remember();
  gc_collect(ours.mutator, GC_COLLECTION_MINOR);
  result->elapsed_ns = our_heap_statistics(&ours).last_scavenge_ns;
  forget();
  finish(result);
}

/* --- ideal ---------------------------------------------------------------------------------------*/

static struct ideal_memory memory;
static uint8_t card_table[CARDS];
static uint8_t *dirty[CARDS];
static struct ideal_node young_node, old_node;

static bool open_ideal(void) {
  if (memory.base != NULL) {
    return true;
  }
  if (ideal_memory_open(&memory, (size_t)NODES * IDEAL_NODE_BYTES, IDEAL_TOUCH_NOW) != 0) {
    return false;
  }
  struct ideal_node *nodes = (struct ideal_node *)(void *)memory.base;
  for (size_t node = 0; node < NODES; node++) {
    nodes[node].header = gc_header_make(IDEAL_NODE_BYTES, 2, 0);
    nodes[node].slots[0] = node == 0 ? NULL : &nodes[node - 1];
  }
  return true;
}

static size_t ideal_insert(void) {
  struct ideal_node *nodes = (struct ideal_node *)(void *)memory.base;
  uint8_t **next = dirty;
  for (size_t card = 0; card < CARDS; card++) {
    struct ideal_node *node = &nodes[card * CARD_NODES];
    gc_atomic_store_relaxed(&node->slots[1], &young_node);
    uint8_t *byte = &card_table[((uintptr_t)node - (uintptr_t)nodes) / CARD_BYTES];
    if (*byte == 0) {
      *byte = 1;
      *next++ = byte;
    }
  }
  return (size_t)(next - dirty);
}

static size_t ideal_scan(void) {
  struct ideal_node *nodes = (struct ideal_node *)(void *)memory.base;
  uintptr_t young_start = (uintptr_t)&young_node;
  size_t updated = 0;
  for (size_t card = 0; card < CARDS; card++) {
    *dirty[card] = 0;
    unsigned char *address =
        (unsigned char *)nodes + (size_t)(dirty[card] - card_table) * CARD_BYTES;
    unsigned char *end = address + CARD_BYTES;
    while (address < end) {
      struct ideal_node *node = (struct ideal_node *)(void *)address;
      for (size_t slot = 0; slot < gc_header_slot_count(node->header); slot++) {
        if ((uintptr_t)node->slots[slot] - young_start < sizeof young_node) {
          node->slots[slot] = &old_node;
          updated++;
        }
      }
      address += gc_header_size_bytes(node->header);
    }
  }
  return updated;
}

static void run_ideal_insert(void *argument, struct bench_pass *result) {
  (void)argument;
  if (!open_ideal()) {
    result->failure = "not enough memory";
    return;
  }
  memset(card_table, 0, sizeof card_table);
  uint64_t begin_ns = clock_now_ns();
  size_t listed = ideal_insert();
  result->elapsed_ns = clock_now_ns() - begin_ns;
  result->items = listed;
  result->bytes = (uint64_t)CARDS * CARD_BYTES;
  if (listed != CARDS) {
    result->failure = "a card is missing";
  }
}

static void run_ideal_scan(void *argument, struct bench_pass *result) {
  (void)argument;
  if (!open_ideal()) {
    result->failure = "not enough memory";
    return;
  }
  memset(card_table, 0, sizeof card_table);
  (void)ideal_insert();
  uint64_t begin_ns = clock_now_ns();
  size_t updated = ideal_scan();
  result->elapsed_ns = clock_now_ns() - begin_ns;
  result->items = updated;
  result->bytes = (uint64_t)CARDS * CARD_BYTES;
  if (updated != CARDS) {
    result->failure = "a slot was not updated";
  }
}

static void close_suite(void) {
  our_heap_close(&ours);
  ideal_memory_close(&memory);
}

static const struct bench_case cases[] = {
    {"remember/insert", "card_list", BENCH_IDEAL, 1, run_ideal_insert, NULL, NULL},
    {"remember/insert", "gc_write_field", BENCH_OURS, 1, run_insert, NULL, NULL},
    {"remember/scan_cards", "scan", BENCH_IDEAL, 1, run_ideal_scan, NULL, NULL},
    {"remember/scan_cards", "scavenger", BENCH_OURS, 1, run_scan, NULL, NULL},
};

const struct bench_suite bench_remember_suite = {
    .cases = cases,
    .case_count = sizeof cases / sizeof *cases,
    .prepare = prepare,
    .close = close_suite,
};
