/* A watched trial as a picture of characters. See watch_view.h. */
#define _GNU_SOURCE /* open_memstream, memrchr */
#include "harness/watch_view.h"
#include "harness/say.h"
#include "heap/event.h"
#include "results/units.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t first_column_ns = 100000000;
static const double ns_per_s = 1e9;

enum {
  LABEL_COLUMNS = 9, /* left of a chart, its edge included */
  PAUSE_ROWS = 5,    /* 10 us to 100 ms, a row for each power of ten */
  OTHER_ROWS = 7, /* title, legend, heading of pauses, time axis, two of figures, one left free */
  CHART_ROWS_MIN = 4,
  CHART_COLUMNS_MIN = 24,
};

static const struct {
  const char *name;
  unsigned color;
  char letter;
} looks[WATCH_SERIES_COUNT] = {
#define WATCH_SERIES_LOOK(series, letter, color, name) [WATCH_##series] = {name, color, letter},
    WATCH_SERIES(WATCH_SERIES_LOOK)
#undef WATCH_SERIES_LOOK
};

/* --- what happened ------------------------------------------------------------------------------
 */

void watch_history_begin(struct watch_history *history, uint64_t begin_ns) {
  *history = (struct watch_history){.begin_ns = begin_ns, .column_ns = first_column_ns};
}

static void join(struct watch_column *column, const struct watch_column *other) {
  if (!other->has_samples) {
    return;
  }
  if (!column->has_samples) {
    *column = *other;
    return;
  }
  for (size_t series = 0; series < WATCH_SERIES_COUNT; series++) {
    if (other->most_bytes[series] > column->most_bytes[series]) {
      column->most_bytes[series] = other->most_bytes[series];
    }
  }
  if (other->least_used_bytes < column->least_used_bytes) {
    column->least_used_bytes = other->least_used_bytes;
  }
  if (other->longest_ns > column->longest_ns) {
    column->longest_ns = other->longest_ns;
  }
}

/* Two columns become one. */
static void fold(struct watch_history *history) {
  for (size_t index = 0; index < WATCH_COLUMNS / 2; index++) {
    struct watch_column joined = history->columns[2 * index];
    join(&joined, &history->columns[2 * index + 1]);
    history->columns[index] = joined;
  }
  memset(history->columns + WATCH_COLUMNS / 2, 0, sizeof history->columns / 2);
  history->column_ns *= 2;
  history->column_count = (history->column_count + 1) / 2;
}

static size_t column_at(const struct watch_history *history, uint64_t time_ns) {
  uint64_t since_ns = time_ns > history->begin_ns ? time_ns - history->begin_ns : 0;
  return (size_t)(since_ns / history->column_ns);
}

void watch_history_add(struct watch_history *history, const struct usage_feed_sample *sample) {
  struct watch_column column = {.has_samples = true,
                                .most_bytes = {[WATCH_limit] = sample->limit_bytes,
                                               [WATCH_metadata] = sample->metadata_bytes,
                                               [WATCH_total] = sample->heap_total_bytes,
                                               [WATCH_rss] = sample->rss_bytes,
                                               [WATCH_external] = sample->external_bytes,
                                               [WATCH_used] = sample->heap_used_bytes},
                                .least_used_bytes = sample->heap_used_bytes,
                                .longest_ns = sample->longest_ns};
  while (column_at(history, sample->time_ns) >= WATCH_COLUMNS) {
    fold(history);
  }
  size_t place = column_at(history, sample->time_ns);
  join(&history->columns[place], &column);
  history->column_count = place >= history->column_count ? place + 1 : history->column_count;
  history->last = *sample;
}

/* --- figures ------------------------------------------------------------------------------------
 */

static double seconds_of(const struct watch_history *history) {
  uint64_t time_ns = history->last.time_ns;
  return time_ns > history->begin_ns ? (double)(time_ns - history->begin_ns) / ns_per_s : 0;
}

static const char *kind_name(uint64_t kind) {
  return kind < GC_PAUSE_KINDS ? gc_pause_kind_names[kind] : "not known";
}

static void say_memory(FILE *stream, const struct usage_feed_sample *last) {
  fprintf(stream, "RSS %s, heap total %s, ", say_size(last->rss_bytes),
          say_size(last->heap_total_bytes));
  fprintf(stream, "used %s, external %s, ", say_size(last->heap_used_bytes),
          say_size(last->external_bytes));
  fprintf(stream, "metadata %s, limit %s", say_size(last->metadata_bytes),
          say_size(last->limit_bytes));
}

static void say_pauses(FILE *stream, const struct watch_history *history, uint64_t mutators) {
  const struct usage_feed_sample *last = &history->last;
  double lived_ns = seconds_of(history) * ns_per_s * (double)(mutators ? mutators : 1);
  fprintf(stream, "%" PRIu64 " pauses", last->all_pauses);
  if (last->all_pauses > 0) {
    fprintf(stream, ", longest %s (%s)", results_text_ns((double)last->all_longest_ns).text,
            kind_name(last->all_longest_kind));
  }
  if (lived_ns > 0) {
    fprintf(stream, ", %.1f %% of the program's time",
            100 * (double)last->all_paused_ns / lived_ns);
  }
}

void watch_view_line(char *text, size_t text_size, const struct watch_history *history,
                     uint64_t mutators) {
  FILE *stream = fmemopen(text, text_size, "w");
  if (!stream) {
    text[0] = 0;
    return;
  }
  fprintf(stream, "%.1f s: ", seconds_of(history));
  say_memory(stream, &history->last);
  fputs("; ", stream);
  say_pauses(stream, history, mutators);
  fclose(stream);
  text[text_size - 1] = 0;
}

/* --- the picture --------------------------------------------------------------------------------
 */

struct picture {
  FILE *stream;
  const struct watch_view *view;
  const struct watch_history *history;
  size_t columns, memory_rows; /* of the charts */
  size_t step;                 /* columns of the history to one of the picture */
  uint64_t top_bytes;          /* of the memory's axis */
};

/* As much of a text as a line has room for. */
static void put_line(struct picture *picture, const char *text) {
  fprintf(picture->stream, "%.*s\n", (int)picture->view->columns, text);
}

/* Colour 0: the terminal's own. */
static void put_color(struct picture *picture, unsigned color) {
  if (!picture->view->has_colors) {
    return;
  }
  if (color == 0) {
    fputs("\033[m", picture->stream);
  } else {
    fprintf(picture->stream, "\033[%um", color < 8 ? 30 + color : 90 + color - 8);
  }
}

/* What the picture's column shows: those of the history that fall into it, or what was last. */
static struct watch_column column_of(const struct picture *picture, size_t place) {
  struct watch_column column = {0};
  const struct watch_history *history = picture->history;
  size_t begin = place * picture->step;
  for (size_t index = begin; index < begin + picture->step && index < history->column_count;
       index++) {
    join(&column, &history->columns[index]);
  }
  for (size_t index = begin; !column.has_samples && begin < history->column_count && index-- > 0;) {
    column = history->columns[index];
    column.longest_ns = 0;
  }
  return column;
}

/* A little more than the largest, in whole steps of a row. */
static void choose_scale(struct picture *picture) {
  const struct watch_history *history = picture->history;
  uint64_t most_bytes = 1 << 20;
  for (size_t index = 0; index < history->column_count; index++) {
    for (size_t series = 0; series < WATCH_SERIES_COUNT; series++) {
      uint64_t bytes = history->columns[index].most_bytes[series];
      most_bytes = bytes > most_bytes ? bytes : most_bytes;
    }
  }
  uint64_t row_bytes = UINT64_C(1) << 16;
  for (unsigned digit = 0; row_bytes * picture->memory_rows <= most_bytes; digit++) {
    row_bytes = digit % 2 ? row_bytes / 3 * 4 : row_bytes / 2 * 3; /* 1, 1.5, 2, 3, 4 … */
  }
  picture->top_bytes = row_bytes * picture->memory_rows;
  picture->step = (history->column_count + picture->columns - 1) / picture->columns;
  picture->step = picture->step ? picture->step : 1;
}

static size_t row_of(const struct picture *picture, uint64_t bytes) {
  return (size_t)(bytes / (picture->top_bytes / picture->memory_rows));
}

/* The series seen in a row of the column, or WATCH_SERIES_COUNT; rows count from below. Use is a
 * bar from the least to the most. */
static size_t series_at(const struct picture *picture, const struct watch_column *column,
                        size_t row) {
  size_t seen = WATCH_SERIES_COUNT;
  for (size_t series = 0; column->has_samples && series < WATCH_SERIES_COUNT; series++) {
    uint64_t bytes = column->most_bytes[series];
    if (bytes > 0 && row_of(picture, bytes) == row) {
      seen = series;
    }
  }
  bool is_used = column->has_samples && row >= row_of(picture, column->least_used_bytes) &&
                 row <= row_of(picture, column->most_bytes[WATCH_used]);
  return is_used ? WATCH_used : seen;
}

static void put_memory_row(struct picture *picture, const struct watch_column *columns,
                           size_t row) {
  unsigned color = 0;
  fprintf(picture->stream, "%*s|", LABEL_COLUMNS - 1,
          row % 3 == 0 ? say_size(picture->top_bytes / picture->memory_rows * row) : "");
  for (size_t place = 0; place < picture->columns; place++) {
    size_t series = series_at(picture, &columns[place], row);
    unsigned wanted = series < WATCH_SERIES_COUNT ? looks[series].color : color;
    if (wanted != color) {
      put_color(picture, wanted);
      color = wanted;
    }
    putc(series < WATCH_SERIES_COUNT ? looks[series].letter : ' ', picture->stream);
  }
  put_color(picture, 0);
  putc('\n', picture->stream);
}

/* A bar reaches into a row when the pause lasted that power of ten. */
static void put_pause_row(struct picture *picture, const struct watch_column *columns, size_t row) {
  static const char *const labels[PAUSE_ROWS] = {"10 us", "100 us", "1 ms", "10 ms", "100 ms"};
  uint64_t least_ns = 10000;
  for (size_t index = 0; index < row; index++) {
    least_ns *= 10;
  }
  fprintf(picture->stream, "%*s|", LABEL_COLUMNS - 1, labels[row]);
  put_color(picture, 1);
  for (size_t place = 0; place < picture->columns; place++) {
    uint64_t longest_ns = columns[place].longest_ns;
    putc(longest_ns >= least_ns ? '#' : row == 0 && longest_ns > 0 ? '.' : ' ', picture->stream);
  }
  put_color(picture, 0);
  putc('\n', picture->stream);
}

static void put_legend(struct picture *picture) {
  size_t left = picture->view->columns;
  for (size_t series = WATCH_SERIES_COUNT; series-- > 0;) {
    size_t length = strlen(looks[series].name) + 4;
    if (length > left) {
      break;
    }
    left -= length;
    put_color(picture, looks[series].color);
    putc(looks[series].letter, picture->stream);
    put_color(picture, 0);
    fprintf(picture->stream, " %s  ", looks[series].name);
  }
  putc('\n', picture->stream);
}

static void put_time_axis(struct picture *picture) {
  char end[64];
  double seconds = (double)picture->history->column_ns * (double)picture->step *
                   (double)picture->columns / ns_per_s;
  int length = snprintf(end, sizeof end, "%s", say_seconds(seconds));
  fprintf(picture->stream, "%*s0%*s\n", LABEL_COLUMNS, "",
          (int)picture->columns - 1 > length ? (int)picture->columns - 1 : 0, end);
}

static void put_charts(struct picture *picture) {
  struct watch_column columns[WATCH_COLUMNS];
  choose_scale(picture);
  for (size_t place = 0; place < picture->columns; place++) {
    columns[place] = column_of(picture, place);
  }
  put_legend(picture);
  for (size_t row = picture->memory_rows; row-- > 0;) {
    put_memory_row(picture, columns, row);
  }
  put_line(picture, "longest pause");
  for (size_t row = PAUSE_ROWS; row-- > 0;) {
    put_pause_row(picture, columns, row);
  }
  put_time_axis(picture);
}

/* As many whole figures as a line has room for; of the first at least its begin. */
static void put_whole_figures(struct picture *picture, char *text) {
  size_t columns = picture->view->columns;
  size_t end = strlen(text);
  while (end > columns && end > 0) {
    const char *comma = memrchr(text, ',', end);
    end = comma ? (size_t)(comma - text) : 0;
  }
  if (end > 0) {
    text[end] = 0;
  }
  put_line(picture, text);
}

static void put_figures(struct picture *picture) {
  char text[512] = "";
  FILE *stream = fmemopen(text, sizeof text, "w");
  if (stream) {
    say_memory(stream, &picture->history->last);
    fclose(stream);
    put_whole_figures(picture, text);
  }
  stream = fmemopen(text, sizeof text, "w");
  if (stream) {
    say_pauses(stream, picture->history, picture->view->mutators);
    fclose(stream);
    put_whole_figures(picture, text);
  }
}

static void put_title(struct picture *picture) {
  size_t columns = picture->view->columns, state = strlen(picture->view->state);
  if (columns < state + 16) {
    put_line(picture, picture->view->title);
    return;
  }
  int room = (int)(columns - state - 2);
  fprintf(picture->stream, "%-*.*s  %s\n", room, room, picture->view->title, picture->view->state);
}

char *watch_view_draw(const struct watch_view *view, const struct watch_history *history) {
  char *text = NULL;
  size_t text_size;
  struct picture picture = {
      .stream = open_memstream(&text, &text_size), .view = view, .history = history};
  if (!picture.stream) {
    return NULL;
  }
  bool has_charts = history->last.time_ns > 0 &&
                    view->rows >= OTHER_ROWS + PAUSE_ROWS + CHART_ROWS_MIN &&
                    view->columns >= LABEL_COLUMNS + CHART_COLUMNS_MIN;
  put_title(&picture);
  if (has_charts) {
    picture.memory_rows = view->rows - OTHER_ROWS - PAUSE_ROWS;
    picture.columns = view->columns - LABEL_COLUMNS;
    picture.columns = picture.columns < WATCH_COLUMNS ? picture.columns : WATCH_COLUMNS;
    put_charts(&picture);
  }
  if (history->last.time_ns > 0 && view->rows >= 4) {
    put_figures(&picture);
  }
  fclose(picture.stream);
  return text;
}
