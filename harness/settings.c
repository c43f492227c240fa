/* Freeing and copying lists of settings and configurations. */
#include "harness/settings.h"
#include "harness/say.h"
#include <stdlib.h>
#include <string.h>

void settings_finish(struct results_settings *settings) {
  for (size_t i = 0; i < settings->count; i++) {
    free(settings->items[i].name);
    free(settings->items[i].text);
  }
  free(settings->items);
  *settings = (struct results_settings){0};
}

void settings_add(struct results_settings *settings, const char *name, const char *text) {
  if (results_settings_add(settings, name, text) != 0) {
    say_error("out of memory");
    exit(HARNESS_ENVIRONMENT);
  }
}

void settings_add_all(struct results_settings *settings, const struct results_settings *from) {
  for (size_t i = 0; i < from->count; i++) {
    settings_add(settings, from->items[i].name, from->items[i].text);
  }
}

void settings_remove(struct results_settings *settings, const char *name) {
  for (size_t i = 0; i < settings->count; i++) {
    struct results_setting *item = &settings->items[i];
    if (strcmp(item->name, name) == 0) {
      free(item->name);
      free(item->text);
      memmove(item, item + 1, (settings->count - i - 1) * sizeof *item);
      settings->count--;
      return;
    }
  }
}

bool settings_equal(const struct results_settings *left, const struct results_settings *right) {
  bool is_equal = left->count == right->count;
  for (size_t i = 0; is_equal && i < left->count; i++) { /* both are in order */
    is_equal = strcmp(left->items[i].name, right->items[i].name) == 0 &&
               strcmp(left->items[i].text, right->items[i].text) == 0;
  }
  return is_equal;
}

struct results_configuration configuration_copy(const struct results_configuration *configuration) {
  struct results_configuration copy = *configuration;
  copy.parameters = (struct results_settings){0};
  copy.options = (struct results_settings){0};
  settings_add_all(&copy.parameters, &configuration->parameters);
  settings_add_all(&copy.options, &configuration->options);
  return copy;
}

void configuration_finish(struct results_configuration *configuration) {
  settings_finish(&configuration->parameters);
  settings_finish(&configuration->options);
}
