/* Ctrl-C and SIGTERM: noticed by whoever waits. */
#include "harness/interrupt.h"
#include <gc/atomics.h>
#include <signal.h>
#include <stddef.h>

static int requested; /* atomic, relaxed: the one thread that reads it also runs the handler */

static void handle(int signal_number) {
  (void)signal_number;
  gc_atomic_store_relaxed(&requested, 1);
}

void interrupt_catch(void) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

bool interrupt_requested(void) {
  return gc_atomic_load_relaxed(&requested) != 0;
}
