/* Samples of a trial for leak detection: at equal parts of its work the first mutator collects
 * everything that is dead and counts what is left, by type (gc/census.h).
 *
 * When half, three quarters and almost all of the work is done, an image of the object graph is
 * captured too (results/leak_images.h).
 *
 * Concurrency: the recorder is of the first mutator's thread until its run has ended. Others run on
 * beside its collections, and stop for its counts.
 *
 * Costs: a full collection and a trace per sample, which are no part of the times that are recorded;
 * so a trial that is sampled is not one to measure speed with.
 */
#ifndef HARNESS_CENSUS_RECORDER_H
#define HARNESS_CENSUS_RECORDER_H

#include "results/leak_samples.h"
#include "workloads/workload.h"
#include <gc/image.h>

/* More than a trend takes would not be looked at; fewer decide nothing. */
enum { CENSUS_SAMPLES_MIN = 12, CENSUS_SAMPLES_MAX = 256, CENSUS_SAMPLES = 24 };

struct census_recorder {
  struct gc_heap *heap;
  struct results_leak_samples samples;
  uint64_t begin_ns;  /* of the run */
  uint64_t looked_ns; /* at the heap, so far */
  bool lacks_memory;  /* a sample was lost: there will be none from there on */
  uint64_t asked;     /* samples */
  struct gc_image first_image;
  uint32_t second_last_id;
  enum { IMAGE_FIRST, IMAGE_SECOND, IMAGE_THIRD, IMAGES_DONE } next_image;
};

/* What a run is to be given, which calls for `count` samples; count 0: for none. */
struct workload_checkpoints census_recorder_start(struct census_recorder *recorder,
                                                  struct gc_heap *heap, uint64_t count);
/* 0 or negative errno with a sentence. */
int census_recorder_write(const struct census_recorder *recorder, const char *path, char *error,
                          size_t error_size);
void census_recorder_finish(struct census_recorder *recorder);

#endif
