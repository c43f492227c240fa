/* The commands of the program: one struct each, listed in commands.c. */
#ifndef HARNESS_COMMAND_H
#define HARNESS_COMMAND_H

#include "harness/flags.h"

struct command {
  const char *name;
  const char *operands; /* as help shows them: "DIR"; "" for none */
  const char *summary;  /* one line */
  const char *text;     /* what help says below the options; may be null */
  /* The options, in static storage; null for none. */
  const struct flag *(*flags)(size_t *count);
  size_t operands_min, operands_max;
  enum harness_status (*run)(const struct command_line *line);
  bool is_hidden; /* not in the list of commands: for the program's own use */
};

extern const struct command command_run;
extern const struct command command_trial;
extern const struct command command_list;
extern const struct command command_describe;
extern const struct command command_minheap;
extern const struct command command_leaks;
extern const struct command command_reproduce;
extern const struct command command_merge;
extern const struct command command_plot;
extern const struct command command_summarize;
extern const struct command command_show;
extern const struct command command_compare;
extern const struct command command_export;
extern const struct command command_report;
extern const struct command command_watch;
extern const struct command command_snapshot;

/* The whole program: argv without its own name. */
enum harness_status commands_run(int argc, char **argv);

/* The command line as it was given, for manifests. */
const char *commands_line(void);

#endif
