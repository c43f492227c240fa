/* Freeing and copying lists of settings and configurations. */
#include "harness/settings.h"
#include "harness/say.h"
#include <stdlib.h>

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
