/* What the program says to people, and the exit statuses.
 *
 * Results go to stdout; sentences about them, progress and errors go to stderr. An error is one
 * sentence that starts with `tricolor: `, names what was wrong and, where a name was mistyped, the
 * nearest one. A function that answers an enum harness_status other than HARNESS_DONE has said why.
 */
#ifndef HARNESS_SAY_H
#define HARNESS_SAY_H

#include <gc/attributes.h>
#include <stddef.h>

enum harness_status {
  HARNESS_DONE = 0,         /* a trial that ran out of memory is a result */
  HARNESS_TRIAL_FAILED = 1, /* a trial crashed, hung or computed a wrong result */
  HARNESS_BAD_INPUT = 2,
  HARNESS_ENVIRONMENT = 3, /* missing package, no permission, full disk */
  HARNESS_GATE_FAILED = 4,
  HARNESS_INTERRUPTED = 130,
};

/* `tricolor: ` and the sentence on stderr. */
void say_error(const char *format, ...) GC_PRINTF(1, 2);

/* Errors from here on are about a place in a file: `tricolor: FILE:LINE:COLUMN: ` and the sentence;
 * null: about none again. `file` is borrowed. */
void say_from(const char *file, size_t line, size_t column);

/* A remark on stderr, as it stands. */
void say_note(const char *format, ...) GC_PRINTF(1, 2);

/* The same, and the status that goes with bad input or with the environment. */
enum harness_status say_bad_input(const char *format, ...) GC_PRINTF(1, 2);
enum harness_status say_environment(const char *format, ...) GC_PRINTF(1, 2);

/* `there is no WHAT 'WORD'` with the nearest of the names, and where to see all of them. */
enum harness_status say_unknown(const char *what, const char *word, const char *const *names,
                                size_t count, const char *see);

/* 1536 -> "1.5K", 4194304 -> "4M"; exact when that is short, else three digits. Static storage for
 * four texts. */
const char *say_size(unsigned long long bytes);

/* 75 s -> "1 min 15 s". Static storage for four texts. */
const char *say_seconds(double seconds);

#endif
