/* Writes the page of a report: the template with its parts and the run's data in it. */
#include "results/report.h"
#include "results/file.h"
#include "results/report_data.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a line `<!-- insert NAME -->` of the template stands for. */
struct part {
  const char *name, *file;
  enum part_kind { PART_STYLE, PART_SCRIPT, PART_DATA } kind;
  bool is_package; /* comes with npm */
};
static const struct part parts[] = {
    {"style", "report.css", PART_STYLE, false},
    {"vega", "node_modules/vega/build/vega.min.js", PART_SCRIPT, true},
    {"vega-lite", "node_modules/vega-lite/build/vega-lite.min.js", PART_SCRIPT, true},
    {"vega-embed", "node_modules/vega-embed/build/vega-embed.min.js", PART_SCRIPT, true},
    {"script", "report.js", PART_SCRIPT, false},
    {"charts", "charts.js", PART_SCRIPT, false},
    {"data", NULL, PART_DATA, false},
};
enum { part_count = sizeof parts / sizeof *parts };

/* A whole file; the caller frees it. Null with errno set. */
static char *read_whole(const char *path, size_t *length) {
  FILE *stream = fopen(path, "rb");
  char *text = NULL;
  size_t room = 0;
  *length = 0;
  if (!stream)
    return NULL;
  for (;;) {
    if (room - *length < 2) {
      room = room ? 2 * room : 1 << 16;
      char *more = realloc(text, room);
      if (!more)
        break;
      text = more;
    }
    size_t got = fread(text + *length, 1, room - *length - 1, stream);
    *length += got;
    if (got == 0)
      break;
  }
  bool is_whole = feof(stream) && !ferror(stream);
  fclose(stream);
  if (!is_whole) {
    free(text);
    errno = EIO;
    return NULL;
  }
  text[*length] = '\0';
  return text;
}

void results_report_write_script(FILE *stream, const char *text, size_t length) {
  static const char *const unsafe[] = {"</script", "<!--", "<script"};
  for (size_t at = 0; at < length; at++) {
    bool is_unsafe = false;
    for (size_t index = 0; index < sizeof unsafe / sizeof *unsafe; index++)
      is_unsafe |=
          text[at] == '<' && strncasecmp(text + at, unsafe[index], strlen(unsafe[index])) == 0;
    if (is_unsafe)
      fputs("\\u003c", stream); /* the same character in a string of either JSON or JavaScript */
    else
      putc(text[at], stream);
  }
}

static int insert_file(FILE *stream, const struct part *part, const char *directory, char *error,
                       size_t error_size) {
  char path[PATH_MAX];
  size_t length;
  int status = results_path(path, directory, part->file, error, error_size);
  if (status)
    return status;
  char *text = read_whole(path, &length);
  if (!text && part->is_package)
    return results_fail(-ENOPKG, error, error_size,
                        "the report's drawing library is not there: %s; ./tricolor report "
                        "fetches it, and by hand it is npm ci --ignore-scripts in %s",
                        path, directory);
  if (!text)
    return results_fail(-errno, error, error_size, "%s cannot be read: %s", path, strerror(errno));
  fputs(part->kind == PART_STYLE ? "<style>\n" : "<script>\n", stream);
  if (part->kind == PART_STYLE)
    fwrite(text, 1, length, stream);
  else
    results_report_write_script(stream, text, length);
  fputs(part->kind == PART_STYLE ? "</style>\n" : "</script>\n", stream);
  free(text);
  return 0;
}

static int insert_data(FILE *stream, const json_t *data, char *error, size_t error_size) {
  char *text = json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(7));
  if (!text)
    return results_fail(-ENOMEM, error, error_size, "the report cannot be made: out of memory");
  fputs("<script type=\"application/json\" id=\"data\">\n", stream);
  results_report_write_script(stream, text, strlen(text));
  fputs("\n</script>\n", stream);
  free(text);
  return 0;
}

static int insert(FILE *stream, const char *name, size_t name_length, const char *directory,
                  const json_t *data, char *error, size_t error_size) {
  for (size_t index = 0; index < part_count; index++) {
    const struct part *part = &parts[index];
    if (strlen(part->name) != name_length || strncmp(part->name, name, name_length) != 0)
      continue;
    return part->kind == PART_DATA ? insert_data(stream, data, error, error_size)
                                   : insert_file(stream, part, directory, error, error_size);
  }
  return results_fail(-EINVAL, error, error_size,
                      "%s/template.html inserts '%.*s', which is no part", directory,
                      (int)name_length, name);
}

/* Copies the template, each insertion replaced by what it names. */
static int write_page(FILE *stream, const char *directory, const json_t *data, char *error,
                      size_t error_size) {
  static const char opening[] = "<!-- insert ", closing[] = " -->";
  char path[PATH_MAX];
  size_t length;
  int status = results_path(path, directory, "template.html", error, error_size);
  if (status)
    return status;
  char *template = read_whole(path, &length), *rest = template;
  if (!template)
    return results_fail(-errno, error, error_size, "%s cannot be read: %s", path, strerror(errno));
  for (char *at = strstr(rest, opening); !status && at; at = strstr(rest, opening)) {
    char *name = at + strlen(opening), *end = strstr(name, closing);
    if (!end)
      break;
    fwrite(rest, 1, (size_t)(at - rest), stream);
    status = insert(stream, name, (size_t)(end - name), directory, data, error, error_size);
    rest = end + strlen(closing);
  }
  fputs(rest, stream);
  free(template);
  return status;
}

/* Files are named from where the page lies: beside the manifest by their names alone, from
 * elsewhere by the run's whole path. */
static int links_from(const char *output, const char *directory, char links[PATH_MAX], char *error,
                      size_t error_size) {
  char of_page[PATH_MAX], run_path[PATH_MAX], page_path[PATH_MAX];
  const char *slash = strrchr(output, '/');
  links[0] = '\0';
  size_t length = slash ? (size_t)(slash - output) : 0;
  snprintf(of_page, sizeof of_page, "%.*s", slash ? (length ? (int)length : 1) : 1,
           slash ? output : ".");
  if (!realpath(directory, run_path))
    return results_fail(-errno, error, error_size, "%s: %s", directory, strerror(errno));
  if (realpath(of_page, page_path) && strcmp(page_path, run_path) == 0)
    return 0;
  if (strlen(run_path) + 2 > PATH_MAX)
    return results_fail(-ENAMETOOLONG, error, error_size, "%s: too long", run_path);
  strcpy(stpcpy(links, run_path), "/");
  return 0;
}

static int write_report(const struct results_run *run, const char *parts_directory,
                        const char *output, char *error, size_t error_size) {
  char links[PATH_MAX];
  struct results_file file;
  int status = links_from(output, run->directory, links, error, error_size);
  if (status)
    return status;
  status = results_file_create(&file, output, error, error_size);
  if (status)
    return status;
  json_t *data = results_report_data(run, links);
  status = data ? write_page(file.stream, parts_directory, data, error, error_size)
                : results_fail(-ENOMEM, error, error_size, "%s: out of memory", run->directory);
  json_decref(data);
  if (status) {
    results_file_abandon(&file);
    return status;
  }
  return results_file_commit(&file, error, error_size);
}

int results_report(const char *directory, const struct results_report_request *request, char *error,
                   size_t error_size) {
  char output[PATH_MAX];
  struct results_run run;
  int status = results_path(output, directory, "report.html", error, error_size);
  if (!status)
    status = results_run_load(directory, &run, error, error_size);
  if (status)
    return status;
  status = write_report(&run, request->parts, request->output ? request->output : output, error,
                        error_size);
  results_run_finish(&run);
  return status;
}
