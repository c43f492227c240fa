/* The reader: the text of a Scheme program as data, with the line of each datum.
 *
 * Lists, dotted pairs, vectors, symbols, strings, characters, booleans, integers of 64 bits; the
 * abbreviations ' ` , ,@; comments ; and #| |# and #;. Symbols are case-sensitive and interned:
 * their number stands for them. Nesting is bounded, so that whoever walks a datum may recurse.
 */
#ifndef WORKLOADS_SCHEME_READER_H
#define WORKLOADS_SCHEME_READER_H

#include "workloads/scheme_load.h"

#include <stdbool.h>

enum { SCHEME_NESTING_MAX = 500 };

enum scheme_datum_kind {
  SCHEME_DATUM_EMPTY, /* the empty list */
  SCHEME_DATUM_BOOLEAN,
  SCHEME_DATUM_INTEGER,
  SCHEME_DATUM_CHARACTER,
  SCHEME_DATUM_STRING,
  SCHEME_DATUM_SYMBOL,
  SCHEME_DATUM_PAIR,
  SCHEME_DATUM_VECTOR,
  SCHEME_DATUM_PRIMITIVE,   /* a procedure of the machine, whatever its name is bound to; made by
                               the compiler */
  SCHEME_DATUM_UNSPECIFIED, /* likewise */
};

struct scheme_datum {
  enum scheme_datum_kind kind;
  uint32_t line;
  union {
    int64_t integer; /* also booleans, characters, and the numbers of symbols and primitives */
    struct {
      const char *bytes;
      uint32_t length;
    } text;
    struct {
      struct scheme_datum *first, *rest;
    } pair;
    struct scheme_datum *items; /* of a vector: as a list */
  };
};

/* All symbols of a program, by number. A name may stand there more than once: the compiler makes
 * symbols that no text can name. */
struct scheme_symbols {
  const char **names; /* ended by 0 */
  uint32_t count;
  uint32_t *table; /* open addressing: number + 1, or 0 */
  uint32_t table_size;
};

uint32_t scheme_symbol_intern(struct scheme_load *load, struct scheme_symbols *symbols,
                              const char *bytes, uint32_t length);
/* One that is equal to no other. */
uint32_t scheme_symbol_create(struct scheme_load *load, struct scheme_symbols *symbols,
                              const char *name);

/* All data of a text, as a list. `text` outlives the loading, which strings do not point into. */
struct scheme_datum *scheme_read(struct scheme_load *load, struct scheme_symbols *symbols,
                                 const char *text, size_t text_bytes);

struct scheme_datum *scheme_datum_create(struct scheme_load *load, enum scheme_datum_kind kind,
                                         uint32_t line);
struct scheme_datum *scheme_datum_pair(struct scheme_load *load, struct scheme_datum *first,
                                       struct scheme_datum *rest);

/* The length of a list, or -1 of what is none. */
int64_t scheme_datum_length(const struct scheme_datum *list);

#endif
