/* Tests of the Scheme reader and compiler: every mistake in a text is refused with its line and a
 * sentence, no change of a byte does more harm than that, and the programs of the tree compile.
 *
 * Presets: release debug asan ubsan
 */
#include "workloads/scheme_program.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The error, or "" where the text compiles. */
static const char *error_of(const char *text, size_t text_bytes) {
  static char error[512];
  int status = 1;
  error[0] = '\0';
  struct scheme_program *program =
      scheme_program_create("p.scm", text, text_bytes, &status, error, sizeof error);
  assert_true(program != NULL ? status == 0 && error[0] == '\0'
                              : status == -EINVAL && error[0] != '\0');
  scheme_program_destroy(program);
  return error;
}

static void test_mistakes_are_refused_with_their_line(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"(define a\n", "p.scm:1: the list that begins here has no end"},
      {"\n\n)", "p.scm:3: a ) too many"},
      {"\n\"abc", "p.scm:2: the string that begins here has no end"},
      {"#|\n#| |#\n", "p.scm:1: the comment that begins here has no end"},
      {"'", "p.scm:1: the text ends where a datum is expected"},
      {"(1 . 2 3)", "p.scm:1: a dot is misplaced in the list that begins here"},
      {"( . 2)", "p.scm:1: a dot is misplaced in the list that begins here"},
      {"#(1 . 2)", "p.scm:1: a vector cannot have a dot"},
      {"\"\\q\"", "p.scm:1: a string holds an unknown escape \\q"},
      {"#\\spoce", "p.scm:1: there is no character called 'spoce'"},
      {"#x10", "p.scm:1: '#x10' is not understood"},
      {"1.5", "p.scm:1: '1.5' is no integer, and there are no other numbers"},
      {"9223372036854775808", "the integer 9223372036854775808 does not fit into 64 bits"},
      {"(if)", "p.scm:1: if takes a test and one expression or two"},
      {"1\n(if 1 2 3 4)", "p.scm:2: if takes a test and one expression or two"},
      {"(quote)", "quote takes one datum"},
      {"(lambda (a a) 1)", "a variable is named twice"},
      {"(lambda (1) 1)", "a variable is expected here"},
      {"(lambda (a))", "a procedure is (lambda (variable ...) expression ...)"},
      {"(define)", "a definition is (define name value)"},
      {"(define 5 6)", "a definition is (define name value)"},
      {"(define a 1 2)", "a definition is (define name value)"},
      {"(define if 1)", "the name of a form cannot be defined"},
      {"(+ 1 (define a 2))", "a definition stands at the top or in a body"},
      {"(lambda () (if 1 (begin (define a 2) a)))", "a definition stands at the top or in a body"},
      {"(lambda (a) (define b 1))", "an expression is expected after the definitions"},
      {"(set! 5 6)", "an assignment is (set! variable value)"},
      {"(let ((a)) a)", "a binding is (variable value)"},
      {"(let a b c)", "a loop is (let name ((variable value) ...) expression ...)"},
      {"(let* 5 6)", "this form is ((variable value) ...) and expressions"},
      {"(cond (else 1) (2 3))", "else is not the last clause"},
      {"(cond 5)", "a clause of cond is (test expression ...)"},
      {"(cond (1 =>))", "one procedure is expected after =>"},
      {"(case)", "case has no key"},
      {"(case 1 (2))", "a clause of case is ((datum ...) expression ...)"},
      {"(do ((i 0)) ())", "the end of do is (test expression ...)"},
      {"(else 1)", "a word of another form stands here alone"},
      {"if", "the name of a form is no variable"},
      {"(display . 5)", "a call cannot have a dot"},
      {"()", "() is no expression: write '()"},
      {"(begin)", "at least one expression is expected"},
      {";= size 3\n1", "p.scm:1: what is expected is written"},
  };
  for (size_t place = 0; place < sizeof cases / sizeof *cases; place++) {
    const char *error = error_of(cases[place][0], strlen(cases[place][0]));
    if (strstr(error, cases[place][1]) == NULL) {
      fail_msg("'%s' gives '%s', not '%s'", cases[place][0], error, cases[place][1]);
    }
  }
}

/* Nesting is bounded wherever something is read or compiled by recursion. */
static void test_nesting_is_bounded(void **state) {
  (void)state;
  static const char *const patterns[] = {"(", "'",    "#(",           "#;",
                                         "`", "(if ", "(cond (1 2) ", "(lambda () "};
  enum { TIMES = 100000, LONGEST = 16 };
  char *text = malloc((size_t)TIMES * LONGEST + 1);
  assert_non_null(text);
  for (size_t pattern = 0; pattern < sizeof patterns / sizeof *patterns; pattern++) {
    size_t length = strlen(patterns[pattern]), used = 0;
    for (unsigned time = 0; time < TIMES; time++, used += length) {
      memcpy(text + used, patterns[pattern], length);
    }
    assert_non_null(strstr(error_of(text, used), "levels of nesting"));
  }
  /* Long, not nested: clauses are rewritten one inside the other. */
  size_t used = (size_t)sprintf(text, "(cond ");
  for (unsigned time = 0; time < 50000; time++) {
    used += (size_t)sprintf(text + used, "(1 2) ");
  }
  used += (size_t)sprintf(text + used, ")");
  assert_non_null(strstr(error_of(text, used), "nested too deeply"));
  used = (size_t)sprintf(text, "`(");
  for (unsigned time = 0; time < 50000; time++) {
    used += (size_t)sprintf(text + used, "1 ");
  }
  used += (size_t)sprintf(text + used, ")");
  assert_non_null(strstr(error_of(text, used), "this template is too long"));
  free(text);
}

static const char sample[] =
    ";= size 1 answer (1 #t) allocates 5\n"
    "(define (f a . b) (let* ((c a) (d '(1 #\\a \"s\\n\" #(x)))) `(,c ,@d . ,b)))\n"
    "(define (run n) (do ((i 0 (+ i 1))) ((= i n) (cond ((f i) => car) (else #f)))\n"
    "  (case i ((1 2) 'a) (else (when (and i (or n #t)) (set! n n) #| c |# #;(d) -5)))))\n";

/* Every prefix, and every change of one byte to any of a few, is accepted or refused. */
static void test_no_byte_does_harm(void **state) {
  (void)state;
  static const char bytes[] = "()'`,;#\"\\|.a1- \n\0";
  size_t length = sizeof sample - 1;
  assert_string_equal(error_of(sample, length), "");
  char text[sizeof sample];
  for (size_t place = 0; place < length; place++) {
    error_of(sample, place);
    memcpy(text, sample, sizeof sample);
    for (size_t byte = 0; byte < sizeof bytes; byte++) {
      text[place] = bytes[byte];
      error_of(text, length);
    }
  }
}

static void test_files_are_refused_with_a_sentence(void **state) {
  (void)state;
  char error[256];
  int status;
  assert_null(scheme_program_open("/nonexistent.scm", &status, error, sizeof error));
  assert_int_equal(status, -ENOENT);
  assert_non_null(strstr(error, "cannot open '/nonexistent.scm'"));
  assert_null(scheme_program_open("/", &status, error, sizeof error));
  assert_int_equal(status, -EINVAL);
  assert_non_null(strstr(error, "is no file"));
}

static void test_announced_results_are_read(void **state) {
  (void)state;
  char error[256];
  int status;
  struct scheme_program *program =
      scheme_program_create("p.scm", sample, sizeof sample - 1, &status, error, sizeof error);
  assert_non_null(program);
  const struct scheme_expectation *expectation = scheme_program_expects(program, 1);
  assert_non_null(expectation);
  assert_string_equal(expectation->answer, "(1 #t)");
  assert_int_equal(expectation->allocation_bytes, 5);
  assert_null(scheme_program_expects(program, 2));
  scheme_program_destroy(program);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mistakes_are_refused_with_their_line),
      cmocka_unit_test(test_nesting_is_bounded),
      cmocka_unit_test(test_no_byte_does_harm),
      cmocka_unit_test(test_files_are_refused_with_a_sentence),
      cmocka_unit_test(test_announced_results_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
