/* Running another program and taking what it prints. */
#ifndef HARNESS_MICROBENCH_PEER_PROCESS_H
#define HARNESS_MICROBENCH_PEER_PROCESS_H

#include <stddef.h>

/* Runs argv[0], a path, to its end. What it prints to standard output and error goes to `output`,
 * cut to its size and ended with a zero byte. Returns its exit status, 128 plus the signal that
 * ended it, or a negative errno when it could not be run. */
int peer_process_run(char *const *argv, char *output, size_t output_size);

#endif
