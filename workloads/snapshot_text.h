/* The text of a heap snapshot file, as a stream: plain, gzip or Zstandard.
 *
 * The format is told from the first bytes of the file, never from its name. Several gzip members
 * or Zstandard frames in one file are one text. Only regular files are read: every trial reads the
 * file anew, which a pipe would not survive.
 *
 * Concurrency: one thread per stream.
 * Costs: 128 KiB of input buffer and the decoder's window (at most 128 MiB, by Zstandard's own
 * limit), whatever the size of the file.
 */
#ifndef TRICOLOR_WORKLOADS_SNAPSHOT_TEXT_H
#define TRICOLOR_WORKLOADS_SNAPSHOT_TEXT_H

#include "workloads/snapshot_fault.h"

#include <stddef.h>
#include <stdint.h>

struct snapshot_text;

/* Null when the file cannot be opened or is no file to read; then the fault says why. */
struct snapshot_text *snapshot_text_open(const char *path, struct snapshot_fault *fault);

/* Reads the next part of the text: *length_bytes is 0 only at its end. False with a fault. */
bool snapshot_text_read(struct snapshot_text *text, void *buffer, size_t capacity_bytes,
                        size_t *length_bytes, struct snapshot_fault *fault);

/* The most text that a file of this size and format can hold. */
uint64_t snapshot_text_bound_bytes(const struct snapshot_text *text);

void snapshot_text_close(struct snapshot_text *text);

#endif
