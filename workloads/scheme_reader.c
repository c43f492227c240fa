/* The reader: recursive descent on characters. */
#include "workloads/scheme_reader.h"

#include <ctype.h>
#include <string.h>

struct reader {
  struct scheme_load *load;
  struct scheme_symbols *symbols;
  const char *next, *end;
  uint32_t line;
  unsigned nesting;
};

/* ---- symbols --------------------------------------------------------------------------------*/

static uint32_t hash_of(const char *bytes, uint32_t length) {
  uint32_t hash = 2166136261u;
  for (uint32_t place = 0; place < length; place++) {
    hash = (hash ^ (unsigned char)bytes[place]) * 16777619u;
  }
  return hash;
}

uint32_t scheme_symbol_create(struct scheme_load *load, struct scheme_symbols *symbols,
                              const char *name) {
  symbols->names = scheme_load_grow(load, symbols->names, symbols->count, sizeof *symbols->names);
  symbols->names[symbols->count] = name;
  return symbols->count++;
}

static void enlarge_table(struct scheme_load *load, struct scheme_symbols *symbols) {
  const uint32_t *old = symbols->table;
  uint32_t old_size = symbols->table_size;
  symbols->table_size = old_size == 0 ? 1024 : 4 * old_size;
  symbols->table = scheme_load_allocate(load, symbols->table_size * sizeof *symbols->table);
  for (uint32_t place = 0; place < old_size; place++) {
    if (old[place] != 0) {
      const char *name = symbols->names[old[place] - 1];
      uint32_t at = hash_of(name, (uint32_t)strlen(name));
      while (symbols->table[at &= symbols->table_size - 1] != 0) {
        at++;
      }
      symbols->table[at] = old[place];
    }
  }
}

static bool is_named(const char *name, const char *bytes, uint32_t length) {
  return strncmp(name, bytes, length) == 0 && name[length] == '\0';
}

uint32_t scheme_symbol_intern(struct scheme_load *load, struct scheme_symbols *symbols,
                              const char *bytes, uint32_t length) {
  if (2 * symbols->count >= symbols->table_size) {
    enlarge_table(load, symbols);
  }
  uint32_t at = hash_of(bytes, length);
  while (symbols->table[at &= symbols->table_size - 1] != 0) {
    uint32_t number = symbols->table[at] - 1;
    if (is_named(symbols->names[number], bytes, length)) {
      return number;
    }
    at++;
  }
  char *name = scheme_load_allocate(load, length + 1u);
  memcpy(name, bytes, length);
  uint32_t number = scheme_symbol_create(load, symbols, name);
  symbols->table[at] = number + 1;
  return number;
}

/* ---- data -----------------------------------------------------------------------------------*/

struct scheme_datum *scheme_datum_create(struct scheme_load *load, enum scheme_datum_kind kind,
                                         uint32_t line) {
  struct scheme_datum *datum = scheme_load_allocate(load, sizeof *datum);
  datum->kind = kind;
  datum->line = line;
  return datum;
}

struct scheme_datum *scheme_datum_pair(struct scheme_load *load, struct scheme_datum *first,
                                       struct scheme_datum *rest) {
  struct scheme_datum *pair = scheme_datum_create(load, SCHEME_DATUM_PAIR, first->line);
  pair->pair.first = first;
  pair->pair.rest = rest;
  return pair;
}

int64_t scheme_datum_length(const struct scheme_datum *list) {
  int64_t length = 0;
  for (; list->kind == SCHEME_DATUM_PAIR; list = list->pair.rest) {
    length++;
  }
  return list->kind == SCHEME_DATUM_EMPTY ? length : -1;
}

static struct scheme_datum *create(struct reader *reader, enum scheme_datum_kind kind) {
  return scheme_datum_create(reader->load, kind, reader->line);
}

static struct scheme_datum *create_integer(struct reader *reader, enum scheme_datum_kind kind,
                                           int64_t value) {
  struct scheme_datum *datum = create(reader, kind);
  datum->integer = value;
  return datum;
}

/* ---- characters -----------------------------------------------------------------------------*/

static int peek(const struct reader *reader) {
  return reader->next < reader->end ? (unsigned char)*reader->next : -1;
}

static int take(struct reader *reader) {
  int character = peek(reader);
  if (character >= 0) {
    reader->next++;
    reader->line += character == '\n';
  }
  return character;
}

static bool starts_with(const struct reader *reader, const char *text) {
  size_t length = strlen(text);
  return (size_t)(reader->end - reader->next) >= length && memcmp(reader->next, text, length) == 0;
}

static void skip_block_comment(struct reader *reader) {
  uint32_t line = reader->line;
  unsigned depth = 0;
  do {
    if (starts_with(reader, "#|")) {
      depth++;
      reader->next += 2;
    } else if (starts_with(reader, "|#")) {
      depth--;
      reader->next += 2;
    } else if (take(reader) < 0) {
      scheme_load_fail(reader->load, line, "the comment that begins here has no end");
    }
  } while (depth > 0);
}

static struct scheme_datum *read_datum(struct reader *reader);

static void skip_blanks(struct reader *reader) {
  for (;;) {
    if (peek(reader) >= 0 && isspace(peek(reader))) {
      take(reader);
    } else if (peek(reader) == ';') {
      while (peek(reader) >= 0 && peek(reader) != '\n') {
        take(reader);
      }
    } else if (starts_with(reader, "#|")) {
      skip_block_comment(reader);
    } else if (starts_with(reader, "#;")) {
      reader->next += 2;
      read_datum(reader);
    } else {
      return;
    }
  }
}

/* ---- atoms ----------------------------------------------------------------------------------*/

static bool is_delimiter(int character) {
  return character < 0 || isspace(character) || strchr("()\";'`,", character) != NULL;
}

static uint32_t token_length(const struct reader *reader) {
  const char *end = reader->next;
  while (end < reader->end && !is_delimiter((unsigned char)*end)) {
    end++;
  }
  return (uint32_t)(end - reader->next);
}

static char read_escape(struct reader *reader, uint32_t line) {
  static const char from[] = "ntr\\\"", to[] = "\n\t\r\\\"";
  int character = take(reader);
  const char *place = character > 0 ? strchr(from, character) : NULL;
  if (place == NULL) {
    scheme_load_fail(reader->load, line, "a string holds an unknown escape \\%c",
                     character < 0 ? ' ' : character);
  }
  return to[place - from];
}

static struct scheme_datum *read_string(struct reader *reader) {
  struct scheme_datum *string = create(reader, SCHEME_DATUM_STRING);
  take(reader);
  char *bytes = NULL;
  uint32_t length = 0;
  for (int character = take(reader); character != '"'; character = take(reader)) {
    if (character < 0) {
      scheme_load_fail(reader->load, string->line, "the string that begins here has no end");
    }
    bytes = scheme_load_grow(reader->load, bytes, length, 1);
    bytes[length++] = character == '\\' ? read_escape(reader, string->line) : (char)character;
  }
  string->text.bytes = bytes == NULL ? "" : bytes;
  string->text.length = length;
  return string;
}

static struct scheme_datum *read_character(struct reader *reader) {
  static const struct {
    const char *name;
    char value;
  } named[] = {{"space", ' '}, {"newline", '\n'}, {"tab", '\t'}, {"nul", '\0'}};
  reader->next += 2;
  if (peek(reader) < 0) {
    scheme_load_fail(reader->load, reader->line, "a character is missing after #\\");
  }
  uint32_t length = token_length(reader);
  const char *token = reader->next;
  if (length <= 1) {
    return create_integer(reader, SCHEME_DATUM_CHARACTER, take(reader));
  }
  reader->next += length;
  for (size_t place = 0; place < sizeof named / sizeof *named; place++) {
    if (is_named(named[place].name, token, length)) {
      return create_integer(reader, SCHEME_DATUM_CHARACTER, named[place].value);
    }
  }
  scheme_load_fail(reader->load, reader->line, "there is no character called '%.*s'", (int)length,
                   token);
}

/* Whether the token is an integer at all; one that does not fit fails. */
static bool parse_integer(struct reader *reader, const char *token, uint32_t length,
                          int64_t *value) {
  bool is_negative = token[0] == '-';
  uint32_t place = is_negative || token[0] == '+' ? 1 : 0;
  if (place == length) {
    return false;
  }
  *value = 0;
  for (; place < length; place++) {
    if (!isdigit((unsigned char)token[place])) {
      return false;
    }
    int64_t digit = token[place] - '0';
    if (__builtin_mul_overflow(*value, 10, value) ||
        __builtin_add_overflow(*value, is_negative ? -digit : digit, value)) {
      scheme_load_fail(reader->load, reader->line, "the integer %.*s does not fit into 64 bits",
                       (int)length, token);
    }
  }
  return true;
}

static struct scheme_datum *read_token(struct reader *reader) {
  uint32_t length = token_length(reader);
  const char *token = reader->next;
  int64_t value;
  if (length == 0) {
    scheme_load_fail(reader->load, reader->line, "a byte of 0 has no place in a program");
  }
  reader->next += length;
  if (length == 2 && (memcmp(token, "#t", 2) == 0 || memcmp(token, "#f", 2) == 0)) {
    return create_integer(reader, SCHEME_DATUM_BOOLEAN, token[1] == 't');
  }
  if (token[0] == '#') {
    scheme_load_fail(reader->load, reader->line, "'%.*s' is not understood", (int)length, token);
  }
  if (parse_integer(reader, token, length, &value)) {
    return create_integer(reader, SCHEME_DATUM_INTEGER, value);
  }
  size_t sign = length > 1 && (token[0] == '-' || token[0] == '+') ? 1 : 0;
  if (isdigit((unsigned char)token[sign])) {
    scheme_load_fail(reader->load, reader->line,
                     "'%.*s' is no integer, and there are no other numbers", (int)length, token);
  }
  return create_integer(reader, SCHEME_DATUM_SYMBOL,
                        scheme_symbol_intern(reader->load, reader->symbols, token, length));
}

/* ---- lists ----------------------------------------------------------------------------------*/

/* After `(`; takes the `)`. */
static struct scheme_datum *read_list(struct reader *reader, uint32_t line) {
  struct scheme_datum *list = create(reader, SCHEME_DATUM_EMPTY);
  struct scheme_datum **last = &list;
  list->line = line;
  for (;;) {
    skip_blanks(reader);
    if (peek(reader) < 0) {
      scheme_load_fail(reader->load, line, "the list that begins here has no end");
    }
    if (peek(reader) == ')') {
      take(reader);
      return list;
    }
    if (peek(reader) == '.' && token_length(reader) == 1) {
      take(reader);
      *last = read_datum(reader);
      skip_blanks(reader);
      if (last == &list || take(reader) != ')') {
        scheme_load_fail(reader->load, line, "a dot is misplaced in the list that begins here");
      }
      return list;
    }
    struct scheme_datum *empty = *last;
    *last = scheme_datum_pair(reader->load, read_datum(reader), empty);
    last = &(*last)->pair.rest;
  }
}

static struct scheme_datum *read_vector(struct reader *reader) {
  struct scheme_datum *vector = create(reader, SCHEME_DATUM_VECTOR);
  reader->next += 2;
  vector->items = read_list(reader, vector->line);
  if (scheme_datum_length(vector->items) < 0) {
    scheme_load_fail(reader->load, vector->line, "a vector cannot have a dot");
  }
  return vector;
}

/* 'x is (quote x). */
static struct scheme_datum *read_abbreviation(struct reader *reader, const char *name,
                                              unsigned length) {
  struct scheme_datum *symbol = create_integer(
      reader, SCHEME_DATUM_SYMBOL,
      scheme_symbol_intern(reader->load, reader->symbols, name, (uint32_t)strlen(name)));
  reader->next += length;
  struct scheme_datum *quoted = read_datum(reader);
  return scheme_datum_pair(
      reader->load, symbol,
      scheme_datum_pair(reader->load, quoted, create(reader, SCHEME_DATUM_EMPTY)));
}

static struct scheme_datum *read_here(struct reader *reader) {
  uint32_t line = reader->line;
  switch (peek(reader)) {
  case -1:
    scheme_load_fail(reader->load, line, "the text ends where a datum is expected");
  case '(':
    take(reader);
    return read_list(reader, line);
  case ')':
    scheme_load_fail(reader->load, line, "a ) too many");
  case '"':
    return read_string(reader);
  case '\'':
    return read_abbreviation(reader, "quote", 1);
  case '`':
    return read_abbreviation(reader, "quasiquote", 1);
  case ',':
    return starts_with(reader, ",@") ? read_abbreviation(reader, "unquote-splicing", 2)
                                     : read_abbreviation(reader, "unquote", 1);
  case '#':
    return starts_with(reader, "#(")    ? read_vector(reader)
           : starts_with(reader, "#\\") ? read_character(reader)
                                        : read_token(reader);
  default:
    return read_token(reader);
  }
}

static struct scheme_datum *read_datum(struct reader *reader) {
  if (++reader->nesting > SCHEME_NESTING_MAX) {
    scheme_load_fail(reader->load, reader->line, "more than %d levels of nesting",
                     SCHEME_NESTING_MAX);
  }
  skip_blanks(reader);
  struct scheme_datum *datum = read_here(reader);
  reader->nesting--;
  return datum;
}

struct scheme_datum *scheme_read(struct scheme_load *load, struct scheme_symbols *symbols,
                                 const char *text, size_t text_bytes) {
  struct reader reader = {
      .load = load, .symbols = symbols, .next = text, .end = text + text_bytes, .line = 1};
  struct scheme_datum *list = create(&reader, SCHEME_DATUM_EMPTY);
  struct scheme_datum **last = &list;
  for (skip_blanks(&reader); peek(&reader) >= 0; skip_blanks(&reader)) {
    *last = scheme_datum_pair(load, read_datum(&reader), *last);
    last = &(*last)->pair.rest;
  }
  return list;
}
