/* JSON files that are either whole or not there. Errors as in file.h. */
#ifndef RESULTS_JSON_FILE_H
#define RESULTS_JSON_FILE_H

#include <jansson.h>
#include <stddef.h>

/* Writes `object` as the whole content of a file, and gives it up; null is a failure to build it for
 * want of memory. */
int results_json_file_write(const char *path, json_t *object, char *error, size_t error_size);

#endif
