/* A compiled Scheme program: what the compiler makes and the machine runs.
 *
 * Code is one array of instructions for a stack machine. Constants are data still, which each
 * machine builds in its own heap. A global variable is a symbol: its place is the symbol's number.
 * Variables of procedures and of let live in environments, objects of the heap, which are chained;
 * an instruction names one by how many environments to go out and its place there.
 *
 * Concurrency: constant once it is made; any number of machines run it.
 */
#ifndef WORKLOADS_SCHEME_PROGRAM_H
#define WORKLOADS_SCHEME_PROGRAM_H

#include "workloads/scheme_reader.h"

enum {
  SCHEME_ARGUMENTS_MAX = 1000, /* written in one call */
  SCHEME_VARIABLES_MAX = 2000, /* of one procedure */
};

/* The most arguments of a primitive that takes any number; a list of them may be long. */
#define SCHEME_ANY_NUMBER UINT32_MAX

enum scheme_operation {
  SCHEME_HALT,
  SCHEME_CONSTANT,      /* pushes constant `operand` */
  SCHEME_LOCAL,         /* pushes variable `operand`, `count` environments out */
  SCHEME_GLOBAL,        /* pushes global `operand` */
  SCHEME_SET_LOCAL,     /* replaces the top by nothing in particular */
  SCHEME_SET_GLOBAL,    /* likewise */
  SCHEME_DEFINE_GLOBAL, /* likewise */
  SCHEME_POP,           /* drops the top */
  SCHEME_JUMP,          /* to `operand` */
  SCHEME_JUMP_IF_FALSE, /* drops the top */
  SCHEME_AND,           /* to `operand` if the top is false, else drops it */
  SCHEME_OR,            /* to `operand` if the top is not false, else drops it */
  SCHEME_CLOSURE,       /* pushes a closure of lambda `operand` */
  SCHEME_ENTER,         /* moves `count` values into a new environment of `operand` variables */
  SCHEME_LEAVE,         /* the environment that encloses the current one */
  SCHEME_CALL,          /* of the procedure below `count` arguments */
  SCHEME_TAIL_CALL,     /* likewise, in place of the current procedure */
  SCHEME_PRIMITIVE_CALL, /* primitive `operand` on `count` arguments, which are as many as it takes */
  SCHEME_RETURN,
};

struct scheme_instruction {
  uint16_t operation;
  uint16_t count;
  uint32_t operand;
};

struct scheme_lambda {
  const char *name; /* "" where there is none */
  uint32_t entry;
  uint32_t required;
  uint32_t variables; /* arguments, the list of the rest, inner definitions */
  bool has_rest;
};

/* A result that the program's text announces, in a comment:
 *     ;= size 3 answer (1 2) allocates 1000000 */
struct scheme_expectation {
  uint64_t size;
  const char *answer;        /* as it is written */
  uint64_t allocation_bytes; /* of one call, and of loading the program once; a bound within 5 % */
  struct scheme_expectation *next;
};

struct scheme_program {
  const char *path;
  struct scheme_symbols symbols;
  struct scheme_instruction *code; /* instruction 0 halts; execution begins at 1 */
  uint32_t *lines;                 /* of the text, by instruction; 0 in the prelude */
  uint32_t code_count;
  struct scheme_lambda *lambdas;
  uint32_t lambda_count;
  struct scheme_datum **constants;
  uint32_t constant_count;
  uint32_t run_symbol; /* of the procedure that the workload calls */
  struct scheme_expectation *expectations;
  struct scheme_chunk *chunks; /* what all of it lies in */
};

struct scheme_primitive {
  const char *name;
  uint32_t fewest, most; /* arguments */
};

enum scheme_primitive_number {
#define SCHEME_PRIMITIVE(identifier, ...) SCHEME_PRIMITIVE_##identifier,
#include "workloads/scheme_primitive.def"
#undef SCHEME_PRIMITIVE
  SCHEME_PRIMITIVES
};

extern const struct scheme_primitive scheme_primitives[SCHEME_PRIMITIVES];

/* Procedures that are written in Scheme and compiled before every program. */
extern const char scheme_prelude[];

/* Compiles the text. On failure null, a negative errno in *status and a sentence with the line in
 * error. */
struct scheme_program *scheme_program_create(const char *path, const char *text, size_t text_bytes,
                                             int *status, char *error, size_t error_size);
/* Reads and compiles the file. */
struct scheme_program *scheme_program_open(const char *path, int *status, char *error,
                                           size_t error_size);
void scheme_program_destroy(struct scheme_program *program);

/* The symbol of a primitive's name. */
uint32_t scheme_symbol_of_primitive(enum scheme_primitive_number primitive);

/* What the text announces of the size, or null. */
const struct scheme_expectation *scheme_program_expects(const struct scheme_program *program,
                                                        uint64_t size);

#endif
