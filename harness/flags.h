/* Flags of a command line: a list of what a command takes, and a parser that answers what was
 * given.
 *
 * `--name value` and `--name=value` mean the same. A switch takes `on` or `off`, and means `on`
 * when neither follows. `--` ends the flags. `--help` and `-h` are flags of every command.
 */
#ifndef HARNESS_FLAGS_H
#define HARNESS_FLAGS_H

#include "harness/say.h"
#include <stdbool.h>

enum flag_argument { FLAG_ALONE, FLAG_SWITCH, FLAG_VALUE };

struct flag {
  const char *name; /* without the dashes */
  enum flag_argument argument;
  const char *value_name; /* of FLAG_VALUE: what help calls it */
  const char *description;
};

struct flag_use {
  const struct flag *flag;
  const char *value; /* "on" for FLAG_ALONE */
};

struct command_line {
  struct flag_use *uses; /* in the order given */
  size_t use_count;
  const char **operands;
  size_t operand_count;
  bool help;
};

/* Texts are those of argv. On HARNESS_BAD_INPUT a sentence was said; `command` is named in it. */
enum harness_status command_line_parse(const char *command, const struct flag *flags,
                                       size_t flag_count, int argc, char **argv,
                                       struct command_line *line);
void command_line_finish(struct command_line *line);

/* The last value given for a flag, or null. */
const char *command_line_value(const struct command_line *line, const char *name);

/* `  --name VALUE   description` for each, descriptions wrapped and aligned. */
void flags_print(const struct flag *flags, size_t flag_count);

#endif
