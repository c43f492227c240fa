/* A Slurm script of an experiment: one array job with a shard per task, and a job that merges them
 * when all have ended, however they did. */
#ifndef HARNESS_SBATCH_H
#define HARNESS_SBATCH_H

#include "harness/flags.h"
#include "harness/plan.h"

/* Prints a script that makes the run of this command line in that many shards. Bad input, said: no
 * number, more shards than trials, or a command line that is about one process. */
enum harness_status sbatch_print(const struct command_line *line, const struct plan *plan,
                                 const char *tasks);

#endif
