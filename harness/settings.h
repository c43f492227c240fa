/* What results/trial.h leaves out: freeing and copying lists of settings and configurations. */
#ifndef HARNESS_SETTINGS_H
#define HARNESS_SETTINGS_H

#include "results/trial.h"

void settings_finish(struct results_settings *settings);

/* Adds all of `from`. Ends the program when memory is lacking, as text_list.h does. */
void settings_add_all(struct results_settings *settings, const struct results_settings *from);
void settings_add(struct results_settings *settings, const char *name, const char *text);

void settings_remove(struct results_settings *settings, const char *name);
bool settings_equal(const struct results_settings *left, const struct results_settings *right);

/* A deep copy. */
struct results_configuration configuration_copy(const struct results_configuration *configuration);
void configuration_finish(struct results_configuration *configuration);

#endif
