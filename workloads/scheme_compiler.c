/* The compiler: data into code for the stack machine, in one pass.
 *
 * A procedure's environment holds its arguments and its inner definitions; `let` makes one of its
 * own, so that closures made in a loop hold different variables. One without variables is left out.
 * A call of a primitive whose name the program nowhere binds goes to the primitive at once.
 */
#include "workloads/scheme_compiler.h"

#include "workloads/scheme_syntax.h"

#include <string.h>

enum { EXPRESSION_NESTING_MAX = 4 * SCHEME_NESTING_MAX };

/* Where an expression stands: its value is wanted, or it is the procedure's. */
enum position { VALUE, TAIL };

/* The first constants of every program. */
enum { CONSTANT_UNSPECIFIED, CONSTANT_FALSE, CONSTANT_TRUE, CONSTANT_EMPTY };

struct scope {
  struct scope *outer;
  uint32_t *names;
  uint32_t count;
};

struct compiler {
  struct scheme_syntax syntax;
  struct scheme_program *program;
  struct scope *scope;
  bool *is_bound; /* by symbol: somewhere in the program as a global or assigned */
  uint32_t is_bound_count;
  unsigned nesting;
  bool is_prelude;
};

static void compile(struct compiler *compiler, const struct scheme_datum *datum,
                    enum position position);

/* ---- code -----------------------------------------------------------------------------------*/

static uint32_t emit(struct compiler *compiler, uint32_t line, enum scheme_operation operation,
                     uint32_t count, uint32_t operand) {
  struct scheme_program *program = compiler->program;
  uint32_t place = program->code_count++;
  program->code =
      scheme_load_grow(compiler->syntax.load, program->code, place, sizeof *program->code);
  program->lines =
      scheme_load_grow(compiler->syntax.load, program->lines, place, sizeof *program->lines);
  program->code[place] = (struct scheme_instruction){(uint16_t)operation, (uint16_t)count, operand};
  program->lines[place] = compiler->is_prelude ? 0 : line;
  return place;
}

static void land_here(struct compiler *compiler, uint32_t jump) {
  compiler->program->code[jump].operand = compiler->program->code_count;
}

static void return_if_tail(struct compiler *compiler, uint32_t line, enum position position) {
  if (position == TAIL) {
    emit(compiler, line, SCHEME_RETURN, 0, 0);
  }
}

static uint32_t add_constant(struct compiler *compiler, const struct scheme_datum *datum) {
  struct scheme_program *program = compiler->program;
  program->constants = scheme_load_grow(compiler->syntax.load, program->constants,
                                        program->constant_count, sizeof *program->constants);
  program->constants[program->constant_count] = (struct scheme_datum *)datum;
  return program->constant_count++;
}

static void compile_constant(struct compiler *compiler, const struct scheme_datum *datum,
                             enum position position) {
  uint32_t constant = 0;
  switch (datum->kind) {
  case SCHEME_DATUM_UNSPECIFIED:
    constant = CONSTANT_UNSPECIFIED;
    break;
  case SCHEME_DATUM_BOOLEAN:
    constant = datum->integer ? CONSTANT_TRUE : CONSTANT_FALSE;
    break;
  case SCHEME_DATUM_EMPTY:
    constant = CONSTANT_EMPTY;
    break;
  default:
    constant = add_constant(compiler, datum);
  }
  emit(compiler, datum->line, SCHEME_CONSTANT, 0, constant);
  return_if_tail(compiler, datum->line, position);
}

static void compile_unspecified(struct compiler *compiler, uint32_t line, enum position position) {
  emit(compiler, line, SCHEME_CONSTANT, 0, CONSTANT_UNSPECIFIED);
  return_if_tail(compiler, line, position);
}

/* ---- variables ------------------------------------------------------------------------------*/

static bool find_in(const struct scope *scope, uint32_t name, uint32_t *place) {
  for (*place = 0; *place < scope->count; ++*place) {
    if (scope->names[*place] == name) {
      return true;
    }
  }
  return false;
}

/* depth: environments to go out. */
static bool find_local(const struct compiler *compiler, uint32_t name, uint32_t *depth,
                       uint32_t *place) {
  *depth = 0;
  for (const struct scope *scope = compiler->scope; scope != NULL; scope = scope->outer) {
    if (find_in(scope, name, place)) {
      return true;
    }
    ++*depth;
  }
  return false;
}

static bool is_local(const struct compiler *compiler, uint32_t name) {
  uint32_t depth, place;
  return find_local(compiler, name, &depth, &place);
}

/* The place of the name, which may be there already. */
static uint32_t add_variable(struct compiler *compiler, struct scope *scope,
                             const struct scheme_datum *name) {
  uint32_t place;
  scheme_syntax_require(&compiler->syntax, name, name->kind == SCHEME_DATUM_SYMBOL,
                        "a variable is expected here");
  if (!find_in(scope, (uint32_t)name->integer, &place)) {
    scheme_syntax_require(&compiler->syntax, name, scope->count < SCHEME_VARIABLES_MAX,
                          "too many variables");
    scope->names =
        scheme_load_grow(compiler->syntax.load, scope->names, scope->count, sizeof *scope->names);
    scope->names[scope->count++] = (uint32_t)name->integer;
  }
  return place;
}

static void add_argument(struct compiler *compiler, struct scope *scope,
                         const struct scheme_datum *name) {
  uint32_t count = scope->count;
  scheme_syntax_require(&compiler->syntax, name, add_variable(compiler, scope, name) == count,
                        "a variable is named twice");
}

static void compile_variable(struct compiler *compiler, const struct scheme_datum *datum,
                             enum position position) {
  uint32_t depth, place, name = (uint32_t)datum->integer;
  if (find_local(compiler, name, &depth, &place)) {
    emit(compiler, datum->line, SCHEME_LOCAL, depth, place);
  } else {
    scheme_syntax_require(&compiler->syntax, datum, name >= SCHEME_FORMS,
                          "the name of a form is no variable");
    emit(compiler, datum->line, SCHEME_GLOBAL, 0, name);
  }
  return_if_tail(compiler, datum->line, position);
}

/* ---- bodies ---------------------------------------------------------------------------------*/

static const struct scheme_datum *second(const struct scheme_datum *form) {
  return form->pair.rest->pair.first;
}

static bool has_head(const struct scheme_datum *datum, enum scheme_form form) {
  return datum->kind == SCHEME_DATUM_PAIR && scheme_is_symbol(datum->pair.first, form);
}

/* The name that (define name value) or (define (name argument ...) body ...) defines. */
static const struct scheme_datum *defined_name(const struct compiler *compiler,
                                               const struct scheme_datum *form) {
  int64_t length = scheme_datum_length(form);
  const struct scheme_datum *target = length >= 3 ? second(form) : form;
  bool is_procedure = length >= 3 && target->kind == SCHEME_DATUM_PAIR;
  const struct scheme_datum *name = is_procedure ? target->pair.first : target;
  scheme_syntax_require(&compiler->syntax, form,
                        name->kind == SCHEME_DATUM_SYMBOL && (is_procedure || length == 3),
                        "a definition is (define name value) or (define (name variable ...) "
                        "expression ...)");
  return name;
}

static void collect_definitions(struct compiler *compiler, struct scope *scope,
                                const struct scheme_datum *body) {
  for (; body->kind == SCHEME_DATUM_PAIR; body = body->pair.rest) {
    if (has_head(body->pair.first, SCHEME_FORM_define)) {
      add_variable(compiler, scope, defined_name(compiler, body->pair.first));
    } else if (has_head(body->pair.first, SCHEME_FORM_begin)) {
      collect_definitions(compiler, scope, body->pair.first->pair.rest);
    }
  }
}

static void compile_definition(struct compiler *compiler, const struct scheme_datum *form);

/* Expressions and definitions; the last is an expression. */
static void compile_body(struct compiler *compiler, const struct scheme_datum *form,
                         const struct scheme_datum *body, enum position position) {
  scheme_syntax_require(&compiler->syntax, form, scheme_datum_length(body) >= 1,
                        "at least one expression is expected");
  for (;; body = body->pair.rest) {
    const struct scheme_datum *item = body->pair.first;
    bool is_last = body->pair.rest->kind == SCHEME_DATUM_EMPTY;
    if (has_head(item, SCHEME_FORM_define)) {
      scheme_syntax_require(&compiler->syntax, item, !is_last,
                            "an expression is expected after the definitions");
      compile_definition(compiler, item);
    } else if (is_last) {
      compile(compiler, item, position);
      return;
    } else {
      compile(compiler, item, VALUE);
    }
    emit(compiler, item->line, SCHEME_POP, 0, 0);
  }
}

static void compile_lambda(struct compiler *compiler, const struct scheme_datum *form,
                           uint32_t name, const struct scheme_datum *arguments,
                           const struct scheme_datum *body) {
  struct scheme_program *program = compiler->program;
  struct scope scope = {.outer = compiler->scope};
  struct scheme_lambda lambda = {.name = name == 0 ? "" : program->symbols.names[name]};
  for (; arguments->kind == SCHEME_DATUM_PAIR; arguments = arguments->pair.rest) {
    add_argument(compiler, &scope, arguments->pair.first);
    lambda.required++;
  }
  scheme_syntax_require(&compiler->syntax, form, lambda.required <= SCHEME_ARGUMENTS_MAX,
                        "too many arguments");
  if (arguments->kind != SCHEME_DATUM_EMPTY) {
    add_argument(compiler, &scope, arguments);
    lambda.has_rest = true;
  }
  collect_definitions(compiler, &scope, body);
  lambda.variables = scope.count;
  uint32_t over = emit(compiler, form->line, SCHEME_JUMP, 0, 0);
  lambda.entry = program->code_count;
  compiler->scope = scope.count > 0 ? &scope : scope.outer;
  compile_body(compiler, form, body, TAIL);
  compiler->scope = scope.outer;
  land_here(compiler, over);
  program->lambdas = scheme_load_grow(compiler->syntax.load, program->lambdas,
                                      program->lambda_count, sizeof *program->lambdas);
  program->lambdas[program->lambda_count] = lambda;
  emit(compiler, form->line, SCHEME_CLOSURE, 0, program->lambda_count++);
}

/* ---- forms ----------------------------------------------------------------------------------*/

static void compile_quote(struct compiler *compiler, const struct scheme_datum *form,
                          enum position position) {
  scheme_syntax_require(&compiler->syntax, form, scheme_datum_length(form) == 2,
                        "quote takes one datum");
  compile_constant(compiler, second(form), position);
}

static void compile_if(struct compiler *compiler, const struct scheme_datum *form,
                       enum position position) {
  int64_t length = scheme_datum_length(form);
  scheme_syntax_require(&compiler->syntax, form, length == 3 || length == 4,
                        "if takes a test and one expression or two");
  const struct scheme_datum *branches = form->pair.rest->pair.rest;
  compile(compiler, second(form), VALUE);
  uint32_t otherwise = emit(compiler, form->line, SCHEME_JUMP_IF_FALSE, 0, 0);
  compile(compiler, branches->pair.first, position);
  uint32_t end = position == TAIL ? 0 : emit(compiler, form->line, SCHEME_JUMP, 0, 0);
  land_here(compiler, otherwise);
  if (length == 4) {
    compile(compiler, branches->pair.rest->pair.first, position);
  } else {
    compile_unspecified(compiler, form->line, position);
  }
  if (position != TAIL) {
    land_here(compiler, end);
  }
}

/* Leaves nothing in particular on the stack. */
static void compile_definition(struct compiler *compiler, const struct scheme_datum *form) {
  const struct scheme_datum *name = defined_name(compiler, form);
  const struct scheme_datum *target = second(form), *rest = form->pair.rest->pair.rest;
  uint32_t symbol = (uint32_t)name->integer, depth, place;
  if (target->kind == SCHEME_DATUM_PAIR) {
    compile_lambda(compiler, form, symbol, target->pair.rest, rest);
  } else if (has_head(rest->pair.first, SCHEME_FORM_lambda) &&
             scheme_datum_length(rest->pair.first) >= 3) {
    const struct scheme_datum *lambda = rest->pair.first;
    compile_lambda(compiler, lambda, symbol, second(lambda), lambda->pair.rest->pair.rest);
  } else {
    compile(compiler, rest->pair.first, VALUE);
  }
  if (find_local(compiler, symbol, &depth, &place)) {
    emit(compiler, form->line, SCHEME_SET_LOCAL, depth, place);
  } else {
    scheme_syntax_require(&compiler->syntax, form, symbol >= SCHEME_FORMS,
                          "the name of a form cannot be defined");
    scheme_syntax_require(&compiler->syntax, form, compiler->nesting == 0,
                          "a definition stands at the top or in a body, not in an expression");
    emit(compiler, form->line, SCHEME_DEFINE_GLOBAL, 0, symbol);
  }
}

static void compile_define(struct compiler *compiler, const struct scheme_datum *form,
                           enum position position) {
  (void)position;
  scheme_syntax_require(&compiler->syntax, form, false,
                        "a definition stands at the top or in a body, not in an expression");
}

static void compile_set(struct compiler *compiler, const struct scheme_datum *form,
                        enum position position) {
  scheme_syntax_require(&compiler->syntax, form,
                        scheme_datum_length(form) == 3 && second(form)->kind == SCHEME_DATUM_SYMBOL,
                        "an assignment is (set! variable value)");
  uint32_t name = (uint32_t)second(form)->integer, depth, place;
  compile(compiler, form->pair.rest->pair.rest->pair.first, VALUE);
  if (find_local(compiler, name, &depth, &place)) {
    emit(compiler, form->line, SCHEME_SET_LOCAL, depth, place);
  } else {
    emit(compiler, form->line, SCHEME_SET_GLOBAL, 0, name);
  }
  return_if_tail(compiler, form->line, position);
}

static void compile_lambda_form(struct compiler *compiler, const struct scheme_datum *form,
                                enum position position) {
  scheme_syntax_require(&compiler->syntax, form, scheme_datum_length(form) >= 3,
                        "a procedure is (lambda (variable ...) expression ...)");
  compile_lambda(compiler, form, 0, second(form), form->pair.rest->pair.rest);
  return_if_tail(compiler, form->line, position);
}

static void compile_begin(struct compiler *compiler, const struct scheme_datum *form,
                          enum position position) {
  compile_body(compiler, form, form->pair.rest, position);
}

static void compile_let(struct compiler *compiler, const struct scheme_datum *form,
                        enum position position) {
  scheme_syntax_require(&compiler->syntax, form, scheme_datum_length(form) >= 3,
                        "this form is (let ((variable value) ...) expression ...)");
  if (second(form)->kind == SCHEME_DATUM_SYMBOL) {
    compile(compiler, scheme_syntax_named_let(&compiler->syntax, form), position);
    return;
  }
  struct scope scope = {.outer = compiler->scope};
  const struct scheme_datum *bindings = second(form), *body = form->pair.rest->pair.rest;
  scheme_syntax_require(&compiler->syntax, form, scheme_datum_length(bindings) >= 0,
                        "the bindings of let are a list");
  for (; bindings->kind == SCHEME_DATUM_PAIR; bindings = bindings->pair.rest) {
    const struct scheme_datum *binding = bindings->pair.first;
    scheme_syntax_require(&compiler->syntax, form, scheme_datum_length(binding) == 2,
                          "a binding is (variable value)");
    compile(compiler, second(binding), VALUE);
    add_argument(compiler, &scope, binding->pair.first);
  }
  uint32_t values = scope.count;
  collect_definitions(compiler, &scope, body);
  if (scope.count > 0) {
    emit(compiler, form->line, SCHEME_ENTER, values, scope.count);
    compiler->scope = &scope;
  }
  compile_body(compiler, form, body, position);
  compiler->scope = scope.outer;
  if (scope.count > 0 && position != TAIL) {
    emit(compiler, form->line, SCHEME_LEAVE, 0, 0);
  }
}

/* One test after the other; the jumps out of them are chained through their operands. */
static void compile_tests(struct compiler *compiler, const struct scheme_datum *form,
                          enum position position, enum scheme_operation operation) {
  scheme_syntax_require(&compiler->syntax, form, scheme_datum_length(form) >= 1,
                        "a list of tests is expected");
  const struct scheme_datum *tests = form->pair.rest;
  uint32_t chain = 0;
  if (tests->kind == SCHEME_DATUM_EMPTY) {
    uint32_t constant = operation == SCHEME_AND ? CONSTANT_TRUE : CONSTANT_FALSE;
    emit(compiler, form->line, SCHEME_CONSTANT, 0, constant);
    return_if_tail(compiler, form->line, position);
    return;
  }
  for (; tests->pair.rest->kind == SCHEME_DATUM_PAIR; tests = tests->pair.rest) {
    compile(compiler, tests->pair.first, VALUE);
    chain = emit(compiler, form->line, operation, 0, chain);
  }
  compile(compiler, tests->pair.first, position);
  bool is_chained = chain != 0;
  while (chain != 0) {
    uint32_t earlier = compiler->program->code[chain].operand;
    land_here(compiler, chain);
    chain = earlier;
  }
  if (is_chained) {
    return_if_tail(compiler, form->line, position);
  }
}

static void compile_and(struct compiler *compiler, const struct scheme_datum *form,
                        enum position position) {
  compile_tests(compiler, form, position, SCHEME_AND);
}

static void compile_or(struct compiler *compiler, const struct scheme_datum *form,
                       enum position position) {
  compile_tests(compiler, form, position, SCHEME_OR);
}

/* ---- calls ----------------------------------------------------------------------------------*/

/* The primitive that the head of a call certainly is, or SCHEME_PRIMITIVES. */
static uint32_t known_primitive(const struct compiler *compiler, const struct scheme_datum *head,
                                int64_t count) {
  uint32_t number = SCHEME_PRIMITIVES;
  if (head->kind == SCHEME_DATUM_PRIMITIVE) {
    return (uint32_t)head->integer;
  }
  if (head->kind == SCHEME_DATUM_SYMBOL) {
    uint32_t name = (uint32_t)head->integer;
    bool is_bound = name < compiler->is_bound_count && compiler->is_bound[name];
    if (name >= SCHEME_FORMS && name - SCHEME_FORMS < SCHEME_PRIMITIVES && !is_bound &&
        !is_local(compiler, name)) {
      number = name - SCHEME_FORMS;
    }
  }
  /* apply calls, and a wrong number of arguments is an error when it happens. */
  if (number == SCHEME_PRIMITIVE_apply || number == SCHEME_PRIMITIVES ||
      count < scheme_primitives[number].fewest || count > scheme_primitives[number].most) {
    return SCHEME_PRIMITIVES;
  }
  return number;
}

static void compile_call(struct compiler *compiler, const struct scheme_datum *form,
                         enum position position) {
  int64_t count = scheme_datum_length(form) - 1;
  scheme_syntax_require(&compiler->syntax, form, count >= 0 && count <= SCHEME_ARGUMENTS_MAX,
                        count < 0 ? "a call cannot have a dot" : "too many arguments");
  uint32_t primitive = known_primitive(compiler, form->pair.first, count);
  if (primitive == SCHEME_PRIMITIVES) {
    compile(compiler, form->pair.first, VALUE);
  }
  for (const struct scheme_datum *rest = form->pair.rest; rest->kind == SCHEME_DATUM_PAIR;
       rest = rest->pair.rest) {
    compile(compiler, rest->pair.first, VALUE);
  }
  if (primitive != SCHEME_PRIMITIVES) {
    emit(compiler, form->line, SCHEME_PRIMITIVE_CALL, (uint32_t)count, primitive);
    return_if_tail(compiler, form->line, position);
  } else {
    emit(compiler, form->line, position == TAIL ? SCHEME_TAIL_CALL : SCHEME_CALL, (uint32_t)count,
         0);
  }
}

static void compile_form(struct compiler *compiler, enum scheme_form number,
                         const struct scheme_datum *form, enum position position) {
  static void (*const forms[])(struct compiler *, const struct scheme_datum *, enum position) = {
      compile_quote, compile_if,  compile_define, compile_set, compile_lambda_form,
      compile_begin, compile_let, compile_and,    compile_or,
  };
  _Static_assert(sizeof forms / sizeof *forms == SCHEME_DERIVED_FIRST, "one for each core form");
  scheme_syntax_require(&compiler->syntax, form, number < SCHEME_WORDS_FIRST,
                        "a word of another form stands here alone");
  if (number >= SCHEME_DERIVED_FIRST) {
    compile(compiler, scheme_syntax_rewrite(&compiler->syntax, number, form), position);
  } else {
    forms[number](compiler, form, position);
  }
}

static void compile_pair(struct compiler *compiler, const struct scheme_datum *form,
                         enum position position) {
  const struct scheme_datum *head = form->pair.first;
  if (head->kind == SCHEME_DATUM_SYMBOL && head->integer < SCHEME_FORMS &&
      !is_local(compiler, (uint32_t)head->integer)) {
    compile_form(compiler, (enum scheme_form)head->integer, form, position);
  } else {
    compile_call(compiler, form, position);
  }
}

static void compile(struct compiler *compiler, const struct scheme_datum *datum,
                    enum position position) {
  scheme_syntax_require(&compiler->syntax, datum, ++compiler->nesting <= EXPRESSION_NESTING_MAX,
                        "this expression is nested too deeply");
  switch (datum->kind) {
  case SCHEME_DATUM_PAIR:
    compile_pair(compiler, datum, position);
    break;
  case SCHEME_DATUM_SYMBOL:
    compile_variable(compiler, datum, position);
    break;
  case SCHEME_DATUM_EMPTY:
    scheme_load_fail(compiler->syntax.load, datum->line, "() is no expression: write '()");
  default:
    compile_constant(compiler, datum, position);
  }
  compiler->nesting--;
}

/* ---- programs -------------------------------------------------------------------------------*/

/* Names that (define name …), (define (name …) …) or (set! name …) binds anywhere. */
static void find_bound(struct compiler *compiler, const struct scheme_datum *datum) {
  if (has_head(datum, SCHEME_FORM_define) || has_head(datum, SCHEME_FORM_set)) {
    const struct scheme_datum *rest = datum->pair.rest;
    const struct scheme_datum *name = rest->kind == SCHEME_DATUM_PAIR ? rest->pair.first : rest;
    name = name->kind == SCHEME_DATUM_PAIR ? name->pair.first : name;
    if (name->kind == SCHEME_DATUM_SYMBOL) {
      compiler->is_bound[name->integer] = true;
    }
  }
  for (; datum->kind == SCHEME_DATUM_PAIR; datum = datum->pair.rest) {
    find_bound(compiler, datum->pair.first);
  }
}

static void compile_top(struct compiler *compiler, const struct scheme_datum *datum) {
  if (has_head(datum, SCHEME_FORM_begin) && scheme_datum_length(datum) > 1) {
    for (datum = datum->pair.rest; datum->kind == SCHEME_DATUM_PAIR; datum = datum->pair.rest) {
      compile_top(compiler, datum->pair.first);
    }
    return;
  }
  if (has_head(datum, SCHEME_FORM_define)) {
    compile_definition(compiler, datum);
  } else {
    compile(compiler, datum, VALUE);
  }
  emit(compiler, datum->line, SCHEME_POP, 0, 0);
}

static void compile_text(struct compiler *compiler, const char *text, size_t text_bytes) {
  struct scheme_load *load = compiler->syntax.load;
  struct scheme_symbols *symbols = compiler->syntax.symbols;
  const struct scheme_datum *list = scheme_read(load, symbols, text, text_bytes);
  compiler->is_bound_count = symbols->count;
  compiler->is_bound = scheme_load_allocate(load, symbols->count);
  if (!compiler->is_prelude) {
    find_bound(compiler, list);
  }
  for (; list->kind == SCHEME_DATUM_PAIR; list = list->pair.rest) {
    compile_top(compiler, list->pair.first);
  }
}

uint32_t scheme_symbol_of_primitive(enum scheme_primitive_number primitive) {
  return SCHEME_FORMS + (uint32_t)primitive;
}

static void intern_names(struct scheme_load *load, struct scheme_symbols *symbols) {
  static const char *const forms[] = {
#define SCHEME_FORM(identifier, name) name,
      SCHEME_CORE_FORMS(SCHEME_FORM) SCHEME_DERIVED_FORMS(SCHEME_FORM) SCHEME_WORDS(SCHEME_FORM)
#undef SCHEME_FORM
  };
  for (uint32_t form = 0; form < SCHEME_FORMS; form++) {
    scheme_symbol_intern(load, symbols, forms[form], (uint32_t)strlen(forms[form]));
  }
  for (uint32_t number = 0; number < SCHEME_PRIMITIVES; number++) {
    const char *name = scheme_primitives[number].name;
    scheme_symbol_intern(load, symbols, name, (uint32_t)strlen(name));
  }
}

void scheme_compile(struct scheme_load *load, struct scheme_program *program, const char *text,
                    size_t text_bytes) {
  struct compiler compiler = {
      .syntax = {load, &program->symbols}, .program = program, .is_prelude = true};
  static const struct scheme_datum first_constants[] = {
      [CONSTANT_UNSPECIFIED] = {.kind = SCHEME_DATUM_UNSPECIFIED},
      [CONSTANT_FALSE] = {.kind = SCHEME_DATUM_BOOLEAN, .integer = 0},
      [CONSTANT_TRUE] = {.kind = SCHEME_DATUM_BOOLEAN, .integer = 1},
      [CONSTANT_EMPTY] = {.kind = SCHEME_DATUM_EMPTY},
  };
  for (size_t place = 0; place < sizeof first_constants / sizeof *first_constants; place++) {
    add_constant(&compiler, &first_constants[place]);
  }
  intern_names(load, &program->symbols);
  program->run_symbol = scheme_symbol_intern(load, &program->symbols, "run", 3);
  emit(&compiler, 0, SCHEME_HALT, 0, 0);
  compile_text(&compiler, scheme_prelude, strlen(scheme_prelude));
  compiler.is_prelude = false;
  compile_text(&compiler, text, text_bytes);
  compile_unspecified(&compiler, 0, VALUE);
  emit(&compiler, 0, SCHEME_HALT, 0, 0);
}
