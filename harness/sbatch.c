/* A Slurm script of an experiment. */
#include "harness/sbatch.h"
#include "harness/conduct.h"
#include "harness/plan_shard.h"
#include "harness/workload_choice.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TASKS_MAX = 100000 };

/* What is submitted starts where it was printed, with the program that printed it. A task has its
 * node to itself (--exclusive), for its neighbours would be measured too. */
static const char head[] =
    "#!/bin/sh\n"
    "# Tricolor: an experiment in shards, one per task of a Slurm array job, and a job that "
    "merges\n"
    "# them. Submit it with: sh FILE. Partition, account, time and nodes are sbatch's own:\n"
    "# SBATCH_PARTITION=name sh FILE, or further #SBATCH lines. Shards are compared within a "
    "machine only; "
    "nodes\n"
    "# of one kind are best.\n"
    "#SBATCH --exclusive\n"
    "set -eu\n";

static const char submitting[] =
    "submit)\n"
    "  mkdir -p \"$directory/shards\"\n"
    "  array=$(sbatch --parsable --job-name=\"$name\" --array=\"1-$count\" \\\n"
    "    --output=\"$directory/shards/%a.txt\" \"$0\" shard \"$directory\")\n"
    "  array=${array%;*}\n"
    "  merge=$(sbatch --parsable --job-name=\"$name-merge\" --dependency=\"afterany:$array\" \\\n"
    "    --output=\"$directory/merge.txt\" \"$0\" merge \"$directory\")\n"
    "  echo \"array job $array, merged by job ${merge%;*} into $directory\"\n"
    "  ;;\n";

/* In single quotes, whatever it holds. */
static void print_quoted(const char *text) {
  putchar('\'');
  for (; *text; text++) {
    if (*text == '\'') {
      fputs("'\\''", stdout);
    } else {
      putchar(*text);
    }
  }
  putchar('\'');
}

static void print_assignment(const char *name, const char *value) {
  printf("%s=", name);
  print_quoted(value);
  putchar('\n');
}

/* The command line again, without what is each task's own. */
static void print_arguments(const struct command_line *line) {
  static const char *const own[] = {"print-sbatch", "out", "yes"};
  for (size_t i = 0; i < line->operand_count; i++) {
    putchar(' ');
    print_quoted(line->operands[i]);
  }
  for (size_t i = 0; i < line->use_count; i++) {
    const struct flag *flag = line->uses[i].flag;
    bool is_own = false;
    for (size_t j = 0; j < sizeof own / sizeof *own; j++) {
      is_own |= strcmp(flag->name, own[j]) == 0;
    }
    if (is_own) {
      continue;
    }
    printf(" --%s", flag->name);
    if (flag->argument != FLAG_ALONE) {
      putchar(flag->argument == FLAG_SWITCH ? '=' : ' ');
      print_quoted(line->uses[i].value);
    }
  }
}

static void print_directory(const struct plan *plan, const char *name, const char *here) {
  const char *out = plan->experiment->out;
  printf("made=");
  if (out && *out != '/') {
    print_quoted(here);
    putchar('/');
  }
  if (out) {
    print_quoted(out);
  } else {
    print_quoted(project_directory());
    printf("/results/runs/$(date -u +%%Y-%%m-%%d-%%H%%M%%S)-");
    print_quoted(name);
  }
  putchar('\n');
}

static void print_script(const struct command_line *line, const struct plan *plan, uint64_t count,
                         const char *program, const char *here) {
  char name[160];
  conduct_short_name(plan->experiment, name, sizeof name);
  fputs(head, stdout);
  print_assignment("name", name);
  printf("count=%" PRIu64 "\n", count);
  print_assignment("tricolor", program);
  print_directory(plan, name, here);
  printf("directory=${2:-$made}\ncd ");
  print_quoted(here);
  printf("\ncase ${1:-submit} in\n");
  fputs(submitting, stdout);
  printf("shard)\n"
         "  own=$directory/shards/$SLURM_ARRAY_TASK_ID\n"
         "  if [ -e \"$own/manifest.json\" ]; then # this task was started before\n"
         "    exec \"$tricolor\" run --resume \"$own\"\n"
         "  fi\n"
         "  exec \"$tricolor\" run");
  print_arguments(line);
  printf(" --yes \\\n    --shard \"$SLURM_ARRAY_TASK_ID/$count\" --out \"$own\"\n  ;;\n"
         "merge)\n  exec \"$tricolor\" merge \"$directory\"/shards/*/ --out \"$directory\"\n"
         "  ;;\nesac\n");
}

enum harness_status sbatch_print(const struct command_line *line, const struct plan *plan,
                                 const char *tasks) {
  char program[PATH_MAX], here[PATH_MAX];
  uint64_t count;
  enum harness_status status = experiment_set_count("--print-sbatch", tasks, 1, TASKS_MAX, &count);
  if (status == HARNESS_DONE && plan->shard.count > 0) {
    status = say_bad_input("--print-sbatch makes the shards; --shard cannot be given with it");
  }
  if (status == HARNESS_DONE) {
    status = plan_shard_check(plan, count);
  }
  if (status != HARNESS_DONE) {
    return status;
  }
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length < 0 || !getcwd(here, sizeof here)) {
    return say_environment("cannot tell where this program or this folder is");
  }
  program[length] = 0;
  print_script(line, plan, count, program, here);
  return HARNESS_DONE;
}
