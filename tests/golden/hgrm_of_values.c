/* Prints the .hgrm of the values on standard input, one number of nanoseconds per line: what the
 * golden test compares with hdr-histogram-js. */
#include "results/hgrm.h"
#include <inttypes.h>

int main(void) {
  struct results_histogram histogram = {0};
  uint64_t value = 0;
  while (scanf("%" SCNu64, &value) == 1)
    if (results_histogram_record(&histogram, value, 1))
      return 3;
  results_hgrm_print(stdout, &histogram);
  results_histogram_finish(&histogram);
  return ferror(stdout) ? 3 : 0;
}
