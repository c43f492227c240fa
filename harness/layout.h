/* Where things lie in a trial's memory: drawn from a seed, so that no configuration is lucky in all
 * of its trials (Mytkowicz, Diwan, Hauswirth and Sweeney 2009).
 *
 * Two things are drawn. The size of the environment shifts the stack; a reservation that is made
 * before anything else shifts every mapping after it, the heap's base among them. The system's own
 * randomisation is switched off for trials where it lets that be done, so that the same seed means
 * the same layout.
 */
#ifndef HARNESS_LAYOUT_H
#define HARNESS_LAYOUT_H

#include <stdint.h>

/* `TRICOLOR_LAYOUT=` and what a trial's process reads from it; the caller frees it. */
char *layout_variable(uint64_t seed);

/* In the process that is to run a trial, before it is replaced by the program: safe after fork. */
void layout_fix_addresses(void);

/* In the trial, before its heap is opened. */
void layout_shift_mappings(void);

#endif
