/* Special forms: their numbers, and the rewriting of those that follow from others.
 *
 * The symbols of a program begin with the names of the forms in this order, so that a form is known
 * by its symbol's number, and go on with the names of the primitives.
 */
#ifndef WORKLOADS_SCHEME_SYNTAX_H
#define WORKLOADS_SCHEME_SYNTAX_H

#include "workloads/scheme_reader.h"

/* SCHEME_FORM(identifier, name); the core forms first, then those that are rewritten, then words
 * that stand inside forms. */
#define SCHEME_CORE_FORMS(SCHEME_FORM)                                                             \
  SCHEME_FORM(quote, "quote")                                                                      \
  SCHEME_FORM(if, "if")                                                                            \
  SCHEME_FORM(define, "define")                                                                    \
  SCHEME_FORM(set, "set!")                                                                         \
  SCHEME_FORM(lambda, "lambda")                                                                    \
  SCHEME_FORM(begin, "begin")                                                                      \
  SCHEME_FORM(let, "let")                                                                          \
  SCHEME_FORM(and, "and")                                                                          \
  SCHEME_FORM(or, "or")
#define SCHEME_DERIVED_FORMS(SCHEME_FORM)                                                          \
  SCHEME_FORM(cond, "cond")                                                                        \
  SCHEME_FORM(case, "case")                                                                        \
  SCHEME_FORM(when, "when")                                                                        \
  SCHEME_FORM(unless, "unless")                                                                    \
  SCHEME_FORM(let_star, "let*")                                                                    \
  SCHEME_FORM(letrec, "letrec")                                                                    \
  SCHEME_FORM(letrec_star, "letrec*")                                                              \
  SCHEME_FORM(do, "do")                                                                            \
  SCHEME_FORM(quasiquote, "quasiquote")
#define SCHEME_WORDS(SCHEME_FORM)                                                                  \
  SCHEME_FORM(else, "else")                                                                        \
  SCHEME_FORM(arrow, "=>")                                                                         \
  SCHEME_FORM(unquote, "unquote")                                                                  \
  SCHEME_FORM(unquote_splicing, "unquote-splicing")

enum scheme_form {
#define SCHEME_FORM(identifier, name) SCHEME_FORM_##identifier,
  SCHEME_CORE_FORMS(SCHEME_FORM) SCHEME_DERIVED_FORMS(SCHEME_FORM) SCHEME_WORDS(SCHEME_FORM)
#undef SCHEME_FORM
      SCHEME_FORMS,
  SCHEME_DERIVED_FIRST = SCHEME_FORM_cond,
  SCHEME_WORDS_FIRST = SCHEME_FORM_else,
};

struct scheme_syntax {
  struct scheme_load *load;
  struct scheme_symbols *symbols;
};

/* Fails with the form's line unless the condition holds. */
void scheme_syntax_require(const struct scheme_syntax *syntax, const struct scheme_datum *form,
                           bool condition, const char *message);

bool scheme_is_symbol(const struct scheme_datum *datum, uint32_t number);

/* The form in terms of core forms, other derived ones, and primitives whatever the program calls
 * their names. number: SCHEME_DERIVED_FIRST to SCHEME_WORDS_FIRST - 1. */
const struct scheme_datum *scheme_syntax_rewrite(const struct scheme_syntax *syntax,
                                                 enum scheme_form number,
                                                 const struct scheme_datum *form);
/* (let name ((variable value) ...) body ...) */
const struct scheme_datum *scheme_syntax_named_let(const struct scheme_syntax *syntax,
                                                   const struct scheme_datum *form);

#endif
