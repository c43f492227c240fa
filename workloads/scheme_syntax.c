/* The derived forms, rewritten as data.
 *
 * Variables that a rewriting introduces are symbols that no text can name, and the procedures that
 * it calls are primitives by number: so a program may bind any name.
 */
#include "workloads/scheme_syntax.h"

#include "workloads/scheme_program.h"

#include <stdarg.h>

void scheme_syntax_require(const struct scheme_syntax *syntax, const struct scheme_datum *form,
                           bool condition, const char *message) {
  if (!condition) {
    scheme_load_fail(syntax->load, form->line, "%s", message);
  }
}

bool scheme_is_symbol(const struct scheme_datum *datum, uint32_t number) {
  return datum->kind == SCHEME_DATUM_SYMBOL && datum->integer == number;
}

/* ---- building -------------------------------------------------------------------------------*/

static struct scheme_datum *make(const struct scheme_syntax *syntax, uint32_t line,
                                 enum scheme_datum_kind kind, int64_t number) {
  struct scheme_datum *datum = scheme_datum_create(syntax->load, kind, line);
  datum->integer = number;
  return datum;
}

static struct scheme_datum *word(const struct scheme_syntax *syntax, uint32_t line,
                                 enum scheme_form form) {
  return make(syntax, line, SCHEME_DATUM_SYMBOL, form);
}

static struct scheme_datum *fresh(const struct scheme_syntax *syntax, uint32_t line,
                                  const char *name) {
  return make(syntax, line, SCHEME_DATUM_SYMBOL,
              scheme_symbol_create(syntax->load, syntax->symbols, name));
}

static struct scheme_datum *pair(const struct scheme_syntax *syntax,
                                 const struct scheme_datum *first,
                                 const struct scheme_datum *rest) {
  return scheme_datum_pair(syntax->load, (struct scheme_datum *)first, (struct scheme_datum *)rest);
}

/* Of `count` data. */
static struct scheme_datum *list(const struct scheme_syntax *syntax, uint32_t line, unsigned count,
                                 ...) {
  struct scheme_datum *result = scheme_datum_create(syntax->load, SCHEME_DATUM_EMPTY, line);
  struct scheme_datum **last = &result;
  va_list items;
  va_start(items, count);
  for (unsigned place = 0; place < count; place++) {
    *last = pair(syntax, va_arg(items, const struct scheme_datum *), *last);
    last = &(*last)->pair.rest;
  }
  va_end(items);
  result->line = line;
  return result;
}

static const struct scheme_datum *second(const struct scheme_datum *form) {
  return form->pair.rest->pair.first;
}

static const struct scheme_datum *from_third(const struct scheme_datum *form) {
  return form->pair.rest->pair.rest;
}

/* ---- conditions -----------------------------------------------------------------------------*/

static const struct scheme_datum *rewrite_clause(const struct scheme_syntax *syntax,
                                                 const struct scheme_datum *clause,
                                                 const struct scheme_datum *others) {
  uint32_t line = clause->line;
  const struct scheme_datum *test = clause->pair.first, *body = clause->pair.rest;
  const struct scheme_datum *otherwise = pair(syntax, word(syntax, line, SCHEME_FORM_cond), others);
  if (scheme_is_symbol(test, SCHEME_FORM_else)) {
    scheme_syntax_require(syntax, clause, others->kind == SCHEME_DATUM_EMPTY,
                          "else is not the last clause");
    return pair(syntax, word(syntax, line, SCHEME_FORM_begin), body);
  }
  if (body->kind == SCHEME_DATUM_EMPTY) {
    return list(syntax, line, 3, word(syntax, line, SCHEME_FORM_or), test, otherwise);
  }
  if (!scheme_is_symbol(body->pair.first, SCHEME_FORM_arrow)) {
    return list(syntax, line, 4, word(syntax, line, SCHEME_FORM_if), test,
                pair(syntax, word(syntax, line, SCHEME_FORM_begin), body), otherwise);
  }
  scheme_syntax_require(syntax, clause, scheme_datum_length(body) == 2,
                        "one procedure is expected after =>");
  const struct scheme_datum *value = fresh(syntax, line, "value");
  return list(syntax, line, 3, word(syntax, line, SCHEME_FORM_let),
              list(syntax, line, 1, list(syntax, line, 2, value, test)),
              list(syntax, line, 4, word(syntax, line, SCHEME_FORM_if), value,
                   list(syntax, line, 2, second(body), value), otherwise));
}

static const struct scheme_datum *rewrite_cond(const struct scheme_syntax *syntax,
                                               const struct scheme_datum *form) {
  const struct scheme_datum *clauses = form->pair.rest;
  if (clauses->kind == SCHEME_DATUM_EMPTY) {
    return scheme_datum_create(syntax->load, SCHEME_DATUM_UNSPECIFIED, form->line);
  }
  scheme_syntax_require(syntax, form, scheme_datum_length(clauses->pair.first) >= 1,
                        "a clause of cond is (test expression ...)");
  return rewrite_clause(syntax, clauses->pair.first, clauses->pair.rest);
}

static const struct scheme_datum *rewrite_case(const struct scheme_syntax *syntax,
                                               const struct scheme_datum *form) {
  uint32_t line = form->line;
  scheme_syntax_require(syntax, form, scheme_datum_length(form) >= 2, "case has no key");
  const struct scheme_datum *key = fresh(syntax, line, "key");
  struct scheme_datum *clauses = scheme_datum_create(syntax->load, SCHEME_DATUM_EMPTY, line);
  struct scheme_datum **last = &clauses;
  for (const struct scheme_datum *rest = from_third(form); rest->kind == SCHEME_DATUM_PAIR;
       rest = rest->pair.rest) {
    const struct scheme_datum *clause = rest->pair.first;
    scheme_syntax_require(syntax, form, scheme_datum_length(clause) >= 2,
                          "a clause of case is ((datum ...) expression ...)");
    const struct scheme_datum *data = clause->pair.first;
    const struct scheme_datum *test = data;
    if (!scheme_is_symbol(data, SCHEME_FORM_else)) {
      test =
          list(syntax, line, 3, make(syntax, line, SCHEME_DATUM_PRIMITIVE, SCHEME_PRIMITIVE_memv),
               key, list(syntax, line, 2, word(syntax, line, SCHEME_FORM_quote), data));
    }
    *last = pair(syntax, pair(syntax, test, clause->pair.rest), *last);
    last = &(*last)->pair.rest;
  }
  return list(syntax, line, 3, word(syntax, line, SCHEME_FORM_let),
              list(syntax, line, 1, list(syntax, line, 2, key, second(form))),
              pair(syntax, word(syntax, line, SCHEME_FORM_cond), clauses));
}

static const struct scheme_datum *rewrite_when(const struct scheme_syntax *syntax,
                                               const struct scheme_datum *form) {
  uint32_t line = form->line;
  scheme_syntax_require(syntax, form, scheme_datum_length(form) >= 3,
                        "nothing to do when it holds");
  return list(syntax, line, 3, word(syntax, line, SCHEME_FORM_if), second(form),
              pair(syntax, word(syntax, line, SCHEME_FORM_begin), from_third(form)));
}

static const struct scheme_datum *rewrite_unless(const struct scheme_syntax *syntax,
                                                 const struct scheme_datum *form) {
  uint32_t line = form->line;
  scheme_syntax_require(syntax, form, scheme_datum_length(form) >= 3,
                        "nothing to do unless it holds");
  return list(syntax, line, 4, word(syntax, line, SCHEME_FORM_if), second(form),
              scheme_datum_create(syntax->load, SCHEME_DATUM_UNSPECIFIED, line),
              pair(syntax, word(syntax, line, SCHEME_FORM_begin), from_third(form)));
}

/* ---- variables ------------------------------------------------------------------------------*/

static void require_bindings(const struct scheme_syntax *syntax, const struct scheme_datum *form) {
  scheme_syntax_require(syntax, form,
                        scheme_datum_length(form) >= 3 && scheme_datum_length(second(form)) >= 0,
                        "this form is ((variable value) ...) and expressions");
}

static const struct scheme_datum *rewrite_let_star(const struct scheme_syntax *syntax,
                                                   const struct scheme_datum *form) {
  uint32_t line = form->line;
  require_bindings(syntax, form);
  const struct scheme_datum *bindings = second(form);
  const struct scheme_datum *let = word(syntax, line, SCHEME_FORM_let);
  if (scheme_datum_length(bindings) <= 1) {
    return pair(syntax, let, form->pair.rest);
  }
  return list(syntax, line, 3, let, list(syntax, line, 1, bindings->pair.first),
              pair(syntax, form->pair.first, pair(syntax, bindings->pair.rest, from_third(form))));
}

/* (let () (define variable value) ... (let () body ...)) */
static const struct scheme_datum *rewrite_letrec(const struct scheme_syntax *syntax,
                                                 const struct scheme_datum *form) {
  uint32_t line = form->line;
  require_bindings(syntax, form);
  const struct scheme_datum *let = word(syntax, line, SCHEME_FORM_let);
  const struct scheme_datum *none = list(syntax, line, 0);
  struct scheme_datum *body =
      list(syntax, line, 1, pair(syntax, let, pair(syntax, none, from_third(form))));
  struct scheme_datum *definitions = body, **last = &definitions;
  for (const struct scheme_datum *rest = second(form); rest->kind == SCHEME_DATUM_PAIR;
       rest = rest->pair.rest) {
    scheme_syntax_require(syntax, form, scheme_datum_length(rest->pair.first) == 2,
                          "a binding is (variable value)");
    *last =
        pair(syntax, pair(syntax, word(syntax, line, SCHEME_FORM_define), rest->pair.first), body);
    last = &(*last)->pair.rest;
  }
  return pair(syntax, let, pair(syntax, none, definitions));
}

/* The places-th element of each binding, from 0. */
static struct scheme_datum *column(const struct scheme_syntax *syntax,
                                   const struct scheme_datum *form,
                                   const struct scheme_datum *bindings, unsigned place) {
  struct scheme_datum *items = scheme_datum_create(syntax->load, SCHEME_DATUM_EMPTY, form->line);
  struct scheme_datum **last = &items;
  for (; bindings->kind == SCHEME_DATUM_PAIR; bindings = bindings->pair.rest) {
    const struct scheme_datum *binding = bindings->pair.first;
    int64_t length = scheme_datum_length(binding);
    scheme_syntax_require(syntax, form, length == 2 || length == 3,
                          "a binding is (variable value), in do also (variable value step)");
    /* Without a step the variable stays what it is. */
    for (unsigned step = place == 2 && length == 2 ? 0 : place; step > 0; step--) {
      binding = binding->pair.rest;
    }
    *last = pair(syntax, binding->pair.first, *last);
    last = &(*last)->pair.rest;
  }
  return items;
}

/* ((let () (define name (lambda variables body ...)) name) values ...) */
static const struct scheme_datum *loop(const struct scheme_syntax *syntax,
                                       const struct scheme_datum *form,
                                       const struct scheme_datum *name,
                                       const struct scheme_datum *bindings,
                                       const struct scheme_datum *body) {
  uint32_t line = form->line;
  const struct scheme_datum *procedure =
      pair(syntax, word(syntax, line, SCHEME_FORM_lambda),
           pair(syntax, column(syntax, form, bindings, 0), body));
  const struct scheme_datum *define =
      list(syntax, line, 3, word(syntax, line, SCHEME_FORM_define), name, procedure);
  return pair(syntax,
              list(syntax, line, 4, word(syntax, line, SCHEME_FORM_let), list(syntax, line, 0),
                   define, name),
              column(syntax, form, bindings, 1));
}

const struct scheme_datum *scheme_syntax_named_let(const struct scheme_syntax *syntax,
                                                   const struct scheme_datum *form) {
  const struct scheme_datum *rest = from_third(form);
  scheme_syntax_require(
      syntax, form, scheme_datum_length(form) >= 4 && scheme_datum_length(rest->pair.first) >= 0,
      "a loop is (let name ((variable value) ...) expression ...)");
  return loop(syntax, form, second(form), rest->pair.first, rest->pair.rest);
}

/* (let loop ((variable value) ...) (if test (begin result ...) (begin body ... (loop step ...)))) */
static const struct scheme_datum *rewrite_do(const struct scheme_syntax *syntax,
                                             const struct scheme_datum *form) {
  uint32_t line = form->line;
  require_bindings(syntax, form);
  const struct scheme_datum *end = from_third(form)->pair.first;
  scheme_syntax_require(syntax, form, scheme_datum_length(end) >= 1,
                        "the end of do is (test expression ...)");
  const struct scheme_datum *name = fresh(syntax, line, "do loop");
  const struct scheme_datum *again = pair(syntax, name, column(syntax, form, second(form), 2));
  struct scheme_datum *body = list(syntax, line, 1, word(syntax, line, SCHEME_FORM_begin));
  struct scheme_datum **last = &body->pair.rest;
  for (const struct scheme_datum *rest = from_third(form)->pair.rest;
       rest->kind == SCHEME_DATUM_PAIR; rest = rest->pair.rest) {
    *last = pair(syntax, rest->pair.first, *last);
    last = &(*last)->pair.rest;
  }
  *last = pair(syntax, again, *last);
  const struct scheme_datum *results =
      end->pair.rest->kind == SCHEME_DATUM_EMPTY
          ? scheme_datum_create(syntax->load, SCHEME_DATUM_UNSPECIFIED, line)
          : pair(syntax, word(syntax, line, SCHEME_FORM_begin), end->pair.rest);
  const struct scheme_datum *choice =
      list(syntax, line, 4, word(syntax, line, SCHEME_FORM_if), end->pair.first, results, body);
  return loop(syntax, form, name, second(form), list(syntax, line, 1, choice));
}

/* ---- quasiquote -----------------------------------------------------------------------------*/

static const struct scheme_datum *quasi(const struct scheme_syntax *syntax,
                                        const struct scheme_datum *template, unsigned level,
                                        unsigned nesting);

static const struct scheme_datum *call(const struct scheme_syntax *syntax, uint32_t line,
                                       enum scheme_primitive_number primitive,
                                       const struct scheme_datum *left,
                                       const struct scheme_datum *right) {
  return list(syntax, line, 3, make(syntax, line, SCHEME_DATUM_PRIMITIVE, primitive), left, right);
}

static const struct scheme_datum *quoted(const struct scheme_syntax *syntax,
                                         const struct scheme_datum *datum) {
  return list(syntax, datum->line, 2, word(syntax, datum->line, SCHEME_FORM_quote), datum);
}

static bool is_form(const struct scheme_datum *datum, enum scheme_form form) {
  return datum->kind == SCHEME_DATUM_PAIR && scheme_is_symbol(datum->pair.first, form) &&
         scheme_datum_length(datum) == 2;
}

static const struct scheme_datum *quasi_pair(const struct scheme_syntax *syntax,
                                             const struct scheme_datum *template, unsigned level,
                                             unsigned nesting) {
  uint32_t line = template->line;
  const struct scheme_datum *first = template->pair.first, *rest = template->pair.rest;
  if (is_form(template, SCHEME_FORM_unquote) && level == 1) {
    return second(template);
  }
  if (is_form(first, SCHEME_FORM_unquote_splicing) && level == 1) {
    return call(syntax, line, SCHEME_PRIMITIVE_append, second(first),
                quasi(syntax, rest, level, nesting));
  }
  unsigned inner =
      level + is_form(template, SCHEME_FORM_quasiquote) -
      (is_form(template, SCHEME_FORM_unquote) || is_form(template, SCHEME_FORM_unquote_splicing));
  return call(syntax, line, SCHEME_PRIMITIVE_cons, quasi(syntax, first, level, nesting),
              quasi(syntax, rest, inner, nesting));
}

static const struct scheme_datum *quasi(const struct scheme_syntax *syntax,
                                        const struct scheme_datum *template, unsigned level,
                                        unsigned nesting) {
  scheme_syntax_require(syntax, template, nesting < 2 * SCHEME_NESTING_MAX,
                        "this template is too long");
  if (template->kind == SCHEME_DATUM_PAIR) {
    return quasi_pair(syntax, template, level, nesting + 1);
  }
  if (template->kind == SCHEME_DATUM_VECTOR) {
    return list(
        syntax, template->line, 2,
        make(syntax, template->line, SCHEME_DATUM_PRIMITIVE, SCHEME_PRIMITIVE_list_to_vector),
        quasi(syntax, template->items, level, nesting + 1));
  }
  return quoted(syntax, template);
}

static const struct scheme_datum *rewrite_quasiquote(const struct scheme_syntax *syntax,
                                                     const struct scheme_datum *form) {
  scheme_syntax_require(syntax, form, scheme_datum_length(form) == 2, "quasiquote takes one datum");
  return quasi(syntax, second(form), 1, 0);
}

/* ---- the table ------------------------------------------------------------------------------*/

#define rewrite_letrec_star rewrite_letrec

const struct scheme_datum *scheme_syntax_rewrite(const struct scheme_syntax *syntax,
                                                 enum scheme_form number,
                                                 const struct scheme_datum *form) {
  static const struct scheme_datum *(*const rewrites[])(const struct scheme_syntax *,
                                                        const struct scheme_datum *) = {
#define SCHEME_FORM(identifier, name) rewrite_##identifier,
      SCHEME_DERIVED_FORMS(SCHEME_FORM)
#undef SCHEME_FORM
  };
  return rewrites[number - SCHEME_DERIVED_FIRST](syntax, form);
}
