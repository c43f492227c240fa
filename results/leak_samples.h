/* What a program holds at equal parts of its work, each time right after everything else was
 * collected: what leaks are looked for in. In memory, and as a file of a trial, NNNN.census.json.
 *
 * A site is a type of objects, which is named after the place that allocates it; those without a
 * name are one site. Bytes of a site include the backing stores of its buffers. What a program has
 * declared as memory of its own is a site of that name. Survivors are what the sample before counted
 * too.
 *
 * Errors: 0 or a negative errno with one sentence; -EPROTO for a file that is none of these.
 */
#ifndef RESULTS_LEAK_SAMPLES_H
#define RESULTS_LEAK_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#define RESULTS_LEAK_UNNAMED  "(unnamed)"
#define RESULTS_LEAK_DECLARED "(declared memory)"

struct results_leak_sample {
  double work;       /* done so far, in operations */
  double time_ns;    /* of the program's own: looking at the heap is left out */
  double heap_bytes; /* of live objects */
  double external_bytes;
  double committed_bytes; /* of the heap */
};

struct results_leak_count {
  double objects, bytes, survivor_bytes;
};

struct results_leak_site {
  char *name;
  char *path;                        /* from a root to one of its objects, at the end; or empty */
  struct results_leak_count *counts; /* by sample */
};

enum { RESULTS_LEAK_NAME = 96 };

/* Of three images of the object graph (leak_images.h), in operations and bytes. */
struct results_leak_images {
  bool is_known;
  double first_work, second_work, third_work; /* done when they were captured */
  char grown_type[RESULTS_LEAK_NAME];         /* of the retainer that grew most */
  double grown_before_bytes, grown_after_bytes;
  char stayed_type[RESULTS_LEAK_NAME]; /* of which most stayed */
  double stayed_type_objects, stayed_type_bytes;
  double stayed_bytes; /* of all types */
};

struct results_leak_samples {
  struct results_leak_sample *items;
  size_t count;
  struct results_leak_site *sites;
  size_t site_count;
  double work_total;                             /* of the whole run, in operations */
  double heap_limit_bytes, external_limit_bytes; /* 0: none */
  struct results_leak_images images;
};

void results_leak_samples_finish(struct results_leak_samples *samples);

/* Adds a sample, in which no site has anything yet. 0 or -ENOMEM. */
int results_leak_samples_add(struct results_leak_samples *samples,
                             const struct results_leak_sample *sample);
/* The site of that name, which is added where there is none; null for want of memory. */
struct results_leak_site *results_leak_samples_site(struct results_leak_samples *samples,
                                                    const char *name);
/* 0 or -ENOMEM. */
int results_leak_site_set_path(struct results_leak_site *site, const char *path);

int results_leak_samples_write(const char *path, const struct results_leak_samples *samples,
                               char *error, size_t error_size);
/* `samples` is to be finished whatever is answered. */
int results_leak_samples_read(const char *path, struct results_leak_samples *samples, char *error,
                              size_t error_size);

#endif
