/* What the parts of an experiment share about axes; everybody else needs experiment.h alone. */
#ifndef HARNESS_EXPERIMENT_AXIS_H
#define HARNESS_EXPERIMENT_AXIS_H

#include "harness/experiment.h"

/* Null: no heap has such an option. */
const struct gc_option_description *experiment_find_option(const char *name);

/* Name and value of a heap option. */
enum harness_status experiment_check_option(const char *name, const char *text);

enum harness_status experiment_check_axes(const struct experiment *experiment);
void experiment_axis_finish(struct experiment_axis *axis);

#endif
