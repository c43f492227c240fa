/* The program `tricolor`: everything is in commands.c and the command_*.c files. */
#include "harness/command.h"
#include <stdio.h>

int main(int argc, char **argv) {
  enum harness_status status = commands_run(argc - 1, argv + 1);
  if (fflush(stdout) != 0 && status == HARNESS_DONE) {
    status = HARNESS_ENVIRONMENT;
  }
  return (int)status;
}
