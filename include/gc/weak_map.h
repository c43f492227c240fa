/* Weak maps: hash maps from objects to objects whose entries do not keep their keys. Included beside
 * <gc/gc.h> by who wants one, in a unit that is compiled with a barrier.
 *
 *     gc_weak_map_set(mutator, map, key, value);  value = gc_weak_map_get(mutator, map, key);
 *
 * Every entry is an ephemeron: while the key is reachable by other ways than through the value, so
 * is the value; afterwards the collector empties the entry, beside the mutators where it clears
 * beside them, and the value is garbage. The map is an object as any other.
 *
 * Algorithm. Open addressing, linear probing, keyed by the address of the key. Objects move, so an
 * address is good until its object moves; what moves when is known: a scavenge moves young objects
 * only, and old ones are moved by compaction only. So there are two tables, of keys that were young
 * and of keys that were old when last looked at, as in the generation-friendly tables of Ghuloum and
 * Dybvig (2007). After a scavenge the entries of the young table are placed anew, in the old table
 * where the key was promoted; after a compaction that moved anything, those of the old one are too.
 * An emptied entry keeps its place, is taken by the next key that probes it, and goes when its table
 * is placed anew, which is also done when a look that goes round with every call has found a quarter
 * emptied.
 *
 * Why not a hash that stays with the object: it would need bits that the header has not, or a side
 * table that every scavenge follows for every young key of every map, whether asked for or not.
 *
 * Invariant `weak-map-settled`: while a call reads a table and passes no safepoint, the entry of a
 * key that is in the map is found by probing from where the key's address leads.
 *
 * Threads: a map is used by one mutator at a time; who hands it over synchronises by means of its
 * own.
 *
 * Costs: an entry takes 24 bytes, 8 on a list of the collector's, and at a load of a half 16 of table.
 * Each call places a bounded number of entries, amortised: one is placed anew after each scavenge
 * that its key survives young, two as a rule, at its promotion, and as tables double. Compaction
 * makes the next call linear in the map, as compaction and the clearing of its entries were before.
 * A call that places a large table anew polls meanwhile. Emptied entries of a map that nobody calls
 * stay; what they held does not.
 *
 * Under a baseline (collectors/README.md) there are no weak maps.
 */
#ifndef GC_WEAK_MAP_H
#define GC_WEAK_MAP_H

#include <gc/gc.h>

enum gc_weak_map_kind { GC_WEAK_MAP_OLD, GC_WEAK_MAP_YOUNG, GC_WEAK_MAP_KINDS };

/* The object. Its tables are objects whose slots refer to ephemerons, or to nothing. */
struct gc_weak_map {
  uint64_t gc_header;
  struct gc_ref tables[GC_WEAK_MAP_KINDS];
  uint64_t used[GC_WEAK_MAP_KINDS]; /* slots that refer to an entry, be it an emptied one */
  struct gc_moves settled;          /* what had moved when the tables were good */
  uint64_t look, emptied; /* the look's next slot of the old table, and what it has found */
  uint64_t placed;        /* entries that were placed, ever: what the map has cost */
};

enum {
  GC_WEAK_MAP_SLOTS_MIN = 8,     /* of a table; a power of two, as all sizes */
  GC_WEAK_MAP_LOOK_SLOTS = 2,    /* looked at per call */
  GC_WEAK_MAP_POLL_SLOTS = 4096, /* between two polls */
  GC_WEAK_MAP_RESTARTS_MAX = 2,  /* of placing anew, for what moved meanwhile; then no more polls */
};

/* --- tables -----------------------------------------------------------------------------------*/

static inline struct gc_weak_map *gc_weak_map_at(struct gc_handle map) {
  return gc_ref_address(gc_handle_get(map));
}

static inline struct gc_ref gc_weak_map_table(struct gc_mutator *mutator, struct gc_handle map,
                                              enum gc_weak_map_kind kind) {
  return gc_read_field(mutator, gc_handle_get(map), kind);
}

static inline bool gc_weak_map_is_full(size_t used, size_t slots) {
  return 4 * used > 3 * slots;
}

/* Slots for so many entries, at a load of a half. */
static inline size_t gc_weak_map_slots_for(size_t entries) {
  size_t slots = GC_WEAK_MAP_SLOTS_MIN;
  while (slots < 2 * entries) {
    slots *= 2;
  }
  return slots;
}

GC_WARN_UNUSED static inline struct gc_ref gc_weak_map_table_allocate(struct gc_mutator *mutator,
                                                                      size_t slots) {
  return gc_allocate(mutator, slots, 0, GC_TYPE_WEAK_MAP_TABLE);
}

/* The slot of the key's entry. Where it has none: one where it may be put, with an emptied entry or
 * none. */
static inline size_t gc_weak_map_find(struct gc_mutator *mutator, struct gc_ref table,
                                      struct gc_ref key) {
  size_t mask = gc_object_slot_count(table) - 1, emptied = SIZE_MAX;
  /* Fibonacci hashing (Knuth 1973 s.6.4). */
  size_t slot =
      (size_t)((key.address >> GC_GRANULE_BYTES_LOG2) * UINT64_C(0x9e3779b97f4a7c15) >> 24) & mask;
  for (;; slot = (slot + 1) & mask) {
    struct gc_ref entry = gc_read_field(mutator, table, slot);
    if (gc_is_null(entry)) {
      return emptied != SIZE_MAX ? emptied : slot;
    }
    struct gc_ref held = gc_ephemeron_peek(mutator, entry);
    if (gc_ref_equal(mutator, held, key)) {
      return slot;
    }
    if (gc_is_null(held) && emptied == SIZE_MAX) {
      emptied = slot;
    }
  }
}

/* The entry of the key, or null. */
static inline struct gc_ref gc_weak_map_entry_in(struct gc_mutator *mutator, struct gc_ref table,
                                                 struct gc_ref key) {
  struct gc_ref entry = gc_read_field(mutator, table, gc_weak_map_find(mutator, table, key));
  return gc_is_null(entry) || !gc_ref_equal(mutator, gc_ephemeron_peek(mutator, entry), key)
             ? gc_null()
             : entry;
}

/* Puts an entry whose key is in no table into one that has room. */
static inline void gc_weak_map_place(struct gc_mutator *mutator, struct gc_handle map,
                                     enum gc_weak_map_kind kind, struct gc_ref table,
                                     struct gc_ref entry) {
  size_t slot = gc_weak_map_find(mutator, table, gc_ephemeron_peek(mutator, entry));
  gc_weak_map_at(map)->used[kind] += gc_is_null(gc_read_field(mutator, table, slot));
  gc_weak_map_at(map)->placed++;
  gc_write_field(mutator, table, slot, entry);
}

/* Entries that are not emptied, at most: some may be emptied meanwhile. A safepoint. */
static inline size_t gc_weak_map_count_entries(struct gc_mutator *mutator, struct gc_handle map,
                                               enum gc_weak_map_kind kind) {
  size_t slots = gc_object_slot_count(gc_weak_map_table(mutator, map, kind)), count = 0;
  for (size_t slot = 0; slot < slots; slot++) {
    struct gc_ref entry = gc_read_field(mutator, gc_weak_map_table(mutator, map, kind), slot);
    count += !gc_is_null(entry) && !gc_is_null(gc_ephemeron_peek(mutator, entry));
    if (slot % GC_WEAK_MAP_POLL_SLOTS == GC_WEAK_MAP_POLL_SLOTS - 1) {
      gc_poll(mutator);
    }
  }
  return count;
}

/* --- settling ---------------------------------------------------------------------------------*/

/* Which tables are to be placed anew before `more` entries are put in. No safepoint. */
struct gc_weak_map_need {
  bool is_young, is_old;
};

static inline struct gc_weak_map_need gc_weak_map_need(struct gc_mutator *mutator,
                                                       struct gc_handle map, size_t more) {
  struct gc_weak_map *at = gc_weak_map_at(map);
  struct gc_moves now = gc_moves_of(mutator);
  size_t old_slots = gc_object_slot_count(gc_weak_map_table(mutator, map, GC_WEAK_MAP_OLD));
  size_t young_slots = gc_object_slot_count(gc_weak_map_table(mutator, map, GC_WEAK_MAP_YOUNG));
  bool young_moved = now.young != at->settled.young && at->used[GC_WEAK_MAP_YOUNG] > 0;
  bool old_moved = now.old != at->settled.old && at->used[GC_WEAK_MAP_OLD] > 0;
  size_t old_used =
      at->used[GC_WEAK_MAP_OLD] + more + (young_moved ? (size_t)at->used[GC_WEAK_MAP_YOUNG] : 0);
  bool is_sparse = at->emptied > old_slots / 4 && old_slots > GC_WEAK_MAP_SLOTS_MIN;
  if (!young_moved && !old_moved) {
    at->settled = now;
  }
  return (struct gc_weak_map_need){
      .is_young =
          young_moved || gc_weak_map_is_full(at->used[GC_WEAK_MAP_YOUNG] + more, young_slots),
      .is_old = old_moved || is_sparse || gc_weak_map_is_full(old_used, old_slots)};
}

/* The old table's entries into another one. A safepoint, where the table is large; what moves
 * meanwhile begins it again. */
static inline void gc_weak_map_pour_old(struct gc_mutator *mutator, struct gc_handle map,
                                        struct gc_handle fresh) {
  size_t slots = gc_object_slot_count(gc_weak_map_table(mutator, map, GC_WEAK_MAP_OLD));
  uint64_t moved = gc_moves_of(mutator).old;
  unsigned restarts = 0;
  gc_weak_map_at(map)->used[GC_WEAK_MAP_OLD] = 0;
  for (size_t slot = 0; slot < slots; slot++) {
    struct gc_ref entry =
        gc_read_field(mutator, gc_weak_map_table(mutator, map, GC_WEAK_MAP_OLD), slot);
    if (!gc_is_null(entry) && !gc_is_null(gc_ephemeron_peek(mutator, entry))) {
      gc_weak_map_place(mutator, map, GC_WEAK_MAP_OLD, gc_handle_get(fresh), entry);
    }
    if (slot % GC_WEAK_MAP_POLL_SLOTS != GC_WEAK_MAP_POLL_SLOTS - 1 ||
        restarts == GC_WEAK_MAP_RESTARTS_MAX) {
      continue;
    }
    gc_poll(mutator);
    if (gc_moves_of(mutator).old != moved) {
      struct gc_ref table = gc_handle_get(fresh);
      for (size_t place = 0; place < gc_object_slot_count(table); place++) {
        gc_write_field(mutator, table, place, gc_null());
      }
      gc_weak_map_at(map)->used[GC_WEAK_MAP_OLD] = 0;
      moved = gc_moves_of(mutator).old;
      restarts++;
      slot = SIZE_MAX; /* and then 0 */
    }
  }
  gc_weak_map_at(map)->look = gc_weak_map_at(map)->emptied = 0;
  gc_write_field(mutator, gc_handle_get(map), GC_WEAK_MAP_OLD, gc_handle_get(fresh));
}

/* The young table's entries into another one, and into the old one, which has room. No safepoint. */
static inline void gc_weak_map_pour_young(struct gc_mutator *mutator, struct gc_handle map,
                                          struct gc_handle fresh) {
  struct gc_ref table = gc_weak_map_table(mutator, map, GC_WEAK_MAP_YOUNG);
  struct gc_ref old_table = gc_weak_map_table(mutator, map, GC_WEAK_MAP_OLD);
  gc_weak_map_at(map)->used[GC_WEAK_MAP_YOUNG] = 0;
  for (size_t slot = 0; slot < gc_object_slot_count(table); slot++) {
    struct gc_ref entry = gc_read_field(mutator, table, slot);
    struct gc_ref key = gc_is_null(entry) ? entry : gc_ephemeron_peek(mutator, entry);
    if (!gc_is_null(key)) {
      bool is_young = gc_is_young(mutator, key);
      gc_weak_map_place(mutator, map, is_young ? GC_WEAK_MAP_YOUNG : GC_WEAK_MAP_OLD,
                        is_young ? gc_handle_get(fresh) : old_table, entry);
    }
  }
  gc_write_field(mutator, gc_handle_get(map), GC_WEAK_MAP_YOUNG, gc_handle_get(fresh));
}

/* In the handle: a table for so many entries, if it holds no such table yet. */
static inline bool gc_weak_map_provide(struct gc_mutator *mutator, struct gc_handle fresh,
                                       size_t entries) {
  size_t slots = gc_weak_map_slots_for(entries);
  if (gc_is_null(gc_handle_get(fresh))) {
    gc_handle_set(mutator, fresh, gc_weak_map_table_allocate(mutator, slots));
  }
  return !gc_is_null(gc_handle_get(fresh));
}

/* `weak-map-settled`, with room for `more` entries in either table. False when the heap is
 * exhausted: the map is as it was. A safepoint; none after the last look at what has moved. */
static inline bool gc_weak_map_settle_slow(struct gc_mutator *mutator, struct gc_handle map,
                                           size_t more) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle young = gc_handle_push(mutator, gc_null());
  struct gc_handle old = gc_handle_push(mutator, gc_null());
  /* More than these there will not be: entries only go meanwhile. */
  size_t young_count = gc_weak_map_count_entries(mutator, map, GC_WEAK_MAP_YOUNG);
  size_t old_count = 0;
  bool has_room = true;
  for (;;) {
    struct gc_weak_map_need need = gc_weak_map_need(mutator, map, more);
    if (!need.is_young && !need.is_old) {
      break;
    }
    bool lacks_old = need.is_old && gc_is_null(gc_handle_get(old));
    if (lacks_old || gc_is_null(gc_handle_get(young))) {
      old_count = lacks_old ? gc_weak_map_count_entries(mutator, map, GC_WEAK_MAP_OLD) : old_count;
      has_room = gc_weak_map_provide(mutator, young, young_count + more) &&
                 (!lacks_old || gc_weak_map_provide(mutator, old, old_count + young_count + more));
      if (!has_room) {
        break;
      }
      continue; /* there was a safepoint */
    }
    if (need.is_old) {
      gc_weak_map_pour_old(mutator, map, old);
    }
    gc_weak_map_pour_young(mutator, map, young);
    gc_weak_map_at(map)->settled = gc_moves_of(mutator);
    break;
  }
  gc_handles_leave(mutator, frame);
  return has_room;
}

/* The look: how much of the old table is emptied. No safepoint. */
static inline void gc_weak_map_look(struct gc_mutator *mutator, struct gc_handle map) {
  struct gc_weak_map *at = gc_weak_map_at(map);
  size_t slots = gc_object_slot_count(gc_weak_map_table(mutator, map, GC_WEAK_MAP_OLD));
  for (unsigned done = 0; done < GC_WEAK_MAP_LOOK_SLOTS; done++) {
    if (at->look >= slots) {
      at->look = at->emptied = 0;
    }
    struct gc_ref entry =
        gc_read_field(mutator, gc_weak_map_table(mutator, map, GC_WEAK_MAP_OLD), at->look++);
    at->emptied += !gc_is_null(entry) && gc_is_null(gc_ephemeron_peek(mutator, entry));
  }
}

static inline bool gc_weak_map_settle(struct gc_mutator *mutator, struct gc_handle map,
                                      size_t more) {
  gc_weak_map_look(mutator, map);
  struct gc_weak_map_need need = gc_weak_map_need(mutator, map, more);
  return (!need.is_young && !need.is_old) || gc_weak_map_settle_slow(mutator, map, more);
}

static inline enum gc_weak_map_kind gc_weak_map_kind_of(const struct gc_mutator *mutator,
                                                        struct gc_ref key) {
  return gc_is_young(mutator, key) ? GC_WEAK_MAP_YOUNG : GC_WEAK_MAP_OLD;
}

/* The key's entry, wherever it is: where memory to settle is lacking. No safepoint. */
static inline struct gc_ref gc_weak_map_search(struct gc_mutator *mutator, struct gc_handle map,
                                               struct gc_ref key) {
  for (unsigned kind = 0; kind < GC_WEAK_MAP_KINDS; kind++) {
    struct gc_ref table = gc_weak_map_table(mutator, map, (enum gc_weak_map_kind)kind);
    for (size_t slot = 0; slot < gc_object_slot_count(table); slot++) {
      struct gc_ref entry = gc_read_field(mutator, table, slot);
      if (!gc_is_null(entry) && gc_ref_equal(mutator, gc_ephemeron_peek(mutator, entry), key)) {
        return entry;
      }
    }
  }
  return gc_null();
}

/* The key's entry, or null. A safepoint; none after the look for it. */
static inline struct gc_ref gc_weak_map_entry(struct gc_mutator *mutator, struct gc_handle map,
                                              struct gc_handle key) {
  bool is_settled = gc_weak_map_settle(mutator, map, 0);
  struct gc_ref sought = gc_handle_get(key);
  if (GC_UNLIKELY(!is_settled)) {
    return gc_weak_map_search(mutator, map, sought);
  }
  struct gc_ref table = gc_weak_map_table(mutator, map, gc_weak_map_kind_of(mutator, sought));
  return gc_weak_map_entry_in(mutator, table, sought);
}

/* --- what programs call -----------------------------------------------------------------------*/

/* An empty map; null when the heap is exhausted. A safepoint. */
GC_WARN_UNUSED static inline struct gc_ref gc_weak_map_allocate(struct gc_mutator *mutator) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle old =
      gc_handle_push(mutator, gc_weak_map_table_allocate(mutator, GC_WEAK_MAP_SLOTS_MIN));
  struct gc_handle young =
      gc_handle_push(mutator, gc_weak_map_table_allocate(mutator, GC_WEAK_MAP_SLOTS_MIN));
  struct gc_ref map = gc_null();
  if (!gc_is_null(gc_handle_get(old)) && !gc_is_null(gc_handle_get(young))) {
    map = gc_allocate(mutator, GC_WEAK_MAP_KINDS,
                      sizeof(struct gc_weak_map) - offsetof(struct gc_weak_map, used),
                      GC_TYPE_WEAK_MAP);
  }
  if (!gc_is_null(map)) {
    gc_init_field(mutator, map, GC_WEAK_MAP_OLD, gc_handle_get(old));
    gc_init_field(mutator, map, GC_WEAK_MAP_YOUNG, gc_handle_get(young));
    ((struct gc_weak_map *)gc_ref_address(map))->settled = gc_moves_of(mutator);
  }
  gc_handles_leave(mutator, frame);
  return map;
}

/* The value of the key, or null where it has none. A safepoint. */
static inline struct gc_ref gc_weak_map_get(struct gc_mutator *mutator, struct gc_handle map,
                                            struct gc_handle key) {
  struct gc_ref entry = gc_weak_map_entry(mutator, map, key);
  return gc_is_null(entry) ? entry : gc_ephemeron_value(mutator, entry);
}

/* Whether the key has a value, be it null. A safepoint. */
static inline bool gc_weak_map_has(struct gc_mutator *mutator, struct gc_handle map,
                                   struct gc_handle key) {
  return !gc_is_null(gc_weak_map_entry(mutator, map, key));
}

/* False where the key had no value. A safepoint. */
static inline bool gc_weak_map_delete(struct gc_mutator *mutator, struct gc_handle map,
                                      struct gc_handle key) {
  struct gc_ref entry = gc_weak_map_entry(mutator, map, key);
  if (gc_is_null(entry)) {
    return false;
  }
  gc_ephemeron_set(mutator, entry, gc_null(), gc_null());
  return true;
}

/* A new entry for a key that has none. */
static inline bool gc_weak_map_add(struct gc_mutator *mutator, struct gc_handle map,
                                   struct gc_handle key, struct gc_handle value) {
  struct gc_handle_frame frame = gc_handles_enter(mutator);
  struct gc_handle entry = gc_handle_push(mutator, gc_ephemeron_allocate(mutator, key, value));
  bool has_room = !gc_is_null(gc_handle_get(entry)) && gc_weak_map_settle(mutator, map, 1);
  if (has_room) {
    enum gc_weak_map_kind kind = gc_weak_map_kind_of(mutator, gc_handle_get(key));
    gc_weak_map_place(mutator, map, kind, gc_weak_map_table(mutator, map, kind),
                      gc_handle_get(entry));
  }
  gc_handles_leave(mutator, frame);
  return has_room;
}

/* Gives the key, which is not null, the value, which may be. False when the heap is exhausted: the
 * map is as it was. A safepoint. */
GC_WARN_UNUSED static inline bool gc_weak_map_set(struct gc_mutator *mutator, struct gc_handle map,
                                                  struct gc_handle key, struct gc_handle value) {
  if (!gc_weak_map_settle(mutator, map, 1)) {
    return false;
  }
  struct gc_ref table =
      gc_weak_map_table(mutator, map, gc_weak_map_kind_of(mutator, gc_handle_get(key)));
  struct gc_ref entry =
      gc_read_field(mutator, table, gc_weak_map_find(mutator, table, gc_handle_get(key)));
  if (gc_is_null(entry)) {
    return gc_weak_map_add(mutator, map, key, value);
  }
  gc_ephemeron_set(mutator, entry, gc_handle_get(key), gc_handle_get(value));
  return true;
}

#endif
