/* Canvas, looks and script of a plot; plot_canvas.h says how they are used. */
#include "results/plot_canvas.h"
#include "results/look.h"
#include "results/table.h"
#include "results/units.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lengths in points. */
enum {
  margin_left = 88,
  margin_right = 30,
  margin_right_axis = 76,
  margin_top = 30,
  margin_bottom = 48,
  title_height = 34,
  legend_line_height = 22,
  footer_margin = 14,
  note_line_height = 15,
  font_size = 11,
  terminal_height = 24, /* lines */
  terminal_columns_max = 120,
};

/* How wide a character of the fonts in use is, at most, in shares of their size. */
static const double plain_character = 0.62, legend_character = 0.7, bold_character = 0.7;

static const char floor_name[] = "platform floor";

/* --- looks -------------------------------------------------------------------------------------
 */

static bool same_look(const struct results_summary *left, const struct results_summary *right) {
  const struct results_configuration *first = &left->first.configuration;
  const struct results_configuration *second = &right->first.configuration;
  return strcmp(first->collector.text, second->collector.text) == 0 &&
         strcmp(first->barrier.text, second->barrier.text) == 0 &&
         strcmp(left->label, right->label) == 0;
}

static bool same_collector(const struct results_summary *left,
                           const struct results_summary *right) {
  return strcmp(left->first.configuration.collector.text,
                right->first.configuration.collector.text) == 0;
}

/* How many looks of the same collector there are before it. */
static size_t variant_of(const struct plot *plot, const struct results_summary *summary) {
  size_t variant = 0;
  for (size_t index = 0; index < plot->look_count; index++)
    variant += same_collector(plot->looks[index].summary, summary);
  return variant;
}

/* The barrier is named where the collector runs with several. Settings may hold anything; quotation
 * marks and line ends would end a text of the script. */
static void name_looks(struct plot *plot) {
  for (size_t index = 0; index < plot->look_count; index++) {
    struct plot_look *look = &plot->looks[index];
    const struct results_configuration *configuration = &look->summary->first.configuration;
    bool has_several = false;
    for (size_t other = 0; other < plot->look_count; other++)
      has_several |= other != index && same_collector(plot->looks[other].summary, look->summary);
    snprintf(look->name, sizeof look->name, "%.120s%s%.80s%s%s%.200s",
             configuration->collector.text, has_several ? " (" : "",
             has_several ? configuration->barrier.text : "", has_several ? ")" : "",
             look->summary->label[0] ? " " : "", look->summary->label);
    for (char *at = look->name; *at; at++)
      if (*at == '\'' || *at == '\n')
        *at = ' ';
  }
}

int plot_looks_create(struct plot *plot) {
  const struct results_run *run = plot->run;
  plot->looks = calloc(run->summary_count + 1, sizeof *plot->looks);
  if (!plot->looks)
    return -ENOMEM;
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_summary *summary = &run->summaries[index];
    if (results_is_floor(summary) || plot_look_of(plot, summary))
      continue;
    struct results_look look =
        results_look_of(summary->first.configuration.collector.text, variant_of(plot, summary));
    plot->looks[plot->look_count] = (struct plot_look){
        .summary = summary, .color = look.color, .dash = look.dash, .marker = look.marker};
    plot->look_count++;
  }
  name_looks(plot);
  return 0;
}

struct plot_look *plot_look_of(const struct plot *plot, const struct results_summary *summary) {
  for (size_t index = 0; index < plot->look_count; index++)
    if (same_look(plot->looks[index].summary, summary))
      return &plot->looks[index];
  return NULL;
}

/* --- groups and blocks -------------------------------------------------------------------------
 */

bool plot_is_wanted(const struct plot *plot, const struct results_summary *summary) {
  const char *workload = plot->request->workload;
  return !workload || strcmp(summary->first.configuration.workload.text, workload) == 0;
}

bool plot_load_trial(const struct plot *plot, uint64_t trial, struct results_events *events) {
  char path[PATH_MAX], error[PATH_MAX + RESULTS_TEXT_SIZE];
  return !results_trial_events_path(path, plot->run->directory, trial, error, sizeof error) &&
         !results_events_load(path, events, error, sizeof error);
}

bool plot_load_first_trial(const struct plot *plot, const struct results_summary *summary,
                           struct results_events *events) {
  return summary->statuses[RESULTS_ok] > 0 && !results_is_floor(summary) &&
         plot_is_wanted(plot, summary) &&
         plot_load_trial(plot, summary->ok_trials[0].trial, events);
}

void plot_add_legend(struct plot *plot, const char *name, const char *color) {
  for (size_t index = 0; index < plot->legend_count; index++)
    if (strcmp(plot->legend[index].name, name) == 0)
      return;
  if (plot->legend_count < PLOT_LEGEND_MAX)
    plot->legend[plot->legend_count++] = (struct plot_legend_entry){name, color};
}

void plot_group_title(char *text, size_t text_size, const struct results_summary *summary) {
  const struct results_configuration *configuration = &summary->first.configuration;
  int length = snprintf(text, text_size, "%.60s, heap %s", configuration->workload.text,
                        results_text_bytes((double)configuration->heap_bytes).text);
  if (configuration->heap_multiple > 0 && length > 0 && (size_t)length < text_size)
    snprintf(text + length, text_size - (size_t)length, " (%.4gx)", configuration->heap_multiple);
}

void plot_configuration_title(char *text, size_t text_size, const struct plot *plot,
                              const struct results_summary *summary) {
  char group[RESULTS_TEXT_SIZE];
  plot_group_title(group, sizeof group, summary);
  snprintf(text, text_size, "%.200s, %.200s", group, plot_look_of(plot, summary)->name);
}

size_t plot_block(struct plot *plot, const char *what, const struct results_summary *summary) {
  fprintf(plot->data, "%s# %s: %s\n", plot->block_count ? "\n\n" : "", summary->slug, what);
  return plot->block_count++;
}

/* --- the script --------------------------------------------------------------------------------
 */

static bool is_terminal(const struct plot *plot) {
  return plot->request->target == RESULTS_PLOT_TERMINAL;
}

/* Few panels are larger: a plot of one fills a column of a page. */
void plot_grid(struct plot *plot, size_t panel_count, size_t columns) {
  plot->panel_count = panel_count;
  plot->columns = columns;
  if (columns == 0)
    plot->columns = panel_count < 3 ? panel_count : panel_count == 4 ? 2 : panel_count < 10 ? 3 : 4;
  plot->rows = (panel_count + plot->columns - 1) / plot->columns;
  plot->panel_width = plot->columns == 1 ? 640 : plot->columns == 2 ? 500 : 430;
  plot->panel_height = plot->columns == 1 ? 380 : plot->columns == 2 ? 310 : 280;
}

static double width_of(const struct plot *plot) {
  return (double)plot->columns * plot->panel_width;
}

static size_t note_lines_of(const struct plot *plot) {
  double length = (double)strlen(plot->note) * (font_size - 1) * plain_character;
  return (size_t)(length / (width_of(plot) - margin_left - margin_right)) + 1;
}

static double legend_entry_width(const char *name) {
  return 37 + (double)strlen(name) * font_size * legend_character + 28;
}

/* Where an entry goes that follows others up to `x`: there, or on the next line. */
static double entry_place(const struct plot *plot, const char *name, double x, size_t *line) {
  if (x == margin_left || x + legend_entry_width(name) <= width_of(plot))
    return x;
  (*line)++;
  return margin_left;
}

static size_t legend_lines_of(const struct plot *plot) {
  size_t line = 0;
  double x = margin_left;
  for (size_t index = 0; index < plot->look_count; index++)
    if (plot->looks[index].is_drawn)
      x = entry_place(plot, plot->looks[index].name, x, &line) +
          legend_entry_width(plot->looks[index].name);
  for (size_t index = 0; index < plot->legend_count; index++)
    x = entry_place(plot, plot->legend[index].name, x, &line) +
        legend_entry_width(plot->legend[index].name);
  if (results_run_floor(plot->run) && !plot->hides_floor)
    entry_place(plot, floor_name, x, &line);
  return line + 1;
}

static double header_height_of(const struct plot *plot) {
  return title_height + (double)legend_lines_of(plot) * legend_line_height + 16;
}

static double height_of(const struct plot *plot) {
  return (double)plot->rows * plot->panel_height + header_height_of(plot) + footer_margin +
         (double)note_lines_of(plot) * note_line_height;
}

static const char *ending_of(const struct plot *plot) {
  const char *ending = strrchr(plot->request->output, '.');
  return ending ? ending + 1 : "svg";
}

static void put_terminal(struct plot *plot) {
  double width = width_of(plot), height = height_of(plot);
  const char *ending = ending_of(plot);
  if (strcmp(ending, "png") == 0)
    fprintf(plot->script,
            "set terminal pngcairo size %.0f,%.0f font 'sans-serif,11' fontscale 2 linewidth 2 "
            "pointscale 2 background rgb 'white'\n",
            2 * width, 2 * height);
  else if (strcmp(ending, "pdf") == 0)
    fprintf(plot->script,
            "set terminal pdfcairo size %.3fin,%.3fin font 'sans-serif,11' background rgb "
            "'white'\n",
            width / 72, height / 72);
  else
    fprintf(plot->script,
            "set terminal svg size %.0f,%.0f dynamic font 'sans-serif,11' background rgb "
            "'white'\n",
            width, height);
}

enum label_kind { label_plain, label_bold, label_upwards };

struct label {
  enum label_kind kind; /* upwards: centred at its place; otherwise it begins there */
  double size;
  const char *color;
};

/* Marks what gnuplot's enhanced texts, which bold ones are, would read as a command. */
static void put_text(struct plot *plot, const char *text, enum label_kind kind) {
  fputs(kind == label_bold ? "'{/:Bold " : "'", plot->script);
  for (; *text; text++) {
    if (kind == label_bold && strchr("_^{}@&~\\", *text))
      putc('\\', plot->script);
    fprintf(plot->script, *text == '\'' ? "''" : "%c", *text);
  }
  fputs(kind == label_bold ? "}'" : "'", plot->script);
}

/* At a distance from the left and the upper edge of the canvas. */
static void put_label(struct plot *plot, const char *text, double x, double y, struct label label) {
  static const char *const placements[] = {[label_plain] = "left noenhanced",
                                           [label_bold] = "left enhanced",
                                           [label_upwards] = "rotate by 90 center noenhanced"};
  fputs("set label ", plot->script);
  put_text(plot, text, label.kind);
  fprintf(
      plot->script, " at screen %.5f, screen %.5f %s font 'sans-serif,%.1f' textcolor rgb '%s'\n",
      x / width_of(plot), 1 - y / height_of(plot), placements[label.kind], label.size, label.color);
}

struct legend_line {
  const char *color;
  unsigned dash, point; /* point 0: none */
  double width;
};

static void put_legend_entry(struct plot *plot, const char *name, double x, size_t line,
                             struct legend_line look) {
  double y = title_height + ((double)line + 0.8) * legend_line_height;
  double width = width_of(plot), height = height_of(plot);
  fprintf(plot->script,
          "set arrow from screen %.5f, screen %.5f to screen %.5f, screen %.5f nohead lc rgb '%s' "
          "lw %.1f dt %u\n",
          x / width, 1 - y / height, (x + 30) / width, 1 - y / height, look.color, look.width,
          look.dash);
  if (look.point)
    fprintf(plot->script,
            "set label '' at screen %.5f, screen %.5f point pt %u ps 0.8 lc rgb '%s'\n",
            (x + 15) / width, 1 - y / height, look.point, look.color);
  put_label(plot, name, x + 37, y, (struct label){label_plain, font_size, "#222222"});
}

static void put_legend(struct plot *plot) {
  double x = margin_left;
  size_t line = 0;
  for (size_t index = 0; index < plot->look_count; index++) {
    const struct plot_look *look = &plot->looks[index];
    if (!look->is_drawn)
      continue;
    x = entry_place(plot, look->name, x, &line);
    put_legend_entry(
        plot, look->name, x, line,
        (struct legend_line){look->color, look->dash, results_marker_point(look->marker), 2});
    x += legend_entry_width(look->name);
  }
  for (size_t index = 0; index < plot->legend_count; index++) {
    const struct plot_legend_entry *entry = &plot->legend[index];
    x = entry_place(plot, entry->name, x, &line);
    put_legend_entry(plot, entry->name, x, line, (struct legend_line){entry->color, 1, 0, 6});
    x += legend_entry_width(entry->name);
  }
  if (results_run_floor(plot->run) && !plot->hides_floor) {
    x = entry_place(plot, floor_name, x, &line);
    put_legend_entry(plot, floor_name, x, line, (struct legend_line){RESULTS_FLOOR_COLOR, 1, 0, 6});
  }
}

/* Breaks the note at spaces into as many lines as there is room for. */
static void put_note(struct plot *plot) {
  size_t lines = note_lines_of(plot), line_length = strlen(plot->note) / lines + 8;
  const char *text = plot->note;
  for (size_t line = 0; line < lines && *text; line++) {
    size_t length = strlen(text);
    if (length > line_length)
      for (length = line_length; length > 0 && text[length] != ' '; length--)
        ;
    char part[RESULTS_TEXT_SIZE];
    snprintf(part, sizeof part, "%.*s", (int)length, text);
    put_label(plot, part, margin_left,
              height_of(plot) - footer_margin - (double)(lines - 1 - line) * note_line_height,
              (struct label){label_plain, font_size - 1, "#666666"});
    text += length + strspn(text + length, " ");
  }
}

static void put_style(struct plot *plot) {
  fprintf(plot->script, "set border 3 lc rgb '#444444' lw 0.8\n"
                        "set tics nomirror out scale 0.6, 0.3 textcolor rgb '#222222'\n"
                        "set grid xtics ytics back lt 1 lc rgb '#E2E2E2' lw 0.7\n"
                        "set xlabel offset 0, 0.3\n"
                        "set ytics offset 0.5, 0\n"
                        "set style fill transparent solid 0.18 noborder\n"
                        "unset key\n");
}

void plot_begin(struct plot *plot, const char *title, const char *note) {
  plot->note = note;
  if (is_terminal(plot)) {
    size_t columns = results_columns_of(stdout);
    fprintf(plot->script,
            "set terminal dumb nofeed noenhanced size %zu,%d\n"
            "set tics nomirror out scale 0.5\nset border 3\nset key top right noenhanced\n",
            columns < terminal_columns_max ? columns : terminal_columns_max, terminal_height);
    return;
  }
  fprintf(plot->script, "# %s. Draw again: gnuplot %s.gp, in this folder.\n", title,
          results_plot_kind_names[plot->request->kind]);
  put_terminal(plot);
  put_style(plot);
  fprintf(plot->script,
          "if (!exists('picture')) picture = '%s'\nset output picture\n"
          "set multiplot\n",
          strrchr(plot->request->output, '/') ? strrchr(plot->request->output, '/') + 1
                                              : plot->request->output);
  put_label(plot, title, margin_left, 22, (struct label){label_bold, font_size + 4, "#111111"});
  put_note(plot);
  put_legend(plot);
}

/* A power of ten of milliseconds as a label: 10 us. */
static void decade_text(char text[RESULTS_UNIT_TEXT], int decade) {
  static const char *const units[] = {"ns", "us", "ms", "s"};
  int thousands = (decade + 6 + 30) / 3 - 10;
  thousands = thousands < 0 ? 0 : thousands > 3 ? 3 : thousands;
  snprintf(text, RESULTS_UNIT_TEXT, "%g %s", pow(10, decade + 6 - 3 * thousands), units[thousands]);
}

/* Every decade where there is room for its label, else every second one. */
void plot_time_tics(struct plot *plot, const char *axis, double least_ms, double largest_ms) {
  int first = (int)floor(log10(least_ms) + 1e-6), last = (int)ceil(log10(largest_ms) - 1e-6);
  int room = *axis == 'x' && plot->columns > 2 ? 5 : 7;
  int step = last - first > room ? 2 : 1;
  fprintf(plot->script, "set %stics (", axis);
  for (int decade = first; decade <= last; decade++) {
    bool is_labelled = (decade - last) % step == 0;
    char text[RESULTS_UNIT_TEXT];
    decade_text(text, decade);
    fprintf(plot->script, "%s'%s' 1e%d %d", decade > first ? ", " : "", is_labelled ? text : "",
            decade, !is_labelled);
  }
  fprintf(plot->script, ")\n");
}

/* A long title is set smaller rather than cut. */
static void put_panel_title(struct plot *plot, const char *title, double left, double right,
                            double y) {
  double size = (right - left) / ((double)strlen(title) * bold_character);
  size = size > font_size ? font_size : size;
  put_label(plot, title, left, y, (struct label){label_bold, size, "#222222"});
}

void plot_panel(struct plot *plot, size_t panel, const struct plot_titles *titles) {
  if (is_terminal(plot)) {
    fprintf(plot->script, "set title '%s'\n", titles->panel);
    return;
  }
  double width = width_of(plot), height = height_of(plot);
  double edge = (double)(panel % plot->columns) * plot->panel_width;
  double top = (double)(panel / plot->columns) * plot->panel_height + header_height_of(plot);
  double left = edge + margin_left, upper = top + margin_top;
  double right = edge + plot->panel_width - (titles->y2 ? margin_right_axis : margin_right);
  double lower = top + plot->panel_height - margin_bottom;
  if (panel == 1)
    fprintf(plot->script, "unset arrow\n");
  if (panel > 0)
    fprintf(plot->script, "unset label\n");
  fprintf(plot->script,
          "\nset lmargin at screen %.5f\nset rmargin at screen %.5f\n"
          "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
          left / width, right / width, 1 - upper / height, 1 - lower / height);
  put_panel_title(plot, titles->panel, left, edge + plot->panel_width, upper - 12);
  if (panel % plot->columns == 0)
    put_label(plot, titles->y, edge + 14, (upper + lower) / 2,
              (struct label){label_upwards, font_size, "#222222"});
  if (titles->y2 && ((panel + 1) % plot->columns == 0 || panel + 1 == plot->panel_count))
    put_label(plot, titles->y2, edge + plot->panel_width - 10, (upper + lower) / 2,
              (struct label){label_upwards, font_size, "#777777"});
  bool is_lowest = panel + plot->columns >= plot->panel_count;
  fprintf(plot->script, "set xlabel '%s'\n", is_lowest ? titles->x : "");
}

void plot_end(struct plot *plot) {
  if (!is_terminal(plot))
    fprintf(plot->script, "unset multiplot\nunset output\n");
}
