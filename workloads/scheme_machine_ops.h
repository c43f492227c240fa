/* The Scheme machine: its state, its values as objects of the heap, and its errors.
 *
 * All operands lie on the mutator's handle stack, where a collection finds and updates them: an
 * instruction pops what it needs and pushes its result, and a primitive is called with the address
 * of its arguments there. So nothing that allocates has references of its own to keep, and the rule
 * is one: read from the stack after every allocation. Values that the machine itself needs lie in
 * handles at the bottom of the same stack.
 *
 * Values. Every value is an object; its kind is its type id. The integers from INTEGERS_MIN to
 * INTEGERS_MAX and the characters are made once and shared; other integers are made when they are
 * computed. False, true, the empty list and the unspecified value are one object each.
 *
 * Calls. The code to return to lies on a stack of the machine's own, which is bounded: a recursion
 * that does not end is an error of the program.
 */
#ifndef WORKLOADS_SCHEME_MACHINE_OPS_H
#define WORKLOADS_SCHEME_MACHINE_OPS_H

#include "workloads/bookkeeping.h"
#include "workloads/scheme.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum scheme_kind {
  KIND_PAIR,
  KIND_INTEGER,
  KIND_SYMBOL,
  KIND_STRING,
  KIND_CHARACTER,
  KIND_VECTOR,
  KIND_PROCEDURE, /* a closure */
  KIND_PRIMITIVE,
  KIND_BOOLEAN,
  KIND_EMPTY,
  KIND_UNSPECIFIED,
  KIND_ENVIRONMENT,
  KINDS
};

enum {
  INTEGERS_MIN = -1024,
  INTEGERS_MAX = 1023,
  CHARACTERS = 256,
  SYMBOL_BUCKETS = 1024,
  DEPTH_MAX = 1 << 20,         /* calls that wait for others */
  OPERANDS_MAX = 16 << 20,     /* on the stack: half of what a mutator has */
  CONSTANTS_OF_MACHINE = 4,    /* unspecified, false, true, empty: constants 0 to 3 of programs */
  SCHEME_TEXT_BYTES_MAX = 160, /* of a value in an error */
};

/* Slots of objects. */
enum { PAIR_FIRST, PAIR_REST, PAIR_SLOTS };
enum { SYMBOL_NAME, SYMBOL_NEXT, SYMBOL_SLOTS };
enum { CLOSURE_ENVIRONMENT, CLOSURE_SLOTS };
enum { ENVIRONMENT_OUTER, ENVIRONMENT_VARIABLES };

struct scheme_string {
  uint64_t gc_header;
  uint64_t length;
  char bytes[];
};

enum scheme_status { SCHEME_GOOD, SCHEME_OUT_OF_MEMORY, SCHEME_ERROR };

struct scheme_machine {
  struct gc_mutator *mutator;
  const struct scheme_program *program;
  uint32_t place; /* of the next instruction */
  uint32_t depth;
  uint32_t *returns;       /* places to return to */
  struct gc_ref *operands; /* bottom of the operands on the handle stack */
  struct gc_handle environment, constants, globals, integers, characters, symbols;
  uint32_t types[KINDS];
  enum scheme_status status;
  char error[200];
};

static const char *const scheme_kind_names[KINDS] = {
    "pair",    "integer",   "symbol",  "string",     "character",         "vector",
    "closure", "primitive", "boolean", "empty list", "unspecified value", "environment",
};

/* ---- the stack ------------------------------------------------------------------------------*/

static inline void push(struct scheme_machine *machine, struct gc_ref value) {
  gc_handle_push(machine->mutator, value);
}

static inline void drop(struct scheme_machine *machine, size_t count) {
  gc_handles_leave(machine->mutator,
                   (struct gc_handle_frame){machine->mutator->handle_top - count});
}

/* From the top, which is 0. */
static inline struct gc_ref *operand(const struct scheme_machine *machine, size_t depth) {
  return machine->mutator->handle_top - 1 - depth;
}

static inline void set_operand(struct scheme_machine *machine, struct gc_ref *place,
                               struct gc_ref value) {
  gc_handle_set(machine->mutator, (struct gc_handle){place}, value);
}

/* ---- errors ---------------------------------------------------------------------------------*/

/* Each answers null, which ends the execution. */

GC_NEVER_INLINE static struct gc_ref out_of_memory(struct scheme_machine *machine) {
  machine->status = SCHEME_OUT_OF_MEMORY;
  return gc_null();
}

GC_PRINTF(2, 3)
GC_NEVER_INLINE static struct gc_ref scheme_fail(struct scheme_machine *machine, const char *format,
                                                 ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(machine->error, sizeof machine->error, format, arguments);
  va_end(arguments);
  machine->status = SCHEME_ERROR;
  return gc_null();
}

/* ---- values ---------------------------------------------------------------------------------*/

static inline bool is_kind(const struct scheme_machine *machine, struct gc_ref value,
                           enum scheme_kind kind) {
  return gc_object_type(value) == machine->types[kind];
}

static inline struct gc_ref constant_of(struct scheme_machine *machine, size_t number) {
  return gc_read_field(machine->mutator, gc_handle_get(machine->constants), number);
}

static inline struct gc_ref unspecified(struct scheme_machine *machine) {
  return constant_of(machine, 0);
}

static inline struct gc_ref boolean(struct scheme_machine *machine, bool value) {
  return constant_of(machine, value ? 2 : 1);
}

static inline struct gc_ref empty_list(struct scheme_machine *machine) {
  return constant_of(machine, 3);
}

static inline bool is_same(struct scheme_machine *machine, struct gc_ref left,
                           struct gc_ref right) {
  return gc_ref_equal(machine->mutator, left, right);
}

static inline bool is_true(struct scheme_machine *machine, struct gc_ref value) {
  return !is_same(machine, value, boolean(machine, false));
}

static inline bool is_empty(struct scheme_machine *machine, struct gc_ref value) {
  return is_same(machine, value, empty_list(machine));
}

static inline struct gc_ref first_of(struct scheme_machine *machine, struct gc_ref pair) {
  return gc_read_field(machine->mutator, pair, PAIR_FIRST);
}

static inline struct gc_ref rest_of(struct scheme_machine *machine, struct gc_ref pair) {
  return gc_read_field(machine->mutator, pair, PAIR_REST);
}

/* Of an integer, a character, a boolean, a primitive; of a closure the number of its lambda. */
static inline int64_t number_of(struct gc_ref value, size_t slot_count) {
  return *(const int64_t *)gc_object_raw(value, slot_count);
}

static inline struct scheme_string *string_at(struct gc_ref string) {
  return gc_ref_address(string);
}

static inline struct gc_ref make(struct scheme_machine *machine, enum scheme_kind kind,
                                 size_t slot_count, size_t raw_bytes) {
  struct gc_ref object = gc_allocate(machine->mutator, slot_count, raw_bytes, machine->types[kind]);
  return GC_UNLIKELY(gc_is_null(object)) ? out_of_memory(machine) : object;
}

/* With the number as its only content. */
static inline struct gc_ref make_number(struct scheme_machine *machine, enum scheme_kind kind,
                                        int64_t number) {
  struct gc_ref object = make(machine, kind, 0, sizeof number);
  if (GC_LIKELY(!gc_is_null(object))) {
    *(int64_t *)gc_object_raw(object, 0) = number;
  }
  return object;
}

static inline struct gc_ref integer(struct scheme_machine *machine, int64_t number) {
  if (GC_LIKELY(number >= INTEGERS_MIN && number <= INTEGERS_MAX)) {
    return gc_read_field(machine->mutator, gc_handle_get(machine->integers),
                         (size_t)(number - INTEGERS_MIN));
  }
  return make_number(machine, KIND_INTEGER, number);
}

static inline struct gc_ref character(struct scheme_machine *machine, unsigned char code) {
  return gc_read_field(machine->mutator, gc_handle_get(machine->characters), code);
}

/* first and rest lie on the stack. */
static inline struct gc_ref make_pair(struct scheme_machine *machine, const struct gc_ref *first,
                                      const struct gc_ref *rest) {
  struct gc_ref pair = make(machine, KIND_PAIR, PAIR_SLOTS, 0);
  if (GC_LIKELY(!gc_is_null(pair))) {
    gc_init_field(machine->mutator, pair, PAIR_FIRST, *first);
    gc_init_field(machine->mutator, pair, PAIR_REST, *rest);
  }
  return pair;
}

/* Of zeros. */
static inline struct gc_ref make_string(struct scheme_machine *machine, uint64_t length) {
  size_t raw_bytes = sizeof(struct scheme_string) - offsetof(struct scheme_string, length);
  struct gc_ref string = make(machine, KIND_STRING, 0, raw_bytes + length);
  if (GC_LIKELY(!gc_is_null(string))) {
    string_at(string)->length = length;
  }
  return string;
}

static inline struct gc_ref make_text(struct scheme_machine *machine, const char *bytes,
                                      uint64_t length) {
  struct gc_ref string = make_string(machine, length);
  if (GC_LIKELY(!gc_is_null(string))) {
    memcpy(string_at(string)->bytes, bytes, length);
  }
  return string;
}

/* The symbol that the string on top of the stack names; made when there is none. */
static struct gc_ref intern(struct scheme_machine *machine) {
  struct gc_mutator *mutator = machine->mutator;
  const struct scheme_string *name = string_at(*operand(machine, 0));
  uint64_t hash = name->length;
  for (uint64_t place = 0; place < name->length; place++) {
    hash = workload_fold(hash, (unsigned char)name->bytes[place]);
  }
  size_t bucket = hash % SYMBOL_BUCKETS;
  struct gc_ref symbol = gc_read_field(mutator, gc_handle_get(machine->symbols), bucket);
  for (; !gc_is_null(symbol); symbol = gc_read_field(mutator, symbol, SYMBOL_NEXT)) {
    const struct scheme_string *other = string_at(gc_read_field(mutator, symbol, SYMBOL_NAME));
    if (other->length == name->length && memcmp(other->bytes, name->bytes, name->length) == 0) {
      return symbol;
    }
  }
  symbol = make(machine, KIND_SYMBOL, SYMBOL_SLOTS, 0);
  if (!gc_is_null(symbol)) {
    struct gc_ref table = gc_handle_get(machine->symbols);
    gc_init_field(mutator, symbol, SYMBOL_NAME, *operand(machine, 0));
    gc_init_field(mutator, symbol, SYMBOL_NEXT, gc_read_field(mutator, table, bucket));
    gc_write_field(mutator, table, bucket, symbol);
  }
  return symbol;
}

/* ---- values as text -------------------------------------------------------------------------*/

enum { WRITTEN_DEPTH_MAX = 100 };

/* Writes into bytes; what does not fit is left out. */
struct scheme_writer {
  struct scheme_machine *machine;
  char *bytes; /* ended by 0 */
  size_t used_bytes, size_bytes;
};

static void write_value(struct scheme_writer *writer, struct gc_ref value, unsigned depth);

GC_PRINTF(2, 3)
static void write_text(struct scheme_writer *writer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t room = writer->size_bytes - writer->used_bytes;
  int length = vsnprintf(writer->bytes + writer->used_bytes, room, format, arguments);
  va_end(arguments);
  if (length > 0) {
    writer->used_bytes += (size_t)length < room ? (size_t)length : room - 1;
  }
}

static bool is_full(const struct scheme_writer *writer) {
  return writer->used_bytes + 1 >= writer->size_bytes;
}

static void write_string(struct scheme_writer *writer, struct gc_ref string) {
  const struct scheme_string *object = string_at(string);
  write_text(writer, "\"");
  for (uint64_t place = 0; place < object->length && !is_full(writer); place++) {
    char byte = object->bytes[place];
    write_text(writer, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
  }
  write_text(writer, "\"");
}

static void write_list(struct scheme_writer *writer, struct gc_ref list, unsigned depth) {
  struct scheme_machine *machine = writer->machine;
  const char *before = "(";
  for (; is_kind(machine, list, KIND_PAIR) && !is_full(writer); list = rest_of(machine, list)) {
    write_text(writer, "%s", before);
    write_value(writer, first_of(machine, list), depth);
    before = " ";
  }
  if (!is_empty(machine, list)) {
    write_text(writer, " . ");
    write_value(writer, list, depth);
  }
  write_text(writer, ")");
}

static void write_vector(struct scheme_writer *writer, struct gc_ref vector, unsigned depth) {
  size_t length = gc_object_slot_count(vector);
  write_text(writer, "#(");
  for (size_t place = 0; place < length && !is_full(writer); place++) {
    write_text(writer, place == 0 ? "" : " ");
    write_value(writer, gc_read_field(writer->machine->mutator, vector, place), depth);
  }
  write_text(writer, ")");
}

static void write_atom(struct scheme_writer *writer, struct gc_ref value) {
  struct scheme_machine *machine = writer->machine;
  if (is_kind(machine, value, KIND_INTEGER)) {
    write_text(writer, "%" PRId64, number_of(value, 0));
  } else if (is_kind(machine, value, KIND_BOOLEAN)) {
    write_text(writer, number_of(value, 0) ? "#t" : "#f");
  } else if (is_kind(machine, value, KIND_CHARACTER)) {
    write_text(writer, "#\\%c", (char)number_of(value, 0));
  } else if (is_kind(machine, value, KIND_SYMBOL)) {
    const struct scheme_string *name =
        string_at(gc_read_field(machine->mutator, value, SYMBOL_NAME));
    write_text(writer, "%.*s", (int)name->length, name->bytes);
  } else if (is_empty(machine, value)) {
    write_text(writer, "()");
  } else {
    unsigned kind = 0;
    while (kind < KIND_UNSPECIFIED && !is_kind(machine, value, (enum scheme_kind)kind)) {
      kind++;
    }
    write_text(writer, "#<%s>", scheme_kind_names[kind]);
  }
}

static void write_value(struct scheme_writer *writer, struct gc_ref value, unsigned depth) {
  if (depth > WRITTEN_DEPTH_MAX) {
    write_text(writer, "...");
  } else if (is_kind(writer->machine, value, KIND_PAIR)) {
    write_list(writer, value, depth + 1);
  } else if (is_kind(writer->machine, value, KIND_VECTOR)) {
    write_vector(writer, value, depth + 1);
  } else if (is_kind(writer->machine, value, KIND_STRING)) {
    write_string(writer, value);
  } else {
    write_atom(writer, value);
  }
}

/* No safepoint. */
static void value_as_text(struct scheme_machine *machine, struct gc_ref value, char *bytes,
                          size_t size_bytes) {
  struct scheme_writer writer = {.machine = machine, .bytes = bytes, .size_bytes = size_bytes};
  bytes[0] = '\0';
  write_value(&writer, value, 0);
}

/* As scheme_fail: "car: 5 is no pair". */
GC_NEVER_INLINE static struct gc_ref wrong_kind(struct scheme_machine *machine, const char *who,
                                                struct gc_ref value, const char *expected) {
  char text[SCHEME_TEXT_BYTES_MAX / 2];
  value_as_text(machine, value, text, sizeof text);
  return scheme_fail(machine, "%s: %s is no %s", who, text, expected);
}

#endif
