/* Whole files or none; file.h states the promise. */
#include "results/file.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

int results_fail(int status, char *error, size_t error_size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error, error_size, format, arguments);
  va_end(arguments);
  return status;
}

int results_path(char path[PATH_MAX], const char *directory, const char *name, char *error,
                 size_t error_size) {
  int length = snprintf(path, PATH_MAX, "%s/%s", directory, name);
  if (length < 0 || length >= PATH_MAX)
    return results_fail(-ENAMETOOLONG, error, error_size, "%s/%s: the path is too long", directory,
                        name);
  return 0;
}

static int cannot_write(const struct results_file *file, int number, char *error,
                        size_t error_size) {
  return results_fail(-number, error, error_size, "%s cannot be written: %s", file->path,
                      strerror(number));
}

int results_file_create(struct results_file *file, const char *path, char *error,
                        size_t error_size) {
  int length = snprintf(file->path, sizeof file->path, "%s", path);
  int temporary_length = snprintf(file->temporary, sizeof file->temporary, "%s.tmp", path);
  if (length < 0 || temporary_length < 0 || temporary_length >= PATH_MAX)
    return results_fail(-ENAMETOOLONG, error, error_size, "%s: the path is too long", path);
  file->stream = fopen(file->temporary, "we");
  if (!file->stream)
    return cannot_write(file, errno, error, error_size);
  return 0;
}

/* Why the stream failed. The call that failed first may be long ago, and stdio keeps no reason: one
 * more byte asks the system again. */
static int reason_of(FILE *stream) {
  if (!fflush(stream) && !ferror(stream))
    return 0;
  return write(fileno(stream), "", 1) < 0 ? errno : EIO;
}

int results_file_commit(struct results_file *file, char *error, size_t error_size) {
  int number = reason_of(file->stream);
  if (fclose(file->stream) && !number)
    number = errno;
  if (!number && rename(file->temporary, file->path))
    number = errno;
  file->stream = NULL;
  if (!number)
    return 0;
  unlink(file->temporary);
  return cannot_write(file, number, error, error_size);
}

void results_file_abandon(struct results_file *file) {
  fclose(file->stream);
  file->stream = NULL;
  unlink(file->temporary);
}

int results_file_write_text(const char *path, const char *text, char *error, size_t error_size) {
  struct results_file file;
  int status = results_file_create(&file, path, error, error_size);
  if (status)
    return status;
  fputs(text, file.stream);
  return results_file_commit(&file, error, error_size);
}
