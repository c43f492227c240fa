/* Flags of a command line: parsing them and printing what they are. */
#include "harness/flags.h"
#include "harness/nearest_name.h"
#include "harness/text_list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct flag *find_flag(const struct flag *flags, size_t flag_count, const char *name,
                                    size_t length) {
  for (size_t i = 0; i < flag_count; i++) {
    if (strlen(flags[i].name) == length && strncmp(flags[i].name, name, length) == 0) {
      return &flags[i];
    }
  }
  return NULL;
}

static enum harness_status unknown_flag(const char *command, const struct flag *flags,
                                        size_t flag_count, const char *word) {
  const char **names = memory_resize(NULL, flag_count + 1, sizeof *names);
  for (size_t i = 0; i < flag_count; i++) {
    names[i] = flags[i].name;
  }
  names[flag_count] = "help";
  const char *nearest = nearest_name(word, names, flag_count + 1);
  if (nearest) {
    say_error("%s has no option --%s; did you mean --%s? (tricolor %s --help lists them)", command,
              word, nearest, command);
  } else {
    say_error("%s has no option --%s (tricolor %s --help lists them)", command, word, command);
  }
  free(names);
  return HARNESS_BAD_INPUT;
}

static void add_use(struct command_line *line, const struct flag *flag, const char *value) {
  line->uses = memory_resize(line->uses, line->use_count + 1, sizeof *line->uses);
  line->uses[line->use_count++] = (struct flag_use){flag, value};
}

static void add_operand(struct command_line *line, const char *word) {
  line->operands = memory_resize(line->operands, line->operand_count + 1, sizeof *line->operands);
  line->operands[line->operand_count++] = word;
}

/* One `--flag` with what belongs to it. Advances *index past a value taken from the next word. */
static enum harness_status parse_flag(const char *command, const struct flag *flags,
                                      size_t flag_count, char **argv, int argc, int *index,
                                      struct command_line *line) {
  const char *word = argv[*index] + 2;
  const char *equals = strchr(word, '=');
  size_t length = equals ? (size_t)(equals - word) : strlen(word);
  const char *next = *index + 1 < argc ? argv[*index + 1] : NULL;
  bool has_value = next && strncmp(next, "--", 2) != 0;
  const struct flag *flag = find_flag(flags, flag_count, word, length);
  if (!flag) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word);
    return unknown_flag(command, flags, flag_count, name);
  }
  if (flag->argument == FLAG_ALONE && equals) {
    return say_bad_input("--%s takes no value", flag->name);
  }
  if (equals) {
    add_use(line, flag, equals + 1);
  } else if (flag->argument == FLAG_ALONE || (flag->argument == FLAG_SWITCH && !has_value)) {
    add_use(line, flag, "on");
  } else if (!has_value) {
    return say_bad_input("--%s needs a value: --%s %s", flag->name, flag->name, flag->value_name);
  } else {
    add_use(line, flag, next);
    ++*index;
  }
  return HARNESS_DONE;
}

enum harness_status command_line_parse(const char *command, const struct flag *flags,
                                       size_t flag_count, int argc, char **argv,
                                       struct command_line *line) {
  *line = (struct command_line){0};
  bool only_operands = false;
  for (int i = 0; i < argc; i++) {
    if (only_operands || argv[i][0] != '-' || argv[i][1] == 0) {
      add_operand(line, argv[i]);
    } else if (strcmp(argv[i], "--") == 0) {
      only_operands = true;
    } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      line->help = true;
    } else if (argv[i][1] != '-') {
      return say_bad_input("%s has no option %s; options start with two dashes (tricolor %s --help "
                           "lists them)",
                           command, argv[i], command);
    } else {
      enum harness_status status = parse_flag(command, flags, flag_count, argv, argc, &i, line);
      if (status != HARNESS_DONE) {
        return status;
      }
    }
  }
  return HARNESS_DONE;
}

void command_line_finish(struct command_line *line) {
  free(line->uses);
  free(line->operands);
  *line = (struct command_line){0};
}

const char *command_line_value(const struct command_line *line, const char *name) {
  const char *value = NULL;
  for (size_t i = 0; i < line->use_count; i++) {
    if (strcmp(line->uses[i].flag->name, name) == 0) {
      value = line->uses[i].value;
    }
  }
  return value;
}

enum { LEFT_COLUMNS = 30, LINE_COLUMNS = 100 };

/* Words of the text, wrapped, each line after the first indented by LEFT_COLUMNS. */
static void print_wrapped(const char *text) {
  size_t column = LEFT_COLUMNS;
  while (*text) {
    size_t word = strcspn(text, " ");
    if (column > LEFT_COLUMNS && column + 1 + word > LINE_COLUMNS) {
      printf("\n%*s", LEFT_COLUMNS, "");
      column = LEFT_COLUMNS;
    } else if (column > LEFT_COLUMNS) {
      putchar(' ');
      column++;
    }
    fwrite(text, 1, word, stdout);
    column += word;
    text += word;
    text += strspn(text, " ");
  }
  putchar('\n');
}

void flags_print(const struct flag *flags, size_t flag_count) {
  static const char *const endings[] = {
      [FLAG_ALONE] = "", [FLAG_SWITCH] = " on|off", [FLAG_VALUE] = " "};
  for (size_t i = 0; i < flag_count; i++) {
    char left[80];
    int length =
        snprintf(left, sizeof left, "  --%s%s%s", flags[i].name, endings[flags[i].argument],
                 flags[i].argument == FLAG_VALUE ? flags[i].value_name : "");
    if (length >= LEFT_COLUMNS - 1) {
      printf("%s\n%*s", left, LEFT_COLUMNS, "");
    } else {
      printf("%-*s", LEFT_COLUMNS, left);
    }
    print_wrapped(flags[i].description);
  }
}
