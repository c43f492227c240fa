/* The directory of a run: where it lies, making it, its `latest` link, its file names.
 *
 * DESIGN 6 lists what it holds. While a trial runs, its configuration is NNNN.running.json (the
 * form of results/trial.h) and what its process says is NNNN.stderr.txt; both go when it has ended,
 * the second only when it is empty.
 */
#ifndef HARNESS_RUN_DIRECTORY_H
#define HARNESS_RUN_DIRECTORY_H

#include "harness/say.h"
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* Makes `asked` (which may exist, but must hold no run), or with null a new directory under
 * results/runs/ named by the UTC time and `short_name`. Answers its path, absolute when it was not
 * asked for. Bad input: it holds a run already. */
enum harness_status run_directory_create(const char *asked, const char *short_name,
                                         char directory[PATH_MAX]);

/* Points results/runs/latest at a directory that run_directory_create named. */
void run_directory_set_latest(const char *directory);

/* DIRECTORY/trials/NNNN.SUFFIX, cut to fit. */
void run_directory_file(char path[PATH_MAX], const char *directory, uint64_t trial,
                        const char *suffix);

/* Bad input, said, unless the directory holds a run. */
enum harness_status run_directory_check(const char *directory);

/* While a run is at work in its directory no other is: the descriptor that is locked, or bad input.
 * Ends with the process, too. */
enum harness_status run_directory_lock(const char *directory, int *lock);
void run_directory_unlock(int lock);

/* True while a run is at work in the directory, as far as its file system has locks. */
bool run_directory_is_at_work(const char *directory);

/* The largest number of a trial that has a file; 0: none. */
uint64_t run_directory_last_trial(const char *directory);

/* A name in TMPDIR, or /tmp, for what trials of a command leave that is kept by nobody; it is not
 * made. */
void run_directory_scratch(char path[PATH_MAX], const char *command);

/* Removes what trials left in a directory that is no run, DIRECTORY/trials, and both folders unless
 * they hold anything else. */
void run_directory_discard(const char *directory);

/* The path as people would type it: relative when it lies below the current folder. Static. */
const char *run_directory_shown(const char *directory);

#endif
