/* An embedding example: a program of somebody else that keeps its data in a Tricolor heap.
 *
 * Compiled outside the tree from installed files only (phone_book_test.sh). It picks its barrier
 * when it is compiled (-DGC_BARRIER=card) and its collector when it runs (first argument). Its
 * objects are overlaid by a C struct: reference slots first, raw bytes behind them.
 *
 * Rule to remember: a struct gc_ref, and a C pointer made from one, is valid until the next
 * allocation, poll or collection of this thread. What must live longer stays in a handle, a root or
 * an object.
 */
#include <gc/gc.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  uint64_t gc_header;
  struct gc_ref next;  /* slot 0 */
  struct gc_ref owner; /* slot 1: an entry of which this one is a copy, or null */
  uint64_t number;     /* raw bytes from here on */
  char name[24];
};

enum { ENTRY_NEXT, ENTRY_OWNER, ENTRY_SLOTS };
#define ENTRY_RAW_BYTES (sizeof(struct entry) - offsetof(struct entry, number))

_Static_assert(offsetof(struct entry, next) == GC_HEADER_BYTES, "slots follow the header");
_Static_assert(offsetof(struct entry, number) ==
                   GC_HEADER_BYTES + ENTRY_SLOTS * sizeof(struct gc_ref),
               "raw bytes follow the slots");

static _Noreturn void fail(const char *sentence) {
  fprintf(stderr, "phone_book: %s\n", sentence);
  exit(EXIT_FAILURE);
}

static const struct entry *entry_at(struct gc_ref ref) {
  return gc_ref_address(ref);
}

/* Puts a new entry in front of the list in `head`. */
static void push_entry(struct gc_mutator *mutator, struct gc_handle head, uint32_t type,
                       uint64_t number) {
  struct gc_ref ref = gc_allocate(mutator, ENTRY_SLOTS, ENTRY_RAW_BYTES, type);
  if (gc_is_null(ref)) {
    fail("the heap is exhausted");
  }
  struct entry *entry = gc_ref_address(ref);
  entry->number = number;
  snprintf(entry->name, sizeof entry->name, "number %" PRIu64, number);
  gc_init_field(mutator, ref, ENTRY_NEXT, gc_handle_get(head));
  gc_handle_set(mutator, head, ref);
}

/* Every entry of the list owns a later one: old objects that point at young ones. */
static void adopt_copies(struct gc_mutator *mutator, struct gc_handle head, uint32_t type) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle at = gc_handle_push(mutator, gc_handle_get(head));
  while (!gc_is_null(gc_handle_get(at))) {
    struct gc_ref copy = gc_allocate(mutator, ENTRY_SLOTS, ENTRY_RAW_BYTES, type);
    if (gc_is_null(copy)) {
      fail("the heap is exhausted");
    }
    struct entry *entry = gc_ref_address(copy);
    entry->number = entry_at(gc_handle_get(at))->number * 2;
    gc_write_field(mutator, gc_handle_get(at), ENTRY_OWNER, copy);
    gc_handle_set(mutator, at, gc_read_field(mutator, gc_handle_get(at), ENTRY_NEXT));
  }
  gc_handles_leave(mutator, frame);
}

static void check_list(struct gc_mutator *mutator, struct gc_handle head, uint64_t count) {
  struct gc_ref ref = gc_handle_get(head);
  for (uint64_t number = count; number-- > 0;) {
    const struct entry *entry = entry_at(ref);
    char name[sizeof entry->name];
    snprintf(name, sizeof name, "number %" PRIu64, number);
    struct gc_ref owner = gc_read_field(mutator, ref, ENTRY_OWNER);
    if (entry->number != number || strncmp(entry->name, name, sizeof name) != 0 ||
        gc_is_null(owner) || entry_at(owner)->number != number * 2) {
      fail("an entry changed");
    }
    ref = gc_read_field(mutator, ref, ENTRY_NEXT);
  }
  if (!gc_is_null(ref)) {
    fail("the list grew");
  }
}

static void use_heap(struct gc_heap *heap) {
  enum { COUNT = 20000 };
  char error[256];
  struct gc_mutator *mutator = gc_attach(heap, error, sizeof error);
  if (mutator == NULL) {
    fail(error);
  }
  uint32_t type = gc_type_define(heap, "entry");
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle head = gc_handle_push(mutator, gc_null());
  for (uint64_t number = 0; number < COUNT; number++) {
    push_entry(mutator, head, type, number);
  }
  gc_collect(mutator, GC_COLLECTION_FULL);
  adopt_copies(mutator, head, type);
  gc_collect(mutator, GC_COLLECTION_MINOR);
  check_list(mutator, head, COUNT);
  gc_collect(mutator, GC_COLLECTION_FULL);
  check_list(mutator, head, COUNT);
  gc_handles_leave(mutator, frame);
  gc_detach(mutator);
}

int main(int argc, char **argv) {
  struct gc_options options = gc_options_default();
  options.collector = argc > 1 ? argv[1] : "stw";
  options.heap_bytes = (uint64_t)64 << 20;
  options.expected_allocation_bytes = (uint64_t)64 << 20; /* for a collector that never collects */
  char error[256];
  struct gc_heap *heap;
  if (gc_heap_open(&options, &heap, error, sizeof error) != 0) {
    fail(error);
  }
  use_heap(heap);
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  printf("%s: %" PRIu64 " minor, %" PRIu64 " full collections; the phone book is intact\n",
         options.collector, statistics.scavenge_count, statistics.full_count);
  gc_heap_close(heap);
  return EXIT_SUCCESS;
}
