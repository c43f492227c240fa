/* The program's commands: finding one, its help, the list of all. */
#include "harness/command.h"
#include "harness/text_list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_run,       &command_list,      &command_minheap, &command_describe,
    &command_reproduce, &command_merge,     &command_plot,    &command_report,
    &command_show,      &command_summarize, &command_trial,   &command_compare,
    &command_export,    &command_leaks,     &command_watch,   &command_snapshot,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static char *given_line;

const char *commands_line(void) {
  return given_line ? given_line : "";
}

static void keep_line(int argc, char **argv) {
  size_t bytes = sizeof "tricolor";
  for (int i = 0; i < argc; i++) {
    bytes += strlen(argv[i]) + 1;
  }
  given_line = memory_resize(NULL, bytes, 1);
  char *end = stpcpy(given_line, "tricolor");
  for (int i = 0; i < argc; i++) {
    *end++ = ' ';
    end = stpcpy(end, argv[i]);
  }
}

static void print_overview(FILE *stream) {
  fputs("Tricolor: a laboratory for garbage collectors.\n\nUsage: tricolor COMMAND [OPTION]...\n\n",
        stream);
  for (size_t i = 0; i < COMMANDS; i++) {
    if (!commands[i]->is_hidden) {
      fprintf(stream, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
  }
  fputs("  help       what a command does and takes: tricolor help COMMAND\n"
        "\nThe launcher ./tricolor adds: test, bench.\n"
        "Exit statuses: 0 done, 1 a trial failed, 2 bad input, 3 the environment (no permission, "
        "full disk),\n4 a gate failed, 130 interrupted.\n",
        stream);
}

static void print_help(const struct command *command) {
  size_t flag_count = 0;
  const struct flag *flags = command->flags ? command->flags(&flag_count) : NULL;
  printf("Usage: tricolor %s%s%s%s\n\n%s\n", command->name, *command->operands ? " " : "",
         command->operands, flag_count > 0 ? " [OPTION]..." : "", command->summary);
  if (flag_count > 0) {
    printf("\nOptions:\n");
    flags_print(flags, flag_count);
  }
  if (command->text) {
    printf("\n%s", command->text);
  }
}

static const struct command *find_command(const char *name) {
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(commands[i]->name, name) == 0) {
      return commands[i];
    }
  }
  return NULL;
}

static enum harness_status unknown_command(const char *name) {
  const char *names[COMMANDS + 1];
  for (size_t i = 0; i < COMMANDS; i++) {
    names[i] = commands[i]->is_hidden ? NULL : commands[i]->name;
  }
  names[COMMANDS] = "help";
  return say_unknown("command", name, names, COMMANDS + 1, "tricolor --help");
}

static enum harness_status check_operands(const struct command *command,
                                          const struct command_line *line) {
  if (line->operand_count < command->operands_min) {
    return say_bad_input("%s needs %s: tricolor %s %s", command->name, command->operands,
                         command->name, command->operands);
  }
  if (line->operand_count > command->operands_max) {
    return say_bad_input("%s cannot use '%s' (tricolor %s --help)", command->name,
                         line->operands[command->operands_max], command->name);
  }
  return HARNESS_DONE;
}

static enum harness_status run_command(const struct command *command, int argc, char **argv) {
  size_t flag_count = 0;
  const struct flag *flags = command->flags ? command->flags(&flag_count) : NULL;
  struct command_line line;
  enum harness_status status =
      command_line_parse(command->name, flags, flag_count, argc, argv, &line);
  if (status == HARNESS_DONE && line.help) {
    print_help(command);
  } else if (status == HARNESS_DONE) {
    status = check_operands(command, &line);
    if (status == HARNESS_DONE) {
      status = command->run(&line);
    }
  }
  command_line_finish(&line);
  return status;
}

static enum harness_status help(int argc, char **argv) {
  if (argc == 0) {
    print_overview(stdout);
    return HARNESS_DONE;
  }
  const struct command *command = find_command(argv[0]);
  if (!command) {
    return unknown_command(argv[0]);
  }
  print_help(command);
  return HARNESS_DONE;
}

enum harness_status commands_run(int argc, char **argv) {
  keep_line(argc, argv);
  if (argc == 0) {
    print_overview(stderr);
    return HARNESS_BAD_INPUT;
  }
  const char *name = argv[0];
  enum harness_status status;
  const struct command *command = find_command(name);
  if (command) {
    status = run_command(command, argc - 1, argv + 1);
  } else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    status = help(argc - 1, argv + 1);
  } else if (strcmp(name, "--version") == 0) {
    printf("tricolor %s\n", TRICOLOR_VERSION);
    status = HARNESS_DONE;
  } else if (name[0] == '-') {
    status = say_bad_input("there is no option %s before a command (tricolor --help)", name);
  } else {
    status = unknown_command(name);
  }
  free(given_line);
  given_line = NULL;
  return status;
}
