/* A growing list of texts that it owns. */
#define _GNU_SOURCE /* strchrnul */
#include "harness/text_list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memory_resize(void *memory, size_t count, size_t item_bytes) {
  void *resized = reallocarray(memory, count, item_bytes);
  if (!resized && count > 0) {
    fputs("tricolor: out of memory\n", stderr);
    exit(3);
  }
  return resized;
}

char *text_copy(const char *text) {
  size_t bytes = strlen(text) + 1;
  return memcpy(memory_resize(NULL, bytes, 1), text, bytes);
}

void text_list_add(struct text_list *list, const char *text) {
  list->texts = memory_resize(list->texts, list->count + 1, sizeof *list->texts);
  list->texts[list->count++] = text_copy(text);
}

bool text_list_has(const struct text_list *list, const char *text) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->texts[i], text) == 0) {
      return true;
    }
  }
  return false;
}

void text_list_add_parts(struct text_list *list, const char *text) {
  for (;;) {
    const char *comma = strchrnul(text, ',');
    char *part = text_copy(text);
    part[comma - text] = 0;
    text_list_add(list, part);
    free(part);
    if (!*comma) {
      return;
    }
    text = comma + 1;
  }
}

void text_list_finish(struct text_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    free(list->texts[i]);
  }
  free(list->texts);
  *list = (struct text_list){0};
}
