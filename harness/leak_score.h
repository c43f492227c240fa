/* The score of the leak detectors: how often each is right, over programs whose truth is known
 * (leak_programs.h).
 *
 * Detectors. `growth`, `survivors`, `retained` and `snapshots` are those of results/leak_growth.h,
 * leak_survivors.h and leak_images.h; `combined` is the verdict of results/leak_verdict.h. `troughs` is the cheap one: what cycles find
 * live, and external memory between them, of a run in which nothing is forced (results/growth.h), in
 * a heap of twice what is live halfway; a program that reaches its limit there leaks by it.
 */
#ifndef HARNESS_LEAK_SCORE_H
#define HARNESS_LEAK_SCORE_H

#include "harness/leak_programs.h"
#include "harness/leak_trial.h"
#include "results/leak_verdict.h"
#include <stdio.h>

enum leak_detector {
  LEAK_DETECTOR_TROUGHS,
  LEAK_DETECTOR_GROWTH,
  LEAK_DETECTOR_SURVIVORS,
  LEAK_DETECTOR_RETAINED,
  LEAK_DETECTOR_SNAPSHOTS,
  LEAK_DETECTOR_COMBINED,
  LEAK_DETECTORS
};
extern const char *const leak_detector_names[LEAK_DETECTORS];

/* What the detectors say of a program. */
struct leak_answer {
  enum results_leak_verdict verdicts[LEAK_DETECTORS];
};

/* Runs every program, with progress on stderr; answers[i] is of programs->items[i]. `asked` is a
 * trial without program and number. A trial that fails ends it. */
enum harness_status leak_score_run(const struct leak_programs *programs,
                                   const struct leak_trial *asked, struct leak_answer *answers);

/* Precision and recall of each detector, by kind of program; the synthetic ones by how much they
 * leak; what the combined verdict got wrong. */
void leak_score_print(FILE *stream, const struct leak_programs *programs,
                      const struct leak_answer *answers, const struct leak_trial *asked);

/* The same, program by program, as CSV. 0 or a negative errno with a sentence. */
int leak_score_write(const char *path, const struct leak_programs *programs,
                     const struct leak_answer *answers, char *error, size_t error_size);

/* True when the combined verdict is LEAK of every leaky variant, and of no fixed one and no
 * scenario. */
bool leak_score_is_passed(const struct leak_programs *programs, const struct leak_answer *answers);

#endif
