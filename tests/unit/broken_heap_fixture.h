/* What tests of the verifier share: a heap that is broken by hand in a child process must be
 * reported by the name of the invariant.
 *
 * Included once `struct subject`, which has a heap and a mutator, and make_subject are there:
 *
 *     static void grey_lost(const struct subject *subject) {...}
 *     BROKEN_HEAP_CASE(grey_lost, "snapshot-reachable")       defines test_grey_lost
 */
#ifndef TESTS_UNIT_BROKEN_HEAP_FIXTURE_H
#define TESTS_UNIT_BROKEN_HEAP_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void run_broken_child(void (*break_heap)(const struct subject *subject), int output) {
  dup2(output, STDERR_FILENO);
  struct subject subject = make_subject();
  break_heap(&subject);
  gc_collect(subject.mutator, GC_COLLECTION_MINOR);
  gc_collect(subject.mutator, GC_COLLECTION_FULL);
  _exit(0);
}

/* Null: the heap must be found in order. */
static void expect_broken(const char *invariant,
                          void (*break_heap)(const struct subject *subject)) {
  int ends[2];
  char text[8192] = "";
  size_t used = 0;
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    run_broken_child(break_heap, ends[1]);
  }
  close(ends[1]);
  for (ssize_t got;
       used < sizeof text - 1 && (got = read(ends[0], text + used, sizeof text - 1 - used)) > 0;) {
    used += (size_t)got;
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (invariant == NULL) {
    if (status != 0) {
      fail_msg("a heap in order was not found so: %s", text);
    }
  } else if (status == 0 || strstr(text, invariant) == NULL) {
    fail_msg("expected %s, status %d: %s", invariant, status, text);
  }
}

#define BROKEN_HEAP_CASE(function, invariant)                                                      \
  static void test_##function(void **state) {                                                      \
    (void)state;                                                                                   \
    expect_broken(invariant, function);                                                            \
  }

/* The control: nothing is broken. */
static void break_nothing(const struct subject *subject) {
  (void)subject;
}
BROKEN_HEAP_CASE(break_nothing, NULL)

#endif
