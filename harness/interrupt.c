/* Ctrl-C and SIGTERM.
 *
 * Concurrency: handlers call only what is safe in them (write, _exit). The sentence is written
 * before the handler that prints it is installed.
 */
#include "harness/interrupt.h"
#include "harness/say.h"
#include <gc/atomics.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int requested; /* atomic, relaxed: the one thread that reads it also runs the handler */
static char last_sentence[1024];
static size_t last_sentence_length;

static void notice(int signal_number) {
  (void)signal_number;
  gc_atomic_store_relaxed(&requested, 1);
}

static void end(int signal_number) {
  (void)signal_number;
  if (write(STDERR_FILENO, last_sentence, last_sentence_length) < 0) {
    _exit(HARNESS_INTERRUPTED);
  }
  _exit(HARNESS_INTERRUPTED);
}

static void install(void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

void interrupt_catch(void) {
  install(notice, (int)SA_RESETHAND);
}

bool interrupt_requested(void) {
  return gc_atomic_load_relaxed(&requested) != 0;
}

void interrupt_end_with(const char *sentence) {
  int length = snprintf(last_sentence, sizeof last_sentence, "\n%s\n", sentence);
  last_sentence_length = length < 0                              ? 0
                         : (size_t)length < sizeof last_sentence ? (size_t)length
                                                                 : sizeof last_sentence - 1;
  install(end, 0);
}
