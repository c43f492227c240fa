/* `tricolor export`: trials of a run in formats of other programs. */
#include "harness/command.h"
#include "harness/export/export.h"
#include "harness/run_directory.h"
#include "results/file.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct flag export_flag_list[] = {
    {"format", FLAG_VALUE, "FORMAT", "one of those below"},
    {"out", FLAG_VALUE, "FILE", "where to (in the run's directory, named by the format)"},
    {"trial", FLAG_VALUE, "N", "only this one (all that are ok)"},
    {"workload", FLAG_VALUE, "X", "only its trials (all)"},
    {"collector", FLAG_VALUE, "X", "only its trials (all)"},
    {"v8", FLAG_VALUE, "VERSION", "whose form v8-trace lines have, 10 to 15 (15)"},
};

static const struct flag *export_flags(size_t *count) {
  *count = sizeof export_flag_list / sizeof *export_flag_list;
  return export_flag_list;
}

static const struct exporter *const exporters[] = {
#define EXPORTER(name, help) &exporter_##name,
#include "harness/export/exporters.def"
};
enum { EXPORTERS = sizeof exporters / sizeof *exporters };

static enum harness_status find_exporter(const char *name, const struct exporter **exporter) {
  const char *names[EXPORTERS];
  for (size_t i = 0; i < EXPORTERS; i++) {
    names[i] = exporters[i]->name;
    if (name && strcmp(name, names[i]) == 0) {
      *exporter = exporters[i];
      return HARNESS_DONE;
    }
  }
  return name ? say_unknown("export format", name, names, EXPORTERS, "tricolor export --help")
              : say_bad_input("export needs --format (tricolor export --help lists them)");
}

static enum harness_status parse_number(const char *option, const char *text, uint64_t *number) {
  char *end;
  errno = 0;
  *number = strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || errno || *number == 0) {
    return say_bad_input("--%s takes a number from 1, not '%s'", option, text);
  }
  return HARNESS_DONE;
}

static enum harness_status parse_version(const char *text, int *version) {
  uint64_t number = 15;
  enum harness_status status = text ? parse_number("v8", text, &number) : HARNESS_DONE;
  if (status == HARNESS_DONE && (number < 10 || number > 15)) {
    return say_bad_input("--v8 takes a version from 10 to 15, not '%s'", text);
  }
  *version = (int)number;
  return status;
}

static enum harness_status export(const struct command_line *line) {
  char path[PATH_MAX], error[512];
  struct export_request request = {.directory = line->operands[0],
                                   .output = command_line_value(line, "out"),
                                   .workload = command_line_value(line, "workload"),
                                   .collector = command_line_value(line, "collector")};
  const char *trial = command_line_value(line, "trial");
  enum harness_status status = find_exporter(command_line_value(line, "format"), &request.exporter);
  if (status == HARNESS_DONE && trial){status = parse_number("trial", trial, &request.trial);}
if (status == HARNESS_DONE) {
  status = parse_version(command_line_value(line, "v8"), &request.v8_version);
}
if (status == HARNESS_DONE) {
  status = run_directory_check(request.directory);
}
if (status != HARNESS_DONE) {
  return status;
}
if (!request.output) {
  if (results_path(path, request.directory, request.exporter->file_name, error, sizeof error)) {
    return say_bad_input("%s", error);
  }
  request.output = path;
}
return export_run(&request);
}

const struct command command_export = {
    .name = "export",
    .operands = "DIR",
    .summary = "Writes trials in formats of other programs.",
    .text = "Formats:\n"
#define EXPORTER(name, help) help "\n"
#include "harness/export/exporters.def"
            "With several files the trial's number or the configuration's name stands before the "
            "ending.\n",
    .flags = export_flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = export,
};
