/* `tricolor snapshot`: a workload's heap as files that DevTools opens, and who retains most of it.
 *
 * The workload runs in this process (snapshot_taker.h): the heap that is looked at is the one at
 * hand, and the memory that the images take is this program's. Files are written when everything was
 * captured, the first before the last.
 */
#include "harness/clock.h"
#include "harness/command.h"
#include "harness/interrupt.h"
#include "harness/leak_trial.h"
#include "harness/run_directory.h"
#include "harness/snapshot_print.h"
#include "harness/snapshot_taker.h"
#include "harness/subject.h"
#include "harness/text_list.h"
#include "results/file.h"
#include "results/snapshot_file.h"
#include "results/units.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct flag flags[] = {
    {"at", FLAG_VALUE, "PART",
     "when: parts of the work from 0 to 1, up to three, as 0.3,0.6,0.9; or oom: when the heap is "
     "exhausted (0.5)"},
    {"out", FLAG_VALUE, "FILE|DIR",
     "a file named *.heapsnapshot, or *.heapsnapshot.zst for a compressed one; or the folder that "
     "files go to (the current one)"},
    SUBJECT_FLAGS("the workload's quick parameters"),
};

static const struct flag *snapshot_flags(size_t *count) {
  *count = sizeof flags / sizeof *flags;
  return flags;
}

/* Where files go. */
struct destination {
  char folder[PATH_MAX / 2];
  char stem[256];
  const char *ending;
  bool is_named; /* a file was named: a single snapshot has just this name */
};

/* The taker stays until the process ends, and with it what its thread sees. */
static struct snapshot {
  struct subject subject;
  struct workload_choice choice;
  struct destination destination;
  struct snapshot_taker taker;
} snapshot;

/* --- when --------------------------------------------------------------------------------------*/

static enum harness_status take_point(struct snapshot_taker *taker, const char *text) {
  char *end;
  double ratio = strtod(text, &end);
  double before = taker->points > 0 ? taker->at_ratios[taker->points - 1] : 0;
  if (end == text || *end || !isfinite(ratio) || ratio <= 0 || ratio > 1) {
    return say_bad_input("--at %s: a part of the work is more than 0 and at most 1; or oom", text);
  }
  if (ratio <= before) {
    return say_bad_input("--at %s: after %g a later part is needed", text, before);
  }
  taker->at_ratios[taker->points++] = ratio;
  return HARNESS_DONE;
}

static enum harness_status take_at(struct snapshot_taker *taker, const char *text) {
  struct text_list parts = {0};
  enum harness_status status = HARNESS_DONE;
  if (strcmp(text, "oom") == 0) {
    return status;
  }
  text_list_add_parts(&parts, text);
  if (parts.count == 0 || parts.count > SNAPSHOTS_MAX) {
    status = say_bad_input("--at takes one to %d parts of the work, or oom", SNAPSHOTS_MAX);
  }
  for (size_t i = 0; status == HARNESS_DONE && i < parts.count; i++) {
    status = take_point(taker, parts.texts[i]);
  }
  text_list_finish(&parts);
  return status;
}

/* --- where to ----------------------------------------------------------------------------------*/

static const char *ending_of(const char *path) {
  static const char *const endings[] = {".heapsnapshot", ".heapsnapshot.zst"};
  size_t length = strlen(path);
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    size_t ending = strlen(endings[i]);
    if (length > ending && strcmp(path + length - ending, endings[i]) == 0) {
      return endings[i];
    }
  }
  return NULL;
}

static bool is_folder(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static enum harness_status take_folder(struct destination *destination, const char *out) {
  if (!is_folder(out) && out[strlen(out) - 1] != '/') {
    return say_bad_input("--out %s: there is no such folder, and a file's name ends in "
                         ".heapsnapshot, by which viewers know it, or .heapsnapshot.zst",
                         out);
  }
  if (mkdir(out, 0777) != 0 && errno != EEXIST) {
    return say_environment("%s cannot be made: %s", out, strerror(errno));
  }
  snprintf(destination->folder, sizeof destination->folder, "%s", out);
  return HARNESS_DONE;
}

static void take_file(struct destination *destination, const char *out) {
  const char *slash = strrchr(out, '/'), *name = slash ? slash + 1 : out;
  destination->is_named = true;
  destination->ending = ending_of(out);
  snprintf(destination->stem, sizeof destination->stem, "%.*s",
           (int)(strlen(name) - strlen(destination->ending)), name);
  if (slash) {
    snprintf(destination->folder, sizeof destination->folder, "%.*s",
             slash == out ? 1 : (int)(slash - out), out);
  }
}

static enum harness_status take_out(struct destination *destination, const char *out,
                                    const char *workload) {
  enum harness_status status = HARNESS_DONE;
  *destination = (struct destination){.folder = ".", .ending = ".heapsnapshot"};
  snprintf(destination->stem, sizeof destination->stem, "%s", workload);
  if (out && (!*out || strlen(out) >= sizeof destination->folder)) {
    return say_bad_input("--out needs a path, and not one that long");
  }
  if (out && ending_of(out) && !is_folder(out)) {
    take_file(destination, out);
  } else if (out) {
    status = take_folder(destination, out);
  }
  if (status == HARNESS_DONE && access(destination->folder, W_OK) != 0) {
    status =
        say_environment("nothing can be written into %s: %s", destination->folder, strerror(errno));
  }
  return status;
}

/* "0.5", or what happened then. Static storage, one text for each image. */
static const char *moment_of(const struct snapshot_taker *taker, size_t image) {
  static char texts[SNAPSHOTS_MAX][32];
  if ((taker->is_at_limit || taker->is_repeated) && image + 1 == taker->taken) {
    snprintf(texts[image], sizeof texts[image], "oom");
  } else {
    snprintf(texts[image], sizeof texts[image], "%g", taker->at_ratios[image]);
  }
  return texts[image];
}

static void path_of(char path[PATH_MAX], const struct destination *destination,
                    const struct snapshot_taker *taker, size_t image) {
  const char *folder = destination->folder;
  bool is_here = strcmp(folder, ".") == 0;
  bool is_slashed = folder[strlen(folder) - 1] == '/';
  bool is_numbered = !destination->is_named || taker->points > 1;
  snprintf(path, PATH_MAX, "%s%s%s%s%s%s", is_here ? "" : folder, is_here || is_slashed ? "" : "/",
           destination->stem, is_numbered ? "-at-" : "", is_numbered ? moment_of(taker, image) : "",
           destination->ending);
}

/* --- writing -----------------------------------------------------------------------------------*/

struct writing {
  const char *path;
  uint64_t begin_ns;
};

static void show_writing(void *context, double done_ratio) {
  const struct writing *writing = context;
  double seconds = (double)(clock_now_ns() - writing->begin_ns) * 1e-9;
  if (seconds > 1) {
    fprintf(stderr, "\r\033[K%s: %.0f %%, %s left", writing->path, 100 * done_ratio,
            say_seconds(seconds * (1 - done_ratio) / done_ratio));
  }
}

static enum harness_status write_one(const char *path, const struct gc_image *image) {
  char error[PATH_MAX + 128];
  struct stat file = {0};
  bool is_terminal = isatty(STDERR_FILENO);
  struct writing writing = {path, clock_now_ns()};
  int status = results_snapshot_write(path, image, is_terminal ? show_writing : NULL, &writing,
                                      error, sizeof error);
  if (is_terminal) {
    fprintf(stderr, "\r\033[K");
  }
  if (status == -EFBIG) {
    return say_bad_input("%s", error);
  }
  if (status != 0) {
    return say_environment("%s", error);
  }
  stat(path, &file);
  printf("  %s, %s: ", path, results_text_bytes((double)file.st_size).text);
  snapshot_print_sum(stdout, image);
  printf("\n");
  fflush(stdout);
  return HARNESS_DONE;
}

static enum harness_status write_all(const struct snapshot *snapshot) {
  enum harness_status status = HARNESS_DONE;
  const struct snapshot_taker *taker = &snapshot->taker;
  printf("%s under %s, heap of %s\n", snapshot->choice.input.workload->name,
         snapshot->subject.collector, say_size(snapshot->subject.heap_bytes));
  for (size_t i = 0; status == HARNESS_DONE && i < taker->taken; i++) {
    char path[PATH_MAX];
    path_of(path, &snapshot->destination, taker, i);
    status = write_one(path, &taker->images[i]);
    if (status == HARNESS_DONE && interrupt_requested()) {
      say_note("interrupted");
      status = HARNESS_INTERRUPTED;
    }
  }
  return status;
}

/* --- what came of it ---------------------------------------------------------------------------*/

static enum harness_status say_capture_failed(const struct snapshot_taker *taker) {
  if (taker->capture_status == -EFBIG) {
    return say_bad_input("the heap has more objects or references than a snapshot can number");
  }
  return say_environment("no snapshot %s: out of memory for the image of the heap",
                         taker->is_at_limit ? "at the heap's limit" : "at the point asked for");
}

/* Of a run that has come to nothing, or not to all that was wanted. */
static enum harness_status say_ended(const struct snapshot *snapshot) {
  const struct snapshot_taker *taker = &snapshot->taker;
  const char *name = snapshot->choice.input.workload->name;
  if (taker->has_ended && taker->run_status == WORKLOAD_WRONG) {
    say_error("%s computed a wrong result: %s", name, taker->run.note);
    return HARNESS_TRIAL_FAILED;
  }
  if (taker->capture_status != 0) {
    return say_capture_failed(taker);
  }
  if (taker->is_at_limit && taker->points > 0) {
    say_note("The heap was exhausted at %.0f %% of the work: the last snapshot is of then.",
             100 * taker->taken_ratios[taker->taken - 1]);
  }
  if (taker->is_at_limit || (taker->points > 0 && taker->taken == taker->points)) {
    return HARNESS_DONE;
  }
  if (taker->run_status == WORKLOAD_OUT_OF_MEMORY) {
    return say_environment("%s ran out of memory before it could be looked at", name);
  }
  return taker->points == 0
             ? say_bad_input("%s did its work within its heap of %s; a smaller --heap?", name,
                             say_size(snapshot->subject.heap_bytes))
             : say_bad_input("%s ended its work before %g; a smaller --at?", name,
                             taker->at_ratios[taker->taken]);
}

static enum harness_status print_all(const struct snapshot_taker *taker) {
  struct snapshot_printed printed[SNAPSHOTS_MAX];
  for (size_t i = 0; i < taker->taken; i++) {
    printed[i] = (struct snapshot_printed){&taker->images[i], moment_of(taker, i)};
  }
  return snapshot_print(stdout, printed, taker->taken) == 0
             ? HARNESS_DONE
             : say_environment("out of memory to find out who retains what");
}

static enum harness_status take_and_write(struct snapshot *snapshot) {
  struct gc_options options = gc_options_default();
  const struct subject *subject = &snapshot->subject;
  options.collector = subject->collector;
  options.barrier = subject->barrier;
  options.heap_bytes = subject->heap_bytes;
  options.seed = subject->seed;
  enum harness_status status = snapshot_taker_run(&snapshot->taker, &snapshot->choice, &options);
  if (status != HARNESS_DONE) {
    return status;
  }
  enum harness_status ended = say_ended(snapshot);
  if (snapshot->taker.taken > 0) {
    status = write_all(snapshot);
  }
  if (status == HARNESS_DONE && snapshot->taker.taken > 0) {
    status = print_all(&snapshot->taker);
  }
  return status == HARNESS_DONE ? ended : status;
}

static enum harness_status run(const struct command_line *line) {
  const char *at = command_line_value(line, "at");
  enum harness_status status = subject_take(line, &snapshot.subject);
  if (status == HARNESS_DONE) {
    status = take_at(&snapshot.taker, at ? at : "0.5");
  }
  if (status == HARNESS_DONE) {
    status = leak_trial_parse(line->operands[0], snapshot.subject.is_quick, snapshot.subject.seed,
                              &snapshot.choice);
  }
  if (status == HARNESS_DONE) {
    status = take_out(&snapshot.destination, command_line_value(line, "out"),
                      snapshot.choice.input.workload->name);
  }
  if (status == HARNESS_DONE) {
    interrupt_catch();
    status = take_and_write(&snapshot);
  }
  return status;
}

const struct command command_snapshot = {
    .name = "snapshot",
    .operands = "WORKLOAD[:NAME=VALUE,...]",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "Writes a workload's heap for DevTools, and says who retains most of it.",
    .text =
        "Runs the workload, stops it at a part of its work, and writes what is reachable then as a "
        "V8\nheap snapshot: DevTools opens it (Memory, Load), and so does the workload heap_graph. "
        "Objects are\nnamed by their types, which stand for the sites that allocate; an object has "
        "the same number in\nall snapshots of a run. Of several, what grew between the first and "
        "the last is printed; of\nthree, also what was made between the first two and is still "
        "there at the last: the leak, if\nthere is one. A run that comes to its heap's limit "
        "earlier is captured there.\n\n"
        "Examples:\n"
        "  tricolor snapshot lru_cache\n"
        "  tricolor snapshot leak:pair=cache --at 0.3,0.6,0.9 --out leak/\n"
        "  tricolor snapshot leak:pair=queue --heap 32M --at oom --out exhausted.heapsnapshot\n",
    .flags = snapshot_flags,
    .run = run,
};
