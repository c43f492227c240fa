/* The report: one HTML file that shows a run in a browser, from disk and without a network.
 *
 * The page is report/template.html with report.css, report.js, the drawing libraries of
 * report/node_modules and the run's data written into it, so that the file is all there is. A line
 * of the template that is `<!-- insert NAME -->` is where something goes; in scripts, `</script`
 * and `<!--` are written so that no text of a run, whatever its parameters say, ends the script.
 *
 * The data is one JSON object; results_report_data makes it, report/report.js draws it, and
 * report/README.md describes it. Histograms, curves and timelines are cut down here, extremes kept:
 * of 200 configurations or fewer the page plots at most RESULTS_REPORT_MARKS marks.
 *
 * Costs: one trial of each configuration is read once more than by results_run_load, one in memory
 * at a time.
 */
#ifndef RESULTS_REPORT_H
#define RESULTS_REPORT_H

#include "results/summarize.h"
#include <jansson.h>
#include <stdio.h>

enum {
  RESULTS_REPORT_SCHEMA = 1,
  RESULTS_REPORT_MARKS = 50000,
  RESULTS_REPORT_PACING_LINES = 7, /* that the page draws through one record of pacing, */
  RESULTS_REPORT_SIZE_LINES = 3,   /* of the sizes at a stop, */
  RESULTS_REPORT_MEMORY_LINES = 5, /* and of a sample of the process's memory */
};

/* Where the parts of the page lie: template.html, report.css, report.js, node_modules/. */
struct results_report_request {
  const char *parts;  /* a directory */
  const char *output; /* null: DIRECTORY/report.html */
};

/* Reads the run and writes the page. Returns 0, or a negative errno with a sentence; -ENOPKG when
 * the drawing libraries are not there. */
int results_report(const char *directory, const struct results_report_request *request, char *error,
                   size_t error_size);

/* The page's data. `links` is put before the names of the run's files: empty, or a directory and a
 * slash. Null for want of memory. */
json_t *results_report_data(const struct results_run *run, const char *links);

/* Marks that the data hold, as the page counts them: points of curves, bars, pauses, spans. */
size_t results_report_marks(const json_t *data);

/* Writes a text so that it may stand between <script> and </script>. */
void results_report_write_script(FILE *stream, const char *text, size_t length);

#endif
