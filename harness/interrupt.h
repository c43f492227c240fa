/* Ctrl-C and SIGTERM.
 *
 * While trials run they are noticed by whoever waits (a second one ends the program); while there
 * is nothing to tidy up they end the program at once, with a sentence and status 130.
 */
#ifndef HARNESS_INTERRUPT_H
#define HARNESS_INTERRUPT_H

#include <stdbool.h>

/* From now on interrupts are noticed: system calls that wait answer EINTR. */
void interrupt_catch(void);
bool interrupt_requested(void);

/* From now on an interrupt prints the sentence, which is copied, and ends the program. */
void interrupt_end_with(const char *sentence);

#endif
