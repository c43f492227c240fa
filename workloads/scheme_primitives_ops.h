/* The procedures of the Scheme machine, but for those on strings.
 *
 * primitive_X(machine, arguments, count) answers the value, or null when it failed; count is within
 * what scheme_primitive.def says. arguments lie on the stack, so they stay what they are while
 * something is allocated, and serve as variables in loops that poll.
 */
#ifndef WORKLOADS_SCHEME_PRIMITIVES_OPS_H
#define WORKLOADS_SCHEME_PRIMITIVES_OPS_H

#include "workloads/scheme_machine_ops.h"

#define PRIMITIVE(identifier)                                                                      \
  static inline struct gc_ref primitive_##identifier(struct scheme_machine *machine,               \
                                                     struct gc_ref *arguments, size_t count)
#define UNUSED_COUNT() (void)count

/* Of a loop over a list that may be long. A safepoint. */
static inline void poll_step(struct scheme_machine *machine, uint64_t step) {
  if (GC_UNLIKELY(step % WORKLOAD_POLL_STEPS == 0)) {
    gc_poll(machine->mutator);
  }
}

/* ---- pairs ----------------------------------------------------------------------------------*/

static inline struct gc_ref field_of_pair(struct scheme_machine *machine, const char *who,
                                          struct gc_ref value, size_t field) {
  if (GC_UNLIKELY(!is_kind(machine, value, KIND_PAIR))) {
    return wrong_kind(machine, who, value, "pair");
  }
  return gc_read_field(machine->mutator, value, field);
}

/* fields: the last letter of the name first. */
static inline struct gc_ref follow(struct scheme_machine *machine, const char *who,
                                   struct gc_ref value, const char *letters,
                                   unsigned letter_count) {
  for (unsigned letter = letter_count; letter > 0 && !gc_is_null(value); letter--) {
    value = field_of_pair(machine, who, value, letters[letter - 1] == 'a' ? PAIR_FIRST : PAIR_REST);
  }
  return value;
}

#define FIELD_PRIMITIVE(letters)                                                                   \
  PRIMITIVE(c##letters##r) {                                                                       \
    UNUSED_COUNT();                                                                                \
    return follow(machine, "c" #letters "r", arguments[0], #letters, sizeof #letters - 1);         \
  }
FIELD_PRIMITIVE(a)
FIELD_PRIMITIVE(d)
FIELD_PRIMITIVE(aa)
FIELD_PRIMITIVE(ad)
FIELD_PRIMITIVE(da)
FIELD_PRIMITIVE(dd)
FIELD_PRIMITIVE(add)
FIELD_PRIMITIVE(ddd)
FIELD_PRIMITIVE(addd)

PRIMITIVE(cons) {
  UNUSED_COUNT();
  return make_pair(machine, &arguments[0], &arguments[1]);
}

static inline struct gc_ref set_field(struct scheme_machine *machine, const char *who,
                                      const struct gc_ref *arguments, size_t field) {
  if (GC_UNLIKELY(!is_kind(machine, arguments[0], KIND_PAIR))) {
    return wrong_kind(machine, who, arguments[0], "pair");
  }
  gc_write_field(machine->mutator, arguments[0], field, arguments[1]);
  return unspecified(machine);
}

PRIMITIVE(set_car) {
  UNUSED_COUNT();
  return set_field(machine, "set-car!", arguments, PAIR_FIRST);
}

PRIMITIVE(set_cdr) {
  UNUSED_COUNT();
  return set_field(machine, "set-cdr!", arguments, PAIR_REST);
}

/* ---- lists ----------------------------------------------------------------------------------*/

/* The length of the list in *place, which afterwards holds something else; -1 when it is none, a
 * ring included (Brent 1980). A safepoint. */
static int64_t list_length(struct scheme_machine *machine, struct gc_ref *place) {
  push(machine, *place);
  struct gc_ref *mark = operand(machine, 0);
  int64_t length = 0, next_mark = 2;
  bool is_ring = false;
  while (!is_ring && is_kind(machine, *place, KIND_PAIR)) {
    set_operand(machine, place, rest_of(machine, *place));
    is_ring = is_same(machine, *place, *mark);
    if (++length == next_mark) {
      set_operand(machine, mark, *place);
      next_mark *= 2;
    }
    poll_step(machine, (uint64_t)length);
  }
  drop(machine, 1);
  return is_ring || !is_empty(machine, *place) ? -1 : length;
}

/* Of a value that the caller still needs. A safepoint. */
static int64_t length_of(struct scheme_machine *machine, const struct gc_ref *place) {
  push(machine, *place);
  int64_t length = list_length(machine, operand(machine, 0));
  drop(machine, 1);
  return length;
}

PRIMITIVE(length) {
  UNUSED_COUNT();
  int64_t length = length_of(machine, &arguments[0]);
  return length < 0 ? wrong_kind(machine, "length", arguments[0], "list")
                    : integer(machine, length);
}

PRIMITIVE(is_list) {
  UNUSED_COUNT();
  return boolean(machine, length_of(machine, &arguments[0]) >= 0);
}

/* A list of `count` values, in front of the one on top of the stack, in whose place it comes. */
static bool list_in_front(struct scheme_machine *machine, const struct gc_ref *values,
                          size_t count) {
  struct gc_ref *list = operand(machine, 0);
  for (; count > 0; count--) {
    struct gc_ref pair = make_pair(machine, &values[count - 1], list);
    if (gc_is_null(pair)) {
      return false;
    }
    set_operand(machine, list, pair);
  }
  return true;
}

PRIMITIVE(list) {
  push(machine, empty_list(machine));
  bool is_made = list_in_front(machine, arguments, count);
  struct gc_ref list = *operand(machine, 0);
  drop(machine, 1);
  return is_made ? list : gc_null();
}

/* Replaces *result by the elements of *list, last first, in front of it; *list ends as the empty
 * list. False when memory is out. */
static bool reverse_onto(struct scheme_machine *machine, struct gc_ref *list,
                         struct gc_ref *result) {
  while (is_kind(machine, *list, KIND_PAIR)) {
    push(machine, first_of(machine, *list));
    struct gc_ref pair = make_pair(machine, operand(machine, 0), result);
    drop(machine, 1);
    if (gc_is_null(pair)) {
      return false;
    }
    set_operand(machine, result, pair);
    set_operand(machine, list, rest_of(machine, *list));
  }
  return true;
}

PRIMITIVE(reverse) {
  UNUSED_COUNT();
  if (length_of(machine, &arguments[0]) < 0) {
    return wrong_kind(machine, "reverse", arguments[0], "list");
  }
  push(machine, empty_list(machine));
  struct gc_ref *result = operand(machine, 0);
  bool is_made = reverse_onto(machine, &arguments[0], result);
  struct gc_ref list = *result;
  drop(machine, 1);
  return is_made ? list : gc_null();
}

/* Copies *list, of which the end is replaced by *rest: the copy is linked pair by pair. */
static struct gc_ref append_two(struct scheme_machine *machine, struct gc_ref *list,
                                const struct gc_ref *rest) {
  if (!is_kind(machine, *list, KIND_PAIR)) {
    return *rest;
  }
  push(machine, gc_null());
  push(machine, gc_null());
  struct gc_ref *copy = operand(machine, 1), *last = operand(machine, 0);
  while (is_kind(machine, *list, KIND_PAIR)) {
    push(machine, first_of(machine, *list));
    struct gc_ref pair = make_pair(machine, operand(machine, 0), rest);
    drop(machine, 1);
    if (gc_is_null(pair)) {
      drop(machine, 2);
      return pair;
    }
    if (gc_is_null(*copy)) {
      set_operand(machine, copy, pair);
    } else {
      gc_write_field(machine->mutator, *last, PAIR_REST, pair);
    }
    set_operand(machine, last, pair);
    set_operand(machine, list, rest_of(machine, *list));
  }
  struct gc_ref whole = *copy;
  drop(machine, 2);
  return whole;
}

PRIMITIVE(append) {
  if (count == 0) {
    return empty_list(machine);
  }
  for (size_t place = count - 1; place > 0; place--) {
    if (length_of(machine, &arguments[place - 1]) < 0) {
      return wrong_kind(machine, "append", arguments[place - 1], "list");
    }
    struct gc_ref list = append_two(machine, &arguments[place - 1], &arguments[count - 1]);
    if (gc_is_null(list)) {
      return list;
    }
    set_operand(machine, &arguments[count - 1], list);
  }
  return arguments[count - 1];
}

/* ---- equality -------------------------------------------------------------------------------*/

static inline bool is_eqv(struct scheme_machine *machine, struct gc_ref left, struct gc_ref right) {
  return is_same(machine, left, right) ||
         (is_kind(machine, left, KIND_INTEGER) && is_kind(machine, right, KIND_INTEGER) &&
          number_of(left, 0) == number_of(right, 0));
}

static bool are_strings_equal(const struct scheme_string *left, const struct scheme_string *right) {
  return left->length == right->length && memcmp(left->bytes, right->bytes, left->length) == 0;
}

/* Pushes the parts that are still to be compared. False when the two differ already. */
static bool compare_parts(struct scheme_machine *machine, struct gc_ref left, struct gc_ref right) {
  struct gc_mutator *mutator = machine->mutator;
  if (is_eqv(machine, left, right)) {
    return true;
  }
  if (gc_object_type(left) != gc_object_type(right)) {
    return false;
  }
  if (is_kind(machine, left, KIND_STRING)) {
    return are_strings_equal(string_at(left), string_at(right));
  }
  size_t slots = gc_object_slot_count(left);
  bool has_parts = is_kind(machine, left, KIND_PAIR) || is_kind(machine, left, KIND_VECTOR);
  if (!has_parts || slots != gc_object_slot_count(right)) {
    return false;
  }
  for (size_t slot = slots; slot > 0; slot--) {
    push(machine, gc_read_field(mutator, left, slot - 1));
    push(machine, gc_read_field(mutator, right, slot - 1));
  }
  return true;
}

static bool has_room(const struct scheme_machine *machine, size_t operands) {
  size_t used = (size_t)(machine->mutator->handle_top - machine->operands);
  return used + operands <= OPERANDS_MAX;
}

/* Of the two on top of the stack, which it drops; on a stack, not by recursion. A safepoint.
 * Structures without end compare without end, or until the stack is full. */
static bool are_equal(struct scheme_machine *machine) {
  const struct gc_ref *bottom = operand(machine, 1);
  bool is_equal = true;
  for (uint64_t step = 1; is_equal && machine->mutator->handle_top > bottom; step++) {
    struct gc_ref left = *operand(machine, 1), right = *operand(machine, 0);
    drop(machine, 2);
    size_t parts = is_kind(machine, left, KIND_VECTOR) ? 2 * gc_object_slot_count(left) : 4;
    if (!has_room(machine, parts)) {
      scheme_fail(machine, "equal?: the structures are too deep");
      is_equal = false;
    } else {
      is_equal = compare_parts(machine, left, right);
    }
    poll_step(machine, step);
  }
  drop(machine, (size_t)(machine->mutator->handle_top - bottom));
  return is_equal;
}

PRIMITIVE(is_eq) {
  UNUSED_COUNT();
  return boolean(machine, is_same(machine, arguments[0], arguments[1]));
}

PRIMITIVE(is_eqv) {
  UNUSED_COUNT();
  return boolean(machine, is_eqv(machine, arguments[0], arguments[1]));
}

PRIMITIVE(is_equal) {
  UNUSED_COUNT();
  push(machine, arguments[0]);
  push(machine, arguments[1]);
  bool is_equal = are_equal(machine);
  return machine->status != SCHEME_GOOD ? gc_null() : boolean(machine, is_equal);
}

/* ---- searching ------------------------------------------------------------------------------*/

enum equality { BY_EQ, BY_EQV, BY_EQUAL };

GC_ALWAYS_INLINE bool matches(struct scheme_machine *machine, enum equality equality,
                              struct gc_ref wanted, struct gc_ref found) {
  if (equality == BY_EQ) {
    return is_same(machine, wanted, found);
  }
  if (equality == BY_EQV) {
    return is_eqv(machine, wanted, found);
  }
  push(machine, wanted);
  push(machine, found);
  return are_equal(machine);
}

/* The rest of the list arguments[1] from where arguments[0] is, or false. */
GC_ALWAYS_INLINE struct gc_ref find_member(struct scheme_machine *machine, const char *who,
                                           struct gc_ref *arguments, enum equality equality) {
  for (uint64_t step = 1; is_kind(machine, arguments[1], KIND_PAIR); step++) {
    if (matches(machine, equality, arguments[0], first_of(machine, arguments[1]))) {
      return arguments[1];
    }
    if (machine->status != SCHEME_GOOD) {
      return gc_null();
    }
    set_operand(machine, &arguments[1], rest_of(machine, arguments[1]));
    poll_step(machine, step);
  }
  return is_empty(machine, arguments[1]) ? boolean(machine, false)
                                         : wrong_kind(machine, who, arguments[1], "list");
}

/* The first pair in the list arguments[1] that begins with arguments[0], or false. */
GC_ALWAYS_INLINE struct gc_ref find_entry(struct scheme_machine *machine, const char *who,
                                          struct gc_ref *arguments, enum equality equality) {
  for (uint64_t step = 1; is_kind(machine, arguments[1], KIND_PAIR); step++) {
    struct gc_ref entry = first_of(machine, arguments[1]);
    if (GC_UNLIKELY(!is_kind(machine, entry, KIND_PAIR))) {
      return wrong_kind(machine, who, entry, "pair");
    }
    if (matches(machine, equality, arguments[0], first_of(machine, entry))) {
      return first_of(machine, arguments[1]);
    }
    if (machine->status != SCHEME_GOOD) {
      return gc_null();
    }
    set_operand(machine, &arguments[1], rest_of(machine, arguments[1]));
    poll_step(machine, step);
  }
  return is_empty(machine, arguments[1]) ? boolean(machine, false)
                                         : wrong_kind(machine, who, arguments[1], "list");
}

#define SEARCH_PRIMITIVE(identifier, search, equality)                                             \
  PRIMITIVE(identifier) {                                                                          \
    UNUSED_COUNT();                                                                                \
    return search(machine, #identifier, arguments, equality);                                      \
  }
SEARCH_PRIMITIVE(memq, find_member, BY_EQ)
SEARCH_PRIMITIVE(memv, find_member, BY_EQV)
SEARCH_PRIMITIVE(member, find_member, BY_EQUAL)
SEARCH_PRIMITIVE(assq, find_entry, BY_EQ)
SEARCH_PRIMITIVE(assv, find_entry, BY_EQV)
SEARCH_PRIMITIVE(assoc, find_entry, BY_EQUAL)

/* ---- kinds ----------------------------------------------------------------------------------*/

#define KIND_TEST_PRIMITIVE(identifier, kind)                                                      \
  PRIMITIVE(identifier) {                                                                          \
    UNUSED_COUNT();                                                                                \
    return boolean(machine, is_kind(machine, arguments[0], kind));                                 \
  }
KIND_TEST_PRIMITIVE(is_null, KIND_EMPTY)
KIND_TEST_PRIMITIVE(is_pair, KIND_PAIR)
KIND_TEST_PRIMITIVE(is_symbol, KIND_SYMBOL)
KIND_TEST_PRIMITIVE(is_integer, KIND_INTEGER)
KIND_TEST_PRIMITIVE(is_number, KIND_INTEGER)
KIND_TEST_PRIMITIVE(is_string, KIND_STRING)
KIND_TEST_PRIMITIVE(is_character, KIND_CHARACTER)
KIND_TEST_PRIMITIVE(is_boolean, KIND_BOOLEAN)
KIND_TEST_PRIMITIVE(is_vector, KIND_VECTOR)

PRIMITIVE(is_procedure) {
  UNUSED_COUNT();
  return boolean(machine, is_kind(machine, arguments[0], KIND_PROCEDURE) ||
                              is_kind(machine, arguments[0], KIND_PRIMITIVE));
}

PRIMITIVE(not ) {
  UNUSED_COUNT();
  return boolean(machine, !is_true(machine, arguments[0]));
}

/* ---- numbers --------------------------------------------------------------------------------*/

/* False, having failed, when the value is no integer. */
static inline bool take_integer(struct scheme_machine *machine, const char *who,
                                struct gc_ref value, int64_t *number) {
  if (GC_UNLIKELY(!is_kind(machine, value, KIND_INTEGER))) {
    wrong_kind(machine, who, value, "integer");
    return false;
  }
  *number = number_of(value, 0);
  return true;
}

static bool add_overflows(int64_t left, int64_t right, int64_t *result) {
  return __builtin_add_overflow(left, right, result);
}

static bool subtract_overflows(int64_t left, int64_t right, int64_t *result) {
  return __builtin_sub_overflow(left, right, result);
}

static bool multiply_overflows(int64_t left, int64_t right, int64_t *result) {
  return __builtin_mul_overflow(left, right, result);
}

GC_ALWAYS_INLINE struct gc_ref fold_integers(struct scheme_machine *machine, const char *who,
                                             const struct gc_ref *arguments, size_t count,
                                             int64_t result,
                                             bool (*overflows)(int64_t, int64_t, int64_t *)) {
  for (size_t place = 0; place < count; place++) {
    int64_t number;
    if (!take_integer(machine, who, arguments[place], &number)) {
      return gc_null();
    }
    if (GC_UNLIKELY(overflows(result, number, &result))) {
      return scheme_fail(machine, "%s: the result does not fit into 64 bits", who);
    }
  }
  return integer(machine, result);
}

PRIMITIVE(add) {
  return fold_integers(machine, "+", arguments, count, 0, add_overflows);
}

PRIMITIVE(multiply) {
  return fold_integers(machine, "*", arguments, count, 1, multiply_overflows);
}

PRIMITIVE(subtract) {
  int64_t first = 0;
  if (count > 1 && !take_integer(machine, "-", arguments[0], &first)) {
    return gc_null();
  }
  size_t taken = count > 1 ? 1 : 0;
  return fold_integers(machine, "-", arguments + taken, count - taken, first, subtract_overflows);
}

enum division { QUOTIENT, REMAINDER, MODULO };

GC_ALWAYS_INLINE struct gc_ref divide(struct scheme_machine *machine, const char *who,
                                      const struct gc_ref *arguments, enum division division) {
  int64_t left, right;
  if (!take_integer(machine, who, arguments[0], &left) ||
      !take_integer(machine, who, arguments[1], &right)) {
    return gc_null();
  }
  if (GC_UNLIKELY(right == 0)) {
    return scheme_fail(machine, "%s: division by zero", who);
  }
  if (right == -1) { /* INT64_MIN / -1 has no answer in the processor */
    return division != QUOTIENT ? integer(machine, 0)
           : left == INT64_MIN
               ? scheme_fail(machine, "%s: the result does not fit into 64 bits", who)
               : integer(machine, -left);
  }
  int64_t remainder = left % right;
  if (division == MODULO && remainder != 0 && (remainder < 0) != (right < 0)) {
    remainder += right;
  }
  return integer(machine, division == QUOTIENT ? left / right : remainder);
}

PRIMITIVE(quotient) {
  UNUSED_COUNT();
  return divide(machine, "quotient", arguments, QUOTIENT);
}

PRIMITIVE(remainder) {
  UNUSED_COUNT();
  return divide(machine, "remainder", arguments, REMAINDER);
}

PRIMITIVE(modulo) {
  UNUSED_COUNT();
  return divide(machine, "modulo", arguments, MODULO);
}

/* Whether each number stands in the relation to the next. */
#define COMPARISON_PRIMITIVE(identifier, name, relation)                                           \
  PRIMITIVE(identifier) {                                                                          \
    int64_t left, right;                                                                           \
    bool holds = true;                                                                             \
    if (!take_integer(machine, name, arguments[0], &left)) {                                       \
      return gc_null();                                                                            \
    }                                                                                              \
    for (size_t place = 1; place < count; place++, left = right) {                                 \
      if (!take_integer(machine, name, arguments[place], &right)) {                                \
        return gc_null();                                                                          \
      }                                                                                            \
      holds = holds && left relation right;                                                        \
    }                                                                                              \
    return boolean(machine, holds);                                                                \
  }
COMPARISON_PRIMITIVE(number_equal, "=", ==)
COMPARISON_PRIMITIVE(number_less, "<", <)
COMPARISON_PRIMITIVE(number_greater, ">", >)
COMPARISON_PRIMITIVE(number_at_most, "<=", <=)
COMPARISON_PRIMITIVE(number_at_least, ">=", >=)

#define NUMBER_TEST_PRIMITIVE(identifier, name, condition)                                         \
  PRIMITIVE(identifier) {                                                                          \
    UNUSED_COUNT();                                                                                \
    int64_t number;                                                                                \
    return take_integer(machine, name, arguments[0], &number) ? boolean(machine, condition)        \
                                                              : gc_null();                         \
  }
NUMBER_TEST_PRIMITIVE(is_zero, "zero?", number == 0)
NUMBER_TEST_PRIMITIVE(is_even, "even?", number % 2 == 0)
NUMBER_TEST_PRIMITIVE(is_odd, "odd?", number % 2 != 0)

/* ---- vectors --------------------------------------------------------------------------------*/

/* A length or an index below the limit; false, having failed. */
static inline bool take_place(struct scheme_machine *machine, const char *who, struct gc_ref value,
                              uint64_t limit, uint64_t *place) {
  int64_t number;
  if (!take_integer(machine, who, value, &number)) {
    return false;
  }
  if (GC_UNLIKELY(number < 0 || (uint64_t)number >= limit)) {
    scheme_fail(machine, "%s: %" PRId64 " is not from 0 to %" PRId64, who, number,
                (int64_t)limit - 1);
    return false;
  }
  *place = (uint64_t)number;
  return true;
}

static inline bool check_kind(struct scheme_machine *machine, const char *who, struct gc_ref value,
                              enum scheme_kind kind) {
  if (GC_UNLIKELY(!is_kind(machine, value, kind))) {
    wrong_kind(machine, who, value, scheme_kind_names[kind]);
    return false;
  }
  return true;
}

PRIMITIVE(make_vector) {
  uint64_t length;
  if (!take_place(machine, "make-vector", arguments[0], INT64_MAX, &length)) {
    return gc_null();
  }
  struct gc_ref vector = length > GC_OBJECT_BYTES_MAX / sizeof(struct gc_ref)
                             ? out_of_memory(machine)
                             : make(machine, KIND_VECTOR, length, 0);
  if (gc_is_null(vector)) {
    return vector;
  }
  struct gc_ref value = count == 2 ? arguments[1] : unspecified(machine);
  for (uint64_t place = 0; place < length; place++) {
    gc_init_field(machine->mutator, vector, place, value);
  }
  return vector;
}

PRIMITIVE(vector) {
  struct gc_ref vector = make(machine, KIND_VECTOR, count, 0);
  for (size_t place = 0; !gc_is_null(vector) && place < count; place++) {
    gc_init_field(machine->mutator, vector, place, arguments[place]);
  }
  return vector;
}

PRIMITIVE(vector_ref) {
  UNUSED_COUNT();
  uint64_t place;
  if (!check_kind(machine, "vector-ref", arguments[0], KIND_VECTOR) ||
      !take_place(machine, "vector-ref", arguments[1], gc_object_slot_count(arguments[0]),
                  &place)) {
    return gc_null();
  }
  return gc_read_field(machine->mutator, arguments[0], place);
}

PRIMITIVE(vector_set) {
  UNUSED_COUNT();
  uint64_t place;
  if (!check_kind(machine, "vector-set!", arguments[0], KIND_VECTOR) ||
      !take_place(machine, "vector-set!", arguments[1], gc_object_slot_count(arguments[0]),
                  &place)) {
    return gc_null();
  }
  gc_write_field(machine->mutator, arguments[0], place, arguments[2]);
  return unspecified(machine);
}

PRIMITIVE(vector_length) {
  UNUSED_COUNT();
  return check_kind(machine, "vector-length", arguments[0], KIND_VECTOR)
             ? integer(machine, (int64_t)gc_object_slot_count(arguments[0]))
             : gc_null();
}

PRIMITIVE(list_to_vector) {
  UNUSED_COUNT();
  int64_t length = length_of(machine, &arguments[0]);
  if (length < 0) {
    return wrong_kind(machine, "list->vector", arguments[0], "list");
  }
  struct gc_ref vector = make(machine, KIND_VECTOR, (size_t)length, 0);
  struct gc_ref list = arguments[0];
  for (size_t place = 0; !gc_is_null(vector) && place < (size_t)length; place++) {
    gc_init_field(machine->mutator, vector, place, first_of(machine, list));
    list = rest_of(machine, list);
  }
  return vector;
}

/* ---- errors ---------------------------------------------------------------------------------*/

/* (error text value ...) */
PRIMITIVE(error) {
  char text[SCHEME_TEXT_BYTES_MAX];
  struct scheme_writer writer = {.machine = machine, .bytes = text, .size_bytes = sizeof text};
  text[0] = '\0';
  for (size_t place = 0; place < count; place++) {
    if (place == 0 && is_kind(machine, arguments[0], KIND_STRING)) {
      const struct scheme_string *string = string_at(arguments[0]);
      write_text(&writer, "%.*s", (int)string->length, string->bytes);
    } else {
      write_text(&writer, place == 0 ? "" : " ");
      write_value(&writer, arguments[place], 0);
    }
  }
  return scheme_fail(machine, "%s", text);
}

#endif
