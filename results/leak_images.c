/* Leak detectors 4 and 5. See leak_images.h. */
#include "results/leak_images.h"
#include "results/leak_survivors.h"
#include "results/retainers.h"
#include <stdio.h>

enum { TYPES_MAX = 64 };

static const double least_share = 0.02;

static void name(char text[RESULTS_LEAK_NAME], const char *type) {
  snprintf(text, RESULTS_LEAK_NAME, "%s", *type ? type : RESULTS_LEAK_UNNAMED);
}

static bool find_grown(const struct gc_image *first, const struct gc_image *third,
                       struct results_leak_images *images) {
  struct results_dominators before, after;
  struct results_grown_retainer grown;
  if (results_dominators_find(first, &before) != 0)
    return false;
  if (results_dominators_find(third, &after) != 0) {
    results_dominators_finish(&before);
    return false;
  }
  int count = results_retainers_grown(first, &before, third, &after, &grown, 1);
  if (count > 0) {
    name(images->grown_type, gc_image_name(third, grown.after.node));
    images->grown_before_bytes = (double)grown.before_bytes;
    images->grown_after_bytes = (double)grown.after.retained_bytes;
  }
  results_dominators_finish(&before);
  results_dominators_finish(&after);
  return count >= 0;
}

static bool find_stayed(const struct gc_image *first, uint32_t second_last_id,
                        const struct gc_image *third, struct results_leak_images *images) {
  struct results_stayed_type types[TYPES_MAX];
  int count = results_stayed_types(first->last_id, second_last_id, third, types, TYPES_MAX);
  for (int i = 0; i < count; i++)
    images->stayed_bytes += (double)types[i].bytes;
  if (count > 0) {
    name(images->stayed_type, types[0].name);
    images->stayed_type_objects = (double)types[0].objects;
    images->stayed_type_bytes = (double)types[0].bytes;
  }
  return count >= 0;
}

bool results_leak_images_compare(const struct gc_image *first, uint32_t second_last_id,
                                 const struct gc_image *third, struct results_leak_images *images) {
  return find_grown(first, third, images) && find_stayed(first, second_last_id, third, images);
}

/* `bytes` in `work` operations are much, over the whole run. */
static enum results_leak_verdict judge(const struct results_leak_samples *samples, double bytes,
                                       double work) {
  if (!samples->images.is_known || work <= 0)
    return RESULTS_LEAK_UNDECIDED;
  double projected_bytes = bytes * samples->work_total / work;
  return projected_bytes > least_share * results_leak_live_bytes(samples) ? RESULTS_LEAK_FOUND
                                                                          : RESULTS_LEAK_CLEAN;
}

enum results_leak_verdict
results_leak_retained_verdict(const struct results_leak_samples *samples) {
  const struct results_leak_images *images = &samples->images;
  return judge(samples, images->grown_after_bytes - images->grown_before_bytes,
               images->third_work - images->first_work);
}

enum results_leak_verdict results_leak_stayed_verdict(const struct results_leak_samples *samples) {
  const struct results_leak_images *images = &samples->images;
  return judge(samples, images->stayed_bytes, images->second_work - images->first_work);
}
