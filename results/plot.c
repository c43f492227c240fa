/* From a request to a picture: draws into texts, writes script and data, runs gnuplot; plot.h says
 * what comes out.
 *
 * gnuplot is started in the picture's folder with nothing but the script's name, so that the script
 * names no other folder and can be moved with its data. It draws into a temporary file that is
 * renamed when it is whole.
 */
#define _GNU_SOURCE /* asprintf, memmem */
#include "results/plot.h"
#include "results/file.h"
#include "results/latex.h"
#include "results/plot_canvas.h"
#include "results/tidy.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const results_plot_kind_names[RESULTS_PLOT_KIND_COUNT] = {
#define PLOT_NAME(name, file, description) file,
    RESULTS_PLOT_KINDS(PLOT_NAME)
#undef PLOT_NAME
};

static int (*const draw_functions[RESULTS_PLOT_KIND_COUNT])(struct plot *) = {
#define PLOT_DRAW(name, file, description) plot_draw_##name,
    RESULTS_PLOT_KINDS(PLOT_DRAW)
#undef PLOT_DRAW
};

int results_plot_kind_find(const char *name, enum results_plot_kind *kind, char *error,
                           size_t error_size) {
  for (size_t index = 0; index < RESULTS_PLOT_KIND_COUNT; index++)
    if (strcmp(name, results_plot_kind_names[index]) == 0) {
      *kind = (enum results_plot_kind)index;
      return 0;
    }
  return results_fail(-EINVAL, error, error_size, "there is no plot \"%s\"; there are %s", name,
#define PLOT_LISTED(listed, file, description) ", " file
                      &(RESULTS_PLOT_KINDS(PLOT_LISTED))[2]);
#undef PLOT_LISTED
}

/* --- running gnuplot ---------------------------------------------------------------------------
 */

struct gnuplot {
  const char *directory; /* to run in; null: here */
  const char *arguments[6];
  const char *input; /* for its standard input; null: none */
  int output;        /* what it prints goes there; -1: only complaints are kept */
};

static void write_all(int file, const char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    ssize_t written = write(file, text, left);
    if (written <= 0)
      return;
    text += written;
    left -= (size_t)written;
  }
}

/* In the child; does not return. -d: the user's own defaults do not change our pictures. */
static void become_gnuplot(const struct gnuplot *gnuplot, int input, int complaints) {
  dup2(input, STDIN_FILENO);
  dup2(gnuplot->output >= 0 ? gnuplot->output : complaints, STDOUT_FILENO);
  dup2(complaints, STDERR_FILENO);
  if (gnuplot->directory && chdir(gnuplot->directory))
    _exit(126);
  execvp("gnuplot", (char *const *)gnuplot->arguments);
  _exit(127);
}

/* An unnamed file: neither side can block the other by not reading. */
static int unnamed_file(const char *content) {
  char path[] = "/tmp/tricolor-plot-XXXXXX";
  int file = mkostemp(path, O_CLOEXEC);
  if (file < 0)
    return file;
  unlink(path);
  if (content) {
    write_all(file, content);
    lseek(file, 0, SEEK_SET);
  }
  return file;
}

/* The first line of what gnuplot complained of that says what is wrong, not where. */
static void first_complaint(int complaints, char *text, size_t text_size) {
  char all[2048] = "";
  lseek(complaints, 0, SEEK_SET);
  ssize_t length = read(complaints, all, sizeof all - 1);
  all[length > 0 ? length : 0] = 0;
  char *line = strstr(all, "line ");
  line = line ? line : all + strspn(all, " \t\n^");
  line[strcspn(line, "\n")] = 0;
  snprintf(text, text_size, "%s", line);
}

static int run_gnuplot(const struct gnuplot *gnuplot, char *error, size_t error_size) {
  int input = unnamed_file(gnuplot->input ? gnuplot->input : ""), complaints = unnamed_file(NULL);
  int status = input < 0 || complaints < 0
                   ? results_fail(-errno, error, error_size, "no temporary file can be made: %s",
                                  strerror(errno))
                   : 0;
  pid_t child = status ? -1 : fork();
  if (child == 0)
    become_gnuplot(gnuplot, input, complaints);
  int exit_status = 0;
  if (child > 0)
    while (waitpid(child, &exit_status, 0) < 0 && errno == EINTR)
      ;
  else if (!status)
    status =
        results_fail(-errno, error, error_size, "gnuplot cannot be started: %s", strerror(errno));
  if (!status && WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == 127)
    status =
        results_fail(-ENOPKG, error, error_size, "gnuplot is not installed (Debian: gnuplot-nox)");
  else if (!status && exit_status) {
    char complaint[512];
    first_complaint(complaints, complaint, sizeof complaint);
    status = results_fail(-EIO, error, error_size, "gnuplot failed: %s", complaint);
  }
  if (input >= 0)
    close(input);
  if (complaints >= 0)
    close(complaints);
  return status;
}

/* --- files -------------------------------------------------------------------------------------
 */

/* gnuplot does not notice a full disk: the last bytes of each format do. */
static bool is_whole(const char *path) {
  static const char *const last_bytes[] = {"</svg>", "IEND", "%%EOF"};
  char tail[65] = "";
  FILE *stream = fopen(path, "re");
  if (!stream)
    return false;
  fseek(stream, -64, SEEK_END);
  size_t length = fread(tail, 1, sizeof tail - 1, stream);
  fclose(stream);
  for (size_t index = 0; index < sizeof last_bytes / sizeof *last_bytes; index++)
    if (memmem(tail, length, last_bytes[index], strlen(last_bytes[index])))
      return true;
  return false;
}

/* PATH without its ending, with another. */
static int with_ending(char result[PATH_MAX], const char *path, const char *ending, char *error,
                       size_t error_size) {
  const char *dot = strrchr(path, '.');
  int length = snprintf(result, PATH_MAX, "%.*s%s", (int)(dot - path), path, ending);
  if (length < 0 || length >= PATH_MAX)
    return results_fail(-ENAMETOOLONG, error, error_size, "%s: the path is too long", path);
  return 0;
}

static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int draw_picture(const char *output, const char *script_path, char *error,
                        size_t error_size) {
  char temporary[PATH_MAX], directory[PATH_MAX], setting[PATH_MAX + 32];
  snprintf(directory, sizeof directory, "%.*s", (int)(name_of(output) - output), output);
  int length = snprintf(temporary, sizeof temporary, "%s.tmp", output);
  if (length < 0 || (size_t)length >= sizeof temporary)
    return results_fail(-ENAMETOOLONG, error, error_size, "%s: the path is too long", output);
  snprintf(setting, sizeof setting, "picture='%s'", name_of(temporary));
  struct gnuplot gnuplot = {.directory = directory[0] ? directory : NULL,
                            .arguments = {"gnuplot", "-d", "-e", setting, name_of(script_path)},
                            .output = -1};
  int status = run_gnuplot(&gnuplot, error, error_size);
  if (!status && !is_whole(temporary))
    status = results_fail(-EIO, error, error_size, "%s was not written whole; is the disk full?",
                          output);
  if (!status && rename(temporary, output))
    status = results_fail(-errno, error, error_size, "%s cannot be written: %s", output,
                          strerror(errno));
  if (status)
    unlink(temporary);
  return status;
}

static int write_files(const char *output, const char *script, const char *data, char *error,
                       size_t error_size) {
  char script_path[PATH_MAX], data_path[PATH_MAX];
  int status = with_ending(script_path, output, ".gp", error, error_size);
  if (!status)
    status = with_ending(data_path, output, ".dat", error, error_size);
  if (!status)
    status = results_file_write_text(data_path, data, error, error_size);
  if (!status)
    status = results_file_write_text(script_path, script, error, error_size);
  return status ? status : draw_picture(output, script_path, error, error_size);
}

static int show_on_terminal(const char *script, const char *data, char *error, size_t error_size) {
  char *input = NULL;
  if (asprintf(&input, "$data << END_OF_DATA\n%sEND_OF_DATA\n%s", data, script) < 0)
    return results_fail(-ENOMEM, error, error_size, "out of memory");
  fflush(stdout);
  struct gnuplot gnuplot = {
      .arguments = {"gnuplot", "-d", "-"}, .input = input, .output = STDOUT_FILENO};
  int status = run_gnuplot(&gnuplot, error, error_size);
  free(input);
  return status;
}

/* --- the request -------------------------------------------------------------------------------
 */

/* Names may hold quotation marks, which end a text in gnuplot. */
static int check_output(const char *output, char *error, size_t error_size) {
  const char *ending = strrchr(name_of(output), '.');
  if (!ending || (strcmp(ending, ".svg") && strcmp(ending, ".png") && strcmp(ending, ".pdf")))
    return results_fail(-EINVAL, error, error_size,
                        "%s: a plot is written as .svg, .png or .pdf, by the ending of its name",
                        output);
  if (strchr(name_of(output), '\''))
    return results_fail(-EINVAL, error, error_size,
                        "%s: the name of a plot may not hold a quotation mark", output);
  return 0;
}

static int draw(const struct results_run *run, const struct results_plot_request *request,
                char *error, size_t error_size) {
  char *script = NULL, *data = NULL, source[PATH_MAX] = "$data";
  size_t script_size, data_size;
  struct plot plot = {.run = run, .request = request, .source = source};
  if (request->target == RESULTS_PLOT_FILE) {
    const char *name = name_of(request->output);
    snprintf(source, sizeof source, "'%.*s.dat'", (int)(strrchr(name, '.') - name), name);
  }
  plot.script = open_memstream(&script, &script_size);
  plot.data = open_memstream(&data, &data_size);
  int status = plot.script && plot.data ? plot_looks_create(&plot) : -ENOMEM;
  if (!status)
    status = draw_functions[request->kind](&plot);
  if (plot.script)
    fclose(plot.script);
  if (plot.data)
    fclose(plot.data);
  if (status == -ENODATA)
    results_fail(status, error, error_size, "%s has no pauses%s%s to draw", run->directory,
                 request->workload ? " of " : "", request->workload ? request->workload : "");
  else if (status)
    results_fail(status, error, error_size, "%s: out of memory", run->directory);
  else if (request->target == RESULTS_PLOT_TERMINAL)
    status = show_on_terminal(script, data, error, error_size);
  else
    status = write_files(request->output, script, data, error, error_size);
  free(plot.looks);
  free(script);
  free(data);
  return status;
}

/* The run's table and figures beside the picture: under its name when it was given one. */
static int write_tables(const struct results_run *run, const char *output, bool is_named,
                        char *error, size_t error_size) {
  char table[PATH_MAX], figures[PATH_MAX];
  int status = is_named ? with_ending(table, output, ".tex", error, error_size)
                        : results_path(table, run->directory, "table.tex", error, error_size);
  if (!status)
    status = is_named ? with_ending(figures, output, ".csv", error, error_size)
                      : results_path(figures, run->directory, "measures.csv", error, error_size);
  if (!status)
    status = results_latex_write(table, run, error, error_size);
  return status ? status : results_tidy_write(figures, run, error, error_size);
}

int results_plot_run(const struct results_run *run, const struct results_plot_request *request,
                     char *error, size_t error_size) {
  char path[PATH_MAX], name[64];
  struct results_plot_request complete = *request;
  if (!complete.output) {
    snprintf(name, sizeof name, "%s.svg", results_plot_kind_names[request->kind]);
    int status = results_path(path, run->directory, name, error, error_size);
    if (status)
      return status;
    complete.output = path;
  }
  int status =
      complete.target == RESULTS_PLOT_FILE ? check_output(complete.output, error, error_size) : 0;
  if (!status)
    status = draw(run, &complete, error, error_size);
  if (!status && complete.target == RESULTS_PLOT_FILE)
    status = write_tables(run, complete.output, request->output != NULL, error, error_size);
  return status;
}

int results_plot(const char *directory, const struct results_plot_request *request, char *error,
                 size_t error_size) {
  struct results_run run;
  int status = results_run_load(directory, &run, error, error_size);
  if (status)
    return status;
  status = results_plot_run(&run, request, error, error_size);
  results_run_finish(&run);
  return status;
}
