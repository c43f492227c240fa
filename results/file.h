/* Files that are either whole or not there: written beside their place under a temporary name, and
 * renamed when everything was written.
 *
 * Errors: every call answers 0 or a negative errno with one sentence in `error` that names the file
 * and what the system said. A file that was not committed leaves nothing behind. Data are not
 * forced to the disk: a crash of the machine may lose the newest files, never half of one.
 */
#ifndef RESULTS_FILE_H
#define RESULTS_FILE_H

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

struct results_file {
  FILE *stream;
  char path[PATH_MAX];
  char temporary[PATH_MAX];
};

/* Opens `path`.tmp for writing. */
int results_file_create(struct results_file *file, const char *path, char *error,
                        size_t error_size);

/* Flushes, closes and renames. On failure the temporary file is removed. */
int results_file_commit(struct results_file *file, char *error, size_t error_size);

/* Closes and removes the temporary file. */
void results_file_abandon(struct results_file *file);

/* Writes `text` as the whole content of a file. */
int results_file_write_text(const char *path, const char *text, char *error, size_t error_size);

/* DIRECTORY/NAME into `path`; -ENAMETOOLONG with a sentence. */
int results_path(char path[PATH_MAX], const char *directory, const char *name, char *error,
                 size_t error_size);

/* Fills `error` from a printf format; the common tail of every failing function here. Returns
 * `status`. */
int results_fail(int status, char *error, size_t error_size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
