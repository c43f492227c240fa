/* What the machine says of itself: for manifests, and per trial. */
#ifndef HARNESS_MACHINE_H
#define HARNESS_MACHINE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* The first bytes of a small file, as text. 0, or a negative errno and an empty text. */
int machine_read_file(const char *path, char *text, size_t text_size);

double machine_load(void);          /* of the last minute; NaN when not known */
uint64_t machine_steal_ticks(void); /* taken by the host from all processors since boot */
uint64_t machine_cores(void);       /* that this process may use */
uint64_t machine_memory_bytes(void);

/* An object: uname, processor, cores and their present frequencies, memory, huge pages, governor,
 * and what machine_observe sees. Units are in the keys. */
json_t *machine_describe(void);

/* An object: load, users, steal ticks so far, time, busy processes. Processes over 50 % of a
 * processor are looked for during about 0.2 s. */
json_t *machine_observe(void);

/* Sentences, as an array of texts, on what disturbed a measurement between two observations: what
 * other processes, other users and the host took. Empty: nothing that was seen. */
json_t *machine_noise(const json_t *before, const json_t *after);

/* Says on stderr what would disturb a measurement, from a description. */
void machine_warn(const json_t *machine);

#endif
