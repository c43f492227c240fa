/* Tests of the Scheme machine: what expressions are, under options that move every object at every
 * chance; mistakes that show while a program runs, each with its line; recursion without end, memory
 * without end; and every program of the tree with every answer that it announces for small sizes.
 *
 * Presets: release asan ubsan
 */
#include "tests/unit/workload_fixture.h"

#include "workloads/scheme_ops.c"

extern const struct workload workload_scheme;

struct outcome {
  enum workload_status status;
  char note[256];
};

/* Runs the text, of which (run 0) is called once. */
static struct outcome outcome_of(const char *text, bool is_stressed) {
  static const uint64_t values[SCHEME_WORKLOAD_PARAMETERS] = {
      [SCHEME_WORKLOAD_SIZE] = 0, [SCHEME_WORKLOAD_REPETITIONS] = 1};
  struct workload_fixture fixture;
  char error[256] = "";
  int status;
  struct scheme_program *program =
      scheme_program_create("p.scm", text, strlen(text), &status, error, sizeof error);
  if (program == NULL) {
    fail_msg("%s: %s", text, error);
  }
  if (is_stressed) {
    fixture_open(&fixture, &workload_scheme, values);
  } else {
    struct gc_options options = gc_options_default();
    options.heap_bytes = 64u << 20;
    options.pretouch = false;
    fixture = (struct workload_fixture){.input = {.workload = &workload_scheme, .seed = 1}};
    memcpy(fixture.input.integers, values, sizeof values);
    options.barrier = GC_BARRIER_NAME;
    assert_int_equal(gc_heap_open(&options, &fixture.heap, error, sizeof error), 0);
    struct gc_mutator *mutator = gc_attach(fixture.heap, error, sizeof error);
    fixture.run = (struct workload_run){.input = &fixture.input, .mutator = mutator, .seed = 1};
  }
  fixture.input.data = program;
  struct outcome outcome = {.status = ops_under_test.run(&fixture.run)};
  memcpy(outcome.note, fixture.run.note, sizeof outcome.note);
  fixture_close(&fixture);
  scheme_program_destroy(program);
  return outcome;
}

static void test_expressions_have_their_values(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"(list 1 -2 #t #f '() 'a \"b\\\"\" #\\c (vector 1 2) '(1 . 2))",
       "(1 -2 #t #f () a \"b\\\"\" #\\c #(1 2) (1 . 2))"},
      {"(list (+) (+ 1 2 3) (- 5) (- 5 1 1) (* 2 3) (quotient -7 2) (remainder -7 2) (modulo -7 "
       "2))",
       "(0 6 -5 3 6 -3 -1 1)"},
      {"(list (* 1000000 1000000) (- (* 1000000 1000000) 999999999999) (modulo 7 -2))",
       "(1000000000000 1 -1)"},
      {"(list (< 1 2 3) (< 1 3 2) (= 2 2) (>= 3 3 1) (zero? 0) (even? 5) (odd? -5))",
       "(#t #f #t #t #t #f #t)"},
      {"(list (eq? 'a 'a) (eqv? 100000 100000) (equal? '(1 #(2 \"x\")) (list 1 (vector 2 \"x\")))"
       " (equal? '(1 2) '(1 3)))",
       "(#t #t #t #f)"},
      {"(list (memq 'c '(a b c d)) (member \"b\" '(\"a\" \"b\")) (assv 200000 '((1 2) (200000 3)))"
       " (assoc '(1) '(((1) 2))) (assq 'x '()))",
       "((c d) (\"b\") (200000 3) ((1) 2) #f)"},
      {"(list (append '(1 2) '(3) '() '(4 . 5)) (append) (reverse '(1 2 3)) (length '(1 2)))",
       "((1 2 3 4 . 5) () (3 2 1) 2)"},
      {"(list (list? '(1 2)) (list? '(1 . 2)) (let ((ring (list 1 2 3)))"
       " (set-cdr! (cddr ring) ring) (list? ring)))",
       "(#t #f #f)"},
      {"(let loop ((i 0) (all '())) (if (= i 5) all (loop (+ i 1) (cons i all))))", "(4 3 2 1 0)"},
      {"(do ((i 0 (+ i 1)) (kept 7) (sum 0 (+ sum i))) ((= i 4) (list kept sum)))", "(7 6)"},
      {"(letrec ((even (lambda (n) (or (= n 0) (odd (- n 1)))))"
       " (odd (lambda (n) (and (> n 0) (even (- n 1)))))) (even 1001))",
       "#f"},
      {"(let* ((a 1) (b (+ a 1))) (define c (* b 2)) (define (d) (+ a b c)) (d))", "7"},
      {"(case (* 2 3) ((1 2) 'low) ((6 7) 'high) (else 'none))", "high"},
      {"(cond ((assv 2 '((1 a) (2 b))) => cadr) (else 'none))", "b"},
      {"(list (and) (or) (and 1 2) (or #f 3) (when #f 1) (unless #f 1 2))",
       "(#t #f 2 3 #<unspecified value> 2)"},
      {"`(1 ,(+ 1 1) ,@(list 3 4) #(a ,(* 5 1)) `(x ,(y ,(+ 1 2))) . end)",
       "(1 2 3 4 #(a 5) (quasiquote (x (unquote (y 3)))) . end)"},
      {"(apply + 1 2 '(3 4))", "10"},
      {"(apply max '(3 9 4))", "9"},
      {"(apply apply (list + (list 1 2)))", "3"},
      {"((lambda (a . rest) (list a rest)) 1 2 3)", "(1 (2 3))"},
      {"((lambda rest rest))", "()"},
      {"(map (lambda (a b) (+ a b)) '(1 2 3) '(10 20 30))", "(11 22 33)"},
      {"(let ((counters (map (lambda (n) (lambda () (set! n (+ n 1)) n)) '(10 20))))"
       " ((car counters)) (list ((car counters)) ((cadr counters))))",
       "(12 21)"},
      {"(let ((v (make-vector 3 'x))) (vector-set! v 1 'y) (list v (vector->list v)"
       " (list->vector '(1)) (vector-length v)))",
       "(#(x y x) (x y x) #(1) 3)"},
      {"(let ((s (make-string 3 #\\a))) (string-set! s 1 #\\z) (list s (string-append s \"!\" \"\")"
       " (substring \"hello\" 1 3) (string-length s) (string<? \"ab\" \"abc\")"
       " (string=? \"a\" \"b\")))",
       "(\"aza\" \"aza!\" \"el\" 3 #t #f)"},
      {"(list (number->string -120) (string->number \"-120\") (string->number \"1x\")"
       " (string->symbol \"new name\") (symbol->string 'abc) (eq? (string->symbol \"q\") 'q))",
       "(\"-120\" -120 #f new name \"abc\" #t)"},
      {"(list (string->list \"ab\") (list->string '(#\\x #\\y)) (char->integer #\\A)"
       " (integer->char 98) (char-upcase #\\b) (char<? #\\a #\\b))",
       "((#\\a #\\b) \"xy\" 65 #\\b #\\B #t)"},
      {"(let loop ((n 100000)) (if (> n 0) (loop (- n 1)) 'done))", "done"},
      {"(list car (lambda (x) x))", "(#<primitive> #<closure>)"},
      {"(let ((list vector) (if +)) (list (if 1 2)))", "#(3)"},
  };
  for (size_t place = 0; place < sizeof cases / sizeof *cases; place++) {
    char text[1024];
    snprintf(text, sizeof text, "(define (run size) %s)", cases[place][0]);
    struct outcome outcome = outcome_of(text, true);
    if (outcome.status != WORKLOAD_DONE || strcmp(outcome.note, cases[place][1]) != 0) {
      fail_msg("%s is '%s', not '%s'", cases[place][0], outcome.note, cases[place][1]);
    }
  }
}

static void test_names_may_be_defined_anew(void **state) {
  (void)state;
  struct outcome outcome = outcome_of("(define (car x) 'mine)\n(define old map)\n"
                                      "(define (run n) (list (car '(1)) `(1 ,n) (old cdr '((1)))"
                                      " (case n ((0) 'zero))))\n"
                                      "(define (cons a b) 'never)\n(define (memv a b) #f)",
                                      true);
  assert_string_equal(outcome.note, "(mine (1 0) (()) zero)");
}

static void test_mistakes_are_errors_with_their_line(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"(define (run n)\n (car n))", "p.scm:2: car: 0 is no pair"},
      {"(define (run n)\n\n (+ 1 'a))", "p.scm:3: +: a is no integer"},
      {"(define (run n) (nowhere n))", "p.scm:1: the variable nowhere is unbound"},
      {"(define (run n) (set! nowhere n))", "p.scm:1: the variable nowhere is unbound"},
      {"(define (walk n) 1)", "the variable run is unbound"},
      {"(define run 5)", "a call: 5 is no procedure"},
      {"(define (run) 1)", "run: 1 arguments are not what it takes"},
      {"(define (f a b) a)\n(define (run n) (f 1))",
       "p.scm:2: f: 1 arguments are not what it takes"},
      {"(define (f a . b) a)\n(define (run n) (f))", "f: 0 arguments are not what it takes"},
      {"(define (run n) ((lambda () 1) 2))", "a procedure without a name: 1 arguments are not"},
      {"(define (run n) (cons 1))", "cons: 1 arguments are not what it takes"},
      {"(define (run n) (\"text\" 1))", "a call: \"text\" is no procedure"},
      {"(define (run n) (define a b) (define b 1) a)", "a variable is used before its definition"},
      {"(define (run n) (vector-ref (vector 1 2) 2))", "vector-ref: 2 is not from 0 to 1"},
      {"(define (run n) (vector-ref (vector 1 2) -1))", "vector-ref: -1 is not from 0 to 1"},
      {"(define (run n) (make-vector -1))", "make-vector: -1 is not from 0"},
      {"(define (run n) (make-string -1))", "make-string: -1 is not from 0"},
      {"(define (run n) (string-ref \"abc\" 3))", "string-ref: 3 is not from 0 to 2"},
      {"(define (run n) (substring \"abc\" 2 1))", "substring: 2 is not from 0 to 1"},
      {"(define (run n) (integer->char 256))", "integer->char: 256 is not from 0 to 255"},
      {"(define (run n) (quotient 1 n))", "quotient: division by zero"},
      {"(define (run n) (quotient (- -9223372036854775807 1) -1))",
       "quotient: the result does not fit"},
      {"(define (run n) (* 9223372036854775807 2))", "*: the result does not fit into 64 bits"},
      {"(define (run n) (length '(1 . 2)))", "length: (1 . 2) is no list"},
      {"(define (run n) (append '(1 . 2) '(3)))", "append: (1 . 2) is no list"},
      {"(define (run n) (assq 'a '(1)))", "assq: 1 is no pair"},
      {"(define (run n) (apply + 1))", "apply: 1 is no list of arguments"},
      {"(define (run n)\n(list (map car '(1))))", "p.scm:2: car: 1 is no pair"},
      {"(define (run n) (error \"it broke:\" '(a b) n))", "p.scm:1: it broke: (a b) 0"},
      {"(define (f n) (+ 1 (f n)))\n(define (run n) (f n))",
       "p.scm:1: the recursion is deeper than 1048576 calls"},
      {";= size 0 answer 5 allocates 1\n(define (run n) 6)",
       "the answer is 6 where the program announces 5"},
  };
  for (size_t place = 0; place < sizeof cases / sizeof *cases; place++) {
    bool is_deep = strstr(cases[place][1], "deeper") != NULL;
    struct outcome outcome = outcome_of(cases[place][0], !is_deep);
    if (outcome.status != WORKLOAD_WRONG || strstr(outcome.note, cases[place][1]) == NULL) {
      fail_msg("%s gives '%s', not '%s'", cases[place][0], outcome.note, cases[place][1]);
    }
  }
}

static void test_memory_without_end_is_a_result(void **state) {
  (void)state;
  static const char *const texts[] = {
      "(define (run n) (let loop ((all '())) (loop (cons 1 all))))",
      "(define (run n) (let loop ((all \"a\")) (loop (string-append all all))))",
      "(define (run n) (make-vector 9000000000000000))",
      "(define (run n) (make-string 9000000000000000000))",
  };
  for (size_t place = 0; place < sizeof texts / sizeof *texts; place++) {
    assert_int_equal(outcome_of(texts[place], false).status, WORKLOAD_OUT_OF_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_expressions_have_their_values),
      cmocka_unit_test(test_names_may_be_defined_anew),
      cmocka_unit_test(test_mistakes_are_errors_with_their_line),
      cmocka_unit_test(test_memory_without_end_is_a_result),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
