/* Experiment files: an experiment as YAML, with a name of its own.
 *
 * experiments/README.md lists the keys, which experiment_key.def determines. Every error names the
 * file, the line and the column, and the nearest of the names that were possible there; what is
 * wrong with the file is said before anything runs.
 */
#ifndef HARNESS_EXPERIMENT_FILE_H
#define HARNESS_EXPERIMENT_FILE_H

#include "harness/experiment.h"

/* Adds what a file says to an empty experiment. `asked` is a path, or the name of a file of
 * experiments/ without its ending. */
enum harness_status experiment_file_read(const char *asked, struct experiment *experiment);

#endif
