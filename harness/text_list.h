/* A growing list of texts that it owns. Zero-initialised it is empty. Running out of memory ends
 * the program: the harness holds kilobytes. */
#ifndef HARNESS_TEXT_LIST_H
#define HARNESS_TEXT_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct text_list {
  char **texts;
  size_t count;
};

void text_list_add(struct text_list *list, const char *text);
bool text_list_has(const struct text_list *list, const char *text);

/* Adds the parts of a comma-separated text, empty parts included. */
void text_list_add_parts(struct text_list *list, const char *text);
void text_list_finish(struct text_list *list);

/* Never null. */
char *text_copy(const char *text);
void *memory_resize(void *memory, size_t count, size_t item_bytes);

#endif
