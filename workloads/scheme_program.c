/* Programs: reading a file, compiling it, and what its text announces of its results. */
#include "workloads/scheme_compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_BYTES_MAX = 16 << 20 };

/* ---- what the text announces ----------------------------------------------------------------*/

static void read_expectation(struct scheme_load *load, struct scheme_program *program,
                             const char *line, size_t length, uint32_t number) {
  char *copy = scheme_load_allocate(load, length + 1);
  memcpy(copy, line, length);
  struct scheme_expectation *expectation = scheme_load_allocate(load, sizeof *expectation);
  char *answer = strstr(copy, " answer "), *allocates = strstr(copy, " allocates ");
  bool is_right = answer != NULL && allocates != NULL && answer < allocates &&
                  sscanf(copy, ";= size %" SCNu64, &expectation->size) == 1 &&
                  sscanf(allocates, " allocates %" SCNu64, &expectation->allocation_bytes) == 1;
  if (!is_right) {
    scheme_load_fail(load, number, "what is expected is written ';= size N answer A allocates N'");
  }
  *allocates = '\0';
  expectation->answer = answer + strlen(" answer ");
  expectation->next = program->expectations;
  program->expectations = expectation;
}

static void read_expectations(struct scheme_load *load, struct scheme_program *program,
                              const char *text, size_t text_bytes) {
  const char *end = text + text_bytes;
  for (uint32_t number = 1; text < end; number++) {
    const char *newline = memchr(text, '\n', (size_t)(end - text));
    size_t length = (size_t)((newline == NULL ? end : newline) - text);
    if (length > 2 && memcmp(text, ";=", 2) == 0) {
      read_expectation(load, program, text, length, number);
    }
    text += length + 1;
  }
}

const struct scheme_expectation *scheme_program_expects(const struct scheme_program *program,
                                                        uint64_t size) {
  const struct scheme_expectation *expectation = program->expectations;
  while (expectation != NULL && expectation->size != size) {
    expectation = expectation->next;
  }
  return expectation;
}

/* ---- files ----------------------------------------------------------------------------------*/

/* Null when it failed. The loading is the caller's, because what changes after setjmp may not be
 * automatic there. */
static struct scheme_program *create(struct scheme_load *load, const char *text,
                                     size_t text_bytes) {
  if (setjmp(load->failed) != 0) {
    return NULL;
  }
  struct scheme_program *program = scheme_load_allocate(load, sizeof *program);
  char *path = scheme_load_allocate(load, strlen(load->path) + 1);
  program->path = strcpy(path, load->path);
  scheme_compile(load, program, text, text_bytes);
  read_expectations(load, program, text, text_bytes);
  program->chunks = load->chunks;
  return program;
}

struct scheme_program *scheme_program_create(const char *path, const char *text, size_t text_bytes,
                                             int *status, char *error, size_t error_size) {
  struct scheme_load load = {.path = path, .error = error, .error_size = error_size};
  struct scheme_program *program = create(&load, text, text_bytes);
  if (program == NULL) {
    scheme_chunks_free(load.chunks);
  }
  *status = load.status;
  return program;
}

void scheme_program_destroy(struct scheme_program *program) {
  if (program != NULL) {
    scheme_chunks_free(program->chunks);
  }
}

/* The file's text, to be freed; null, with a sentence, when it cannot be read. */
static char *read_file(const char *path, size_t *text_bytes, int *status, char *error,
                       size_t error_size) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat about;
  char *text = NULL;
  *status = 0;
  if (file < 0 || fstat(file, &about) != 0) {
    *status = -errno;
    snprintf(error, error_size, "cannot open '%s': %s", path, strerror(errno));
  } else if (!S_ISREG(about.st_mode) || about.st_size > TEXT_BYTES_MAX) {
    *status = -EINVAL;
    snprintf(error, error_size, "'%s' is no file of at most 16 MiB", path);
  } else {
    text = malloc((size_t)about.st_size + 1);
    ssize_t got = text == NULL ? -1 : read(file, text, (size_t)about.st_size);
    if (got != about.st_size) {
      *status = -EIO;
      snprintf(error, error_size, "'%s' could not be read whole", path);
      free(text);
      text = NULL;
    }
    *text_bytes = (size_t)about.st_size;
  }
  if (file >= 0) {
    close(file);
  }
  return text;
}

struct scheme_program *scheme_program_open(const char *path, int *status, char *error,
                                           size_t error_size) {
  size_t text_bytes;
  char *text = read_file(path, &text_bytes, status, error, error_size);
  if (text == NULL) {
    return NULL;
  }
  struct scheme_program *program =
      scheme_program_create(path, text, text_bytes, status, error, error_size);
  free(text);
  return program;
}
