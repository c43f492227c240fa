/* scheme: a Scheme interpreter, whose environments, closures, pairs, numbers and strings are the
 * heap's: the workload whose lifetimes nobody chose.
 *
 * A program defines a procedure `run` of one argument, the size; the workload calls it, and what it
 * returns is written as text and compared with what the program's own comments announce. The text
 * is read and compiled here, before any trial; a program with a mistake is refused with its line.
 */
#include "workloads/scheme.h"

#include "workloads/volume.h"

#include <errno.h>
#include <stdio.h>

/* Of one repetition of a program that does not announce what it allocates. */
#define UNANNOUNCED_BYTES (UINT64_C(1) << 30)

static const struct workload_parameter parameters[SCHEME_WORKLOAD_PARAMETERS] = {
    [SCHEME_WORKLOAD_PROGRAM] = {"program", WORKLOAD_FILE, "", "workloads/scheme/rewrite.scm", NULL,
                                 0, 0, "Scheme text that defines (run size)"},
    [SCHEME_WORKLOAD_SIZE] = {"size", WORKLOAD_INTEGER, "", "5", "2", 0, UINT64_C(1) << 40,
                              "the argument of run; those of which a program announces the answer "
                              "are compared with it"},
    [SCHEME_WORKLOAD_REPETITIONS] = {"repetitions", WORKLOAD_INTEGER, "repetitions", "2", "1", 1,
                                     UINT64_C(1) << 20, "calls of run while time is taken"},
};

static int prepare(struct workload_input *input, char *error, size_t error_size) {
  int status;
  input->data =
      scheme_program_open(input->texts[SCHEME_WORKLOAD_PROGRAM], &status, error, error_size);
  return status;
}

static void finish(struct workload_input *input) {
  scheme_program_destroy(input->data);
  input->data = NULL;
}

/* What is announced holds the loading of the program, which happens once. */
static uint64_t allocation_bytes(const struct workload_input *input) {
  const struct scheme_expectation *expectation =
      scheme_program_expects(input->data, input->integers[SCHEME_WORKLOAD_SIZE]);
  uint64_t call_bytes = expectation == NULL ? UNANNOUNCED_BYTES : expectation->allocation_bytes;
  return call_bytes * input->integers[SCHEME_WORKLOAD_REPETITIONS] + VOLUME_LAST_BUFFER_BYTES;
}

const struct workload workload_scheme = {
    .name = "scheme",
    .summary =
        "a Scheme interpreter on programs of symbols, lists, closures and strings: lifetimes "
        "that nobody chose",
    .operation = "repetition",
    .is_on_request = true,
    .parameters = parameters,
    .parameter_count = SCHEME_WORKLOAD_PARAMETERS,
    .prepare = prepare,
    .finish = finish,
    .allocation_bytes = allocation_bytes,
};
