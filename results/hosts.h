/* On which machine each trial of a run ran, by the run's manifest.
 *
 * A run of one process names its machine; a merged one lists, in `shards`, machines with the trials
 * that ran there. Machines are the same when nothing that both name of host, architecture,
 * processor, cores, memory and kernel differs. A manifest that names none gives an empty list: then
 * all trials count as of one machine.
 */
#ifndef RESULTS_HOSTS_H
#define RESULTS_HOSTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct results_host {
  json_t *description; /* the object of the manifest */
  uint64_t *trials;    /* ascending; none of the machine of a run of one process: all trials */
  size_t trial_count;
};

struct results_hosts {
  struct results_host *items;
  size_t count;
};

/* Place in the list of a trial that no machine claims. */
#define RESULTS_NO_HOST SIZE_MAX

/* 0, or -ENOMEM. */
int results_hosts_load(const char *directory, struct results_hosts *machines);
void results_hosts_finish(struct results_hosts *machines);

size_t results_hosts_place(const struct results_hosts *machines, uint64_t trial);

/* 0: the same. 1: not, and the sentence says what differs; it may be null. */
int results_host_compare(const struct results_host *left, const struct results_host *right,
                         char *sentence, size_t sentence_size);

/* Whether trials at these places of two lists ran on one machine; a place or a list that says
 * nothing is taken to be the same. */
int results_hosts_same(const struct results_hosts *left, size_t left_place,
                       const struct results_hosts *right, size_t right_place);

/* The host's name, or the processor's. */
const char *results_host_name(const struct results_host *machine);

/* "1-4, 9", cut to fit; "all" for a run of one process. */
void results_host_trials(const struct results_host *machine, char *text, size_t text_size);

#endif
