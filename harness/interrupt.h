/* Ctrl-C and SIGTERM: noticed by whoever waits, at once; a second one ends the program. */
#ifndef HARNESS_INTERRUPT_H
#define HARNESS_INTERRUPT_H

#include <stdbool.h>

/* System calls that wait answer EINTR from then on. */
void interrupt_catch(void);
bool interrupt_requested(void);

#endif
