/* What a watched trial did so far, and that as a picture of characters of any size.
 *
 * The whole trial is always seen. Time is cut into columns of equal length; when there is no column
 * left, two become one. A column keeps the largest of each size, the least that was used, and its
 * longest pause, so no peak is lost.
 *
 * Costs: kilobytes, however long a trial is.
 */
#ifndef HARNESS_WATCH_VIEW_H
#define HARNESS_WATCH_VIEW_H

#include "harness/usage_feed.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(series, letter, colour as a number of the terminal's palette, name), those in front last. */
#define WATCH_SERIES(X)                                                                            \
  X(limit, '-', 8, "limit")                                                                        \
  X(metadata, 'm', 5, "metadata")                                                                  \
  X(total, 'T', 7, "heap total")                                                                   \
  X(rss, 'R', 3, "RSS")                                                                            \
  X(external, 'x', 2, "external")                                                                  \
  X(used, 'u', 6, "heap used")

enum watch_series {
#define WATCH_SERIES_ENUM(series, letter, color, name) WATCH_##series,
  WATCH_SERIES(WATCH_SERIES_ENUM)
#undef WATCH_SERIES_ENUM
      WATCH_SERIES_COUNT
};

enum { WATCH_COLUMNS = 512 }; /* an even number */

struct watch_column {
  bool has_samples;
  uint64_t most_bytes[WATCH_SERIES_COUNT], least_used_bytes, longest_ns;
};

struct watch_history {
  uint64_t begin_ns, column_ns;
  size_t column_count; /* as far as samples came */
  struct watch_column columns[WATCH_COLUMNS];
  struct usage_feed_sample last; /* time_ns 0: none yet */
};

void watch_history_begin(struct watch_history *history, uint64_t begin_ns);
void watch_history_add(struct watch_history *history, const struct usage_feed_sample *sample);

/* What is drawn, and how. */
struct watch_view {
  const char *title, *state; /* "lru_cache, stw with card, 176M"; "trial 2, 43 %" */
  uint64_t mutators;
  size_t columns, rows; /* of the screen */
  bool has_colors;
};

/* The picture: lines ended by a newline, at most `rows`, of at most `columns` characters each,
 * escape sequences of colours aside. Null for want of memory; the caller frees it. A small screen
 * gets the figures alone. */
char *watch_view_draw(const struct watch_view *view, const struct watch_history *history);

/* The figures of the last sample as one line without an end, for output that is no screen. */
void watch_view_line(char *text, size_t text_size, const struct watch_history *history,
                     uint64_t mutators);

#endif
