/* Writing JSON files. See json_file.h. */
#include "results/json_file.h"
#include "results/file.h"
#include <errno.h>
#include <stdbool.h>

int results_json_file_write(const char *path, json_t *object, char *error, size_t error_size) {
  struct results_file file;
  int status = results_file_create(&file, path, error, error_size);
  if (status) {
    json_decref(object);
    return status;
  }
  bool is_whole =
      object && json_dumpf(object, file.stream, JSON_INDENT(2) | JSON_REAL_PRECISION(10)) == 0;
  json_decref(object);
  if (!is_whole && !ferror(file.stream)) {
    results_file_abandon(&file);
    return results_fail(-ENOMEM, error, error_size, "%s cannot be written: out of memory", path);
  }
  putc('\n', file.stream);
  return results_file_commit(&file, error, error_size);
}
