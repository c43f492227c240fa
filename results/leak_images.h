/* Leak detectors 4 and 5, of images of the object graph: retained sizes, and three snapshots.
 *
 * Three images are captured while a program is sampled, when half, three quarters and almost all of
 * its work is done, each right after a full collection.
 *
 * Rules. Retained sizes: LEAK where the retainer that grew most from the first image to the third
 * (retainers.h) grew at a rate which over the whole run exceeds 2 % of what is live. Three snapshots:
 * LEAK where of what was allocated between the first and the second image so much is in the third.
 * CLEAN otherwise; UNDECIDED without three images. Neither is in the combined verdict: like objects
 * that one holder has go up and down in number without a leak, and what was allocated lately and lives
 * long stays in a third snapshot without being lost. Both name what to look at.
 */
#ifndef RESULTS_LEAK_IMAGES_H
#define RESULTS_LEAK_IMAGES_H

#include "results/leak_growth.h"
#include "results/leak_samples.h"
#include <gc/image.h>

/* Of the three; false, where memory was lacking. */
bool results_leak_images_compare(const struct gc_image *first, uint32_t second_last_id,
                                 const struct gc_image *third, struct results_leak_images *images);

enum results_leak_verdict results_leak_retained_verdict(const struct results_leak_samples *samples);
enum results_leak_verdict results_leak_stayed_verdict(const struct results_leak_samples *samples);

#endif
