/* Figures as people read them: three significant digits and a unit. Not known (NaN) is "-". */
#ifndef RESULTS_UNITS_H
#define RESULTS_UNITS_H

#include <stddef.h>
#include <stdint.h>

enum { RESULTS_UNIT_TEXT = 32 };
struct results_unit_text {
  char text[RESULTS_UNIT_TEXT];
};

struct results_unit_text results_text_ns(double ns);       /* 850 ns, 12.3 us, 4.56 ms, 1.20 s */
struct results_unit_text results_text_bytes(double bytes); /* 51.0 MiB */
struct results_unit_text results_text_rate(double per_second); /* 1.23 M/s */
struct results_unit_text results_text_count(double count);     /* 12,345 */
struct results_unit_text results_text_ratio(double ratio);     /* 0.873; 0 and 1 without decimals */

/* A heap size that is exact or says nothing: 51M, 1G, 53477377. For names and headings. */
struct results_unit_text results_text_size(uint64_t bytes);

#endif
