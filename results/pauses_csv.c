/* Writes pauses.csv; pauses_csv.h says what is in it.
 *
 * Costs: a trial may have a million pauses, so numbers are converted by hand into one buffer per
 * row, four times faster than printf.
 */
#include "results/pauses_csv.h"
#include "results/figures.h"
#include <string.h>

enum { row_size = 4096 };

struct row {
  char text[row_size];
  size_t used;
};

static void put_byte(struct row *row, char byte) {
  if (row->used < sizeof row->text)
    row->text[row->used++] = byte;
}

static void put_text(struct row *row, const char *text) {
  int must_quote = strpbrk(text, ",\"\n") != NULL;
  if (must_quote)
    put_byte(row, '"');
  for (; *text; text++) {
    if (*text == '"')
      put_byte(row, '"');
    put_byte(row, *text);
  }
  if (must_quote)
    put_byte(row, '"');
  put_byte(row, ',');
}

static void put_number(struct row *row, uint64_t value) {
  char digits[20];
  size_t count = 0;
  do
    digits[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count > 0)
    put_byte(row, digits[--count]);
  put_byte(row, ',');
}

static void put_number_if(struct row *row, bool is_known, uint64_t value) {
  if (is_known)
    put_number(row, value);
  else
    put_byte(row, ',');
}

void results_pauses_csv_header(FILE *stream) {
  static const char header[] =
#define RESULTS_COLUMN(name, unit, description) "," #name
#include "results/schema.def"
      ;
  fprintf(stream, "%s\n", header + 1);
}

static void put_stop(struct row *row, const struct results_pause *pause) {
  const struct gc_event_stop *stop = &pause->stop;
  uint64_t off_cpu_ns = pause->wall_ns > pause->cpu_ns ? pause->wall_ns - pause->cpu_ns : 0;
  put_number(row, pause->has_stop ? stop->request_ns : pause->begin_ns);
  put_number_if(row, pause->has_stop, stop->stopped_ns);
  put_number_if(row, pause->has_stop, stop->work_end_ns);
  put_number(row, pause->resumed_ns);
  put_number(row, pause->wall_ns);
  put_number_if(row, pause->has_cpu, pause->cpu_ns);
  put_number_if(row, pause->has_cpu, pause->cpu_total_ns);
  put_number_if(row, pause->has_cpu, off_cpu_ns);
  put_number_if(row, pause->has_stop, stop->scavenge_ns);
  put_number_if(row, pause->has_stop && pause->has_cpu, stop->scavenge_cpu_ns);
  put_number_if(row, pause->has_stop, stop->used_before_bytes);
  put_number_if(row, pause->has_stop, stop->used_after_bytes);
  put_number_if(row, pause->has_stop, stop->promoted_bytes);
  put_number_if(row, pause->has_stop, stop->marked_bytes);
  put_number_if(row, pause->has_stop, stop->swept_bytes);
}

void results_pauses_csv_rows(FILE *stream, const struct results_trial *trial,
                             const struct results_pauses_list *pauses) {
  struct row row = {.used = 0};
  put_number(&row, trial->trial);
  put_text(&row, trial->configuration.workload.text);
  put_text(&row, trial->configuration.collector.text);
  put_text(&row, trial->configuration.barrier.text);
  put_number(&row, trial->configuration.heap_bytes);
  size_t prefix = row.used;
  for (size_t index = 0; index < pauses->count; index++) {
    const struct results_pause *pause = &pauses->items[index];
    row.used = prefix;
    put_number(&row, pause->mutator);
    put_number(&row, pause->stop.stop_id);
    put_number_if(&row, pause->has_stop, pause->stop.cycle);
    put_text(&row, gc_pause_kind_names[pause->kind]);
    put_text(&row, pause->has_stop ? gc_pause_reason_names[pause->stop.reason] : "");
    put_stop(&row, pause);
    row.text[row.used - 1] = '\n';
    fwrite(row.text, 1, row.used, stream);
  }
}
