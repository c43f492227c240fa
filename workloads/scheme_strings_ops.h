/* The Scheme machine's procedures on strings, symbols and characters. A string is bytes. */
#ifndef WORKLOADS_SCHEME_STRINGS_OPS_H
#define WORKLOADS_SCHEME_STRINGS_OPS_H

#include "workloads/scheme_primitives_ops.h"

#define STRING_BYTES_MAX ((uint64_t)GC_OBJECT_BYTES_MAX / 2)

static inline bool take_character(struct scheme_machine *machine, const char *who,
                                  struct gc_ref value, unsigned char *code) {
  if (!check_kind(machine, who, value, KIND_CHARACTER)) {
    return false;
  }
  *code = (unsigned char)number_of(value, 0);
  return true;
}

PRIMITIVE(make_string) {
  uint64_t length;
  unsigned char code = ' ';
  if (!take_place(machine, "make-string", arguments[0], INT64_MAX, &length) ||
      (count == 2 && !take_character(machine, "make-string", arguments[1], &code))) {
    return gc_null();
  }
  if (length > STRING_BYTES_MAX) {
    return out_of_memory(machine);
  }
  struct gc_ref string = make_string(machine, length);
  if (!gc_is_null(string)) {
    memset(string_at(string)->bytes, code, length);
  }
  return string;
}

PRIMITIVE(string_length) {
  UNUSED_COUNT();
  return check_kind(machine, "string-length", arguments[0], KIND_STRING)
             ? integer(machine, (int64_t)string_at(arguments[0])->length)
             : gc_null();
}

PRIMITIVE(string_ref) {
  UNUSED_COUNT();
  uint64_t place;
  if (!check_kind(machine, "string-ref", arguments[0], KIND_STRING) ||
      !take_place(machine, "string-ref", arguments[1], string_at(arguments[0])->length, &place)) {
    return gc_null();
  }
  return character(machine, (unsigned char)string_at(arguments[0])->bytes[place]);
}

PRIMITIVE(string_set) {
  UNUSED_COUNT();
  uint64_t place;
  unsigned char code;
  if (!check_kind(machine, "string-set!", arguments[0], KIND_STRING) ||
      !take_place(machine, "string-set!", arguments[1], string_at(arguments[0])->length, &place) ||
      !take_character(machine, "string-set!", arguments[2], &code)) {
    return gc_null();
  }
  string_at(arguments[0])->bytes[place] = (char)code;
  return unspecified(machine);
}

PRIMITIVE(string_append) {
  uint64_t length = 0;
  for (size_t place = 0; place < count; place++) {
    if (!check_kind(machine, "string-append", arguments[place], KIND_STRING)) {
      return gc_null();
    }
    length += string_at(arguments[place])->length;
  }
  struct gc_ref string = make_string(machine, length);
  uint64_t used = 0;
  for (size_t place = 0; !gc_is_null(string) && place < count; place++) {
    const struct scheme_string *part = string_at(arguments[place]);
    memcpy(string_at(string)->bytes + used, part->bytes, part->length);
    used += part->length;
  }
  return string;
}

PRIMITIVE(substring) {
  UNUSED_COUNT();
  uint64_t begin, end;
  if (!check_kind(machine, "substring", arguments[0], KIND_STRING) ||
      !take_place(machine, "substring", arguments[2], string_at(arguments[0])->length + 1, &end) ||
      !take_place(machine, "substring", arguments[1], end + 1, &begin)) {
    return gc_null();
  }
  struct gc_ref string = make_string(machine, end - begin);
  if (!gc_is_null(string)) {
    memcpy(string_at(string)->bytes, string_at(arguments[0])->bytes + begin, end - begin);
  }
  return string;
}

PRIMITIVE(string_equal) {
  UNUSED_COUNT();
  if (!check_kind(machine, "string=?", arguments[0], KIND_STRING) ||
      !check_kind(machine, "string=?", arguments[1], KIND_STRING)) {
    return gc_null();
  }
  return boolean(machine, are_strings_equal(string_at(arguments[0]), string_at(arguments[1])));
}

PRIMITIVE(string_less) {
  UNUSED_COUNT();
  if (!check_kind(machine, "string<?", arguments[0], KIND_STRING) ||
      !check_kind(machine, "string<?", arguments[1], KIND_STRING)) {
    return gc_null();
  }
  const struct scheme_string *left = string_at(arguments[0]), *right = string_at(arguments[1]);
  uint64_t common = left->length < right->length ? left->length : right->length;
  int order = memcmp(left->bytes, right->bytes, common);
  return boolean(machine, order < 0 || (order == 0 && left->length < right->length));
}

/* The name of the symbol is a string of its own. */
PRIMITIVE(string_to_symbol) {
  UNUSED_COUNT();
  if (!check_kind(machine, "string->symbol", arguments[0], KIND_STRING)) {
    return gc_null();
  }
  struct gc_ref copy = primitive_string_append(machine, arguments, 1);
  if (gc_is_null(copy)) {
    return copy;
  }
  push(machine, copy);
  struct gc_ref symbol = intern(machine);
  drop(machine, 1);
  return symbol;
}

PRIMITIVE(symbol_to_string) {
  UNUSED_COUNT();
  if (!check_kind(machine, "symbol->string", arguments[0], KIND_SYMBOL)) {
    return gc_null();
  }
  set_operand(machine, &arguments[0], gc_read_field(machine->mutator, arguments[0], SYMBOL_NAME));
  return primitive_string_append(machine, arguments, 1);
}

PRIMITIVE(number_to_string) {
  UNUSED_COUNT();
  int64_t number;
  char text[24];
  if (!take_integer(machine, "number->string", arguments[0], &number)) {
    return gc_null();
  }
  int length = snprintf(text, sizeof text, "%" PRId64, number);
  return make_text(machine, text, (uint64_t)length);
}

/* False for what is no integer. */
PRIMITIVE(string_to_number) {
  UNUSED_COUNT();
  if (!check_kind(machine, "string->number", arguments[0], KIND_STRING)) {
    return gc_null();
  }
  const struct scheme_string *string = string_at(arguments[0]);
  bool is_negative = string->length > 0 && string->bytes[0] == '-';
  uint64_t place = is_negative ? 1 : 0;
  bool is_number = place < string->length;
  int64_t number = 0;
  for (; is_number && place < string->length; place++) {
    int64_t digit = string->bytes[place] - '0';
    is_number = digit >= 0 && digit <= 9 && !multiply_overflows(number, 10, &number) &&
                !add_overflows(number, is_negative ? -digit : digit, &number);
  }
  return is_number ? integer(machine, number) : boolean(machine, false);
}

PRIMITIVE(character_to_integer) {
  UNUSED_COUNT();
  unsigned char code;
  return take_character(machine, "char->integer", arguments[0], &code) ? integer(machine, code)
                                                                       : gc_null();
}

PRIMITIVE(integer_to_character) {
  UNUSED_COUNT();
  uint64_t code;
  return take_place(machine, "integer->char", arguments[0], CHARACTERS, &code)
             ? character(machine, (unsigned char)code)
             : gc_null();
}

#endif
