/* Standard output as a screen on which one picture replaces the other.
 *
 * Plain escape sequences that every terminal of the last decades knows (ECMA-48 and xterm's second
 * screen); a picture is composed in memory and written at once over the one before, line by line,
 * without clearing, so that nothing flickers. What was on the terminal comes back when it is closed.
 * A library for this would bring windows, keys and a description of terminals, none of which is
 * needed to show twenty-four lines.
 *
 * Concurrency: one screen, one thread. Ctrl-Z is obeyed between two pictures, with the terminal as
 * it was.
 */
#ifndef HARNESS_SCREEN_H
#define HARNESS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* False, and nothing is done, where standard output is no terminal or one that cannot do it. */
bool screen_open(void);

/* Gives the terminal back. Nothing where the screen is not open. */
void screen_close(void);

/* The size at this moment; 80 by 24 where the terminal does not know. */
void screen_size(size_t *columns, size_t *rows);

/* By the environment's wish (NO_COLOR). */
bool screen_has_colors(void);

/* Lines, each ended by a newline, no longer than the screen is wide. */
void screen_show(const char *picture);

#endif
