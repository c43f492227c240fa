/* Whether two runs have trials of one machine, by their manifests; compare.h says what is asked. */
#include "results/compare.h"
#include "results/file.h"
#include <errno.h>

/* The sentence is about the first machines of both. */
static int compare_lists(const struct results_hosts *first, const struct results_hosts *second,
                         char *sentence, size_t sentence_size) {
  for (size_t left = 0; left < first->count; left++)
    for (size_t right = 0; right < second->count; right++)
      if (results_hosts_same(first, left, second, right))
        return 0;
  return results_host_compare(&first->items[0], &second->items[0], sentence, sentence_size);
}

int results_machines_compare(const char *first, const char *second, char *sentence,
                             size_t sentence_size) {
  struct results_hosts left, right;
  if (results_hosts_load(first, &left))
    return results_fail(-ENOMEM, sentence, sentence_size, "out of memory");
  int status = results_hosts_load(second, &right);
  if (status)
    status = results_fail(-ENOMEM, sentence, sentence_size, "out of memory");
  else if (left.count == 0 || right.count == 0)
    status = results_fail(-ENODATA, sentence, sentence_size, "%s/manifest.json names no machine",
                          left.count == 0 ? first : second);
  else
    status = compare_lists(&left, &right, sentence, sentence_size);
  results_hosts_finish(&left);
  results_hosts_finish(&right);
  return status;
}
