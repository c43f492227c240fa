/* Where experiment files lie: experiments/NAME.yaml of the project, or wherever a path says. */
#ifndef HARNESS_EXPERIMENT_FIND_H
#define HARNESS_EXPERIMENT_FIND_H

#include "harness/experiment.h"
#include <limits.h>

/* The path of what was asked for; sets the experiment's name and file. Bad input: a name that is not
 * there, said with the nearest one. */
enum harness_status experiment_find(const char *asked, char path[PATH_MAX],
                                    struct experiment *experiment);

/* The names in experiments/, in alphabetical order. */
void experiment_names(struct text_list *names);

#endif
