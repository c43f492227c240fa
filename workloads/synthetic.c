/* synthetic: a program whose memory behaviour is asked for in numbers.
 *
 * Each operation allocates one object. How large objects are, how many survive, how long and in what
 * order they live, and what is stored into old objects follow from the parameters, per operation; so
 * a statistic that is published of a program can be imitated. The knobs are those of HyperAlloc and
 * of the nominal statistics of DaCapo.
 */
#include "workloads/synthetic.h"

#include "workloads/volume.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct workload_parameter parameters[SYNTHETIC_PARAMETERS] = {
    [SYNTHETIC_OPERATIONS] = {"operations", WORKLOAD_INTEGER, "operations", "8000000", "300000", 0,
                              UINT64_C(1) << 36, "objects allocated while time is taken"},
    [SYNTHETIC_OBJECT_BYTES] = {"object_bytes", WORKLOAD_INTEGER, "bytes", "64", NULL,
                                SYNTHETIC_BYTES_MIN, 8192,
                                "mean size of an object, header included"},
    [SYNTHETIC_SIZES] = {"sizes", WORKLOAD_INTEGER, "", "2", NULL, SYNTHETIC_FIXED,
                         SYNTHETIC_PARETO,
                         "how sizes are distributed about the mean: 0 all alike, 1 uniform, 2 "
                         "exponential, 3 Pareto with exponent 1.5"},
    [SYNTHETIC_REFERENCE_PERCENT] =
        {"reference_percent", WORKLOAD_INTEGER, "%", "30", NULL, 0, 100,
         "share of an object that is reference slots, of which it has one "
         "at least"},
    [SYNTHETIC_LIVE_OBJECTS] = {"live_objects", WORKLOAD_INTEGER, "objects", "500000", "20000", 1,
                                UINT64_C(1) << 32,
                                "survivors that are alive, allocated before time "
                                "is taken"},
    [SYNTHETIC_SURVIVAL] = {"survival", WORKLOAD_INTEGER, "per million", "50000", NULL, 0,
                            SYNTHETIC_MILLION,
                            "objects that survive, in place of an older survivor; "
                            "the others are dropped at once"},
    [SYNTHETIC_LIFETIME] = {"lifetime", WORKLOAD_INTEGER, "", "0", NULL, SYNTHETIC_ANY,
                            SYNTHETIC_RECENT,
                            "the survivor that a new one replaces: 0 any, 1 the "
                            "oldest, 2 one of the latest tenth, so that survivors "
                            "die in middle age"},
    [SYNTHETIC_CHAIN] =
        {"chain", WORKLOAD_INTEGER, "objects", "1", NULL, 1, UINT64_C(1) << 32,
         "survivors that hang one behind the other and die together: the depth of the "
         "graph"},
    [SYNTHETIC_OLD_TO_YOUNG] = {"old_to_young", WORKLOAD_INTEGER, "per million", "100000", NULL, 0,
                                100 * SYNTHETIC_MILLION,
                                "stores of the latest survivor into old "
                                "objects"},
    [SYNTHETIC_OLD_TO_OLD] = {"old_to_old", WORKLOAD_INTEGER, "per million", "100000", NULL, 0,
                              100 * SYNTHETIC_MILLION, "stores of old objects into old objects"},
    [SYNTHETIC_SITES] = {"sites", WORKLOAD_INTEGER, "objects", "10000", "1000", 1,
                         UINT64_C(1) << 28,
                         "old objects that are stored into: the fewer, the more "
                         "local"},
    [SYNTHETIC_BURST] =
        {"burst", WORKLOAD_INTEGER, "operations", "0", NULL, 0, UINT64_C(1) << 36,
         "survivors come in bursts of so many operations, twice as many, followed by "
         "as many without; 0: evenly; with at most half surviving"},
    [SYNTHETIC_LARGE] = {"large", WORKLOAD_INTEGER, "per million", "10", NULL, 0, SYNTHETIC_MILLION,
                         "large objects of bytes, of which the latest 4 are alive"},
    [SYNTHETIC_LARGE_BYTES] = {"large_bytes", WORKLOAD_INTEGER, "bytes", "64K", NULL, 32 * 1024,
                               UINT64_C(1) << 30, "size of each"},
    [SYNTHETIC_WEAK] = {"weak", WORKLOAD_INTEGER, "per million", "1000", NULL, 0, SYNTHETIC_MILLION,
                        "new objects that one of 1,024 weak cells is set to"},
    [SYNTHETIC_LEAK] = {"leak", WORKLOAD_INTEGER, "per million", "0", NULL, 0, SYNTHETIC_MILLION,
                        "objects that are kept for ever, beside those that survive"},
};

/* ---- sizes ----------------------------------------------------------------------------------*/

/* Above the smallest size, at a rank from 0 to 1, in terms of the mean above it. */
static double excess_at(enum synthetic_sizes sizes, double rank) {
  switch (sizes) {
  case SYNTHETIC_FIXED:
    return 1;
  case SYNTHETIC_UNIFORM:
    return 2 * rank;
  case SYNTHETIC_EXPONENTIAL:
    return -log(1 - rank);
  case SYNTHETIC_PARETO:
    return 0.5 * (pow(1 - rank, -1 / 1.5) - 1);
  }
  return 1;
}

static struct synthetic_shape shape_of(uint64_t bytes, uint64_t reference_percent) {
  uint64_t content_bytes = bytes - GC_HEADER_BYTES;
  uint64_t slots = (content_bytes * reference_percent / 100 + 4) / sizeof(struct gc_ref);
  uint64_t slots_max = (content_bytes - SYNTHETIC_RAW_BYTES_MIN) / sizeof(struct gc_ref);
  slots = slots < SYNTHETIC_SLOTS_MIN ? SYNTHETIC_SLOTS_MIN : slots > slots_max ? slots_max : slots;
  return (struct synthetic_shape){(uint32_t)slots,
                                  (uint32_t)(content_bytes - slots * sizeof(struct gc_ref))};
}

/* Sizes at evenly spaced ranks. What rounding and the cut of a long tail take from the mean, a
 * factor gives back. */
static void draw_sizes(struct synthetic *synthetic, const struct workload_input *input) {
  double excess_mean = (double)input->integers[SYNTHETIC_OBJECT_BYTES] - SYNTHETIC_BYTES_MIN;
  double factor = 1, granule = GC_GRANULE_BYTES;
  for (unsigned attempt = 0; attempt < 20; attempt++) {
    double sum = 0;
    synthetic->largest_bytes = 0;
    for (unsigned place = 0; place < SYNTHETIC_QUANTILES; place++) {
      double rank = (place + 0.5) / SYNTHETIC_QUANTILES;
      double excess = factor * excess_mean *
                      excess_at((enum synthetic_sizes)input->integers[SYNTHETIC_SIZES], rank);
      double granules = floor(excess / granule + 0.5);
      double granules_max = (double)(GC_LARGE_BYTES / 2) / granule;
      uint64_t bytes =
          SYNTHETIC_BYTES_MIN +
          GC_GRANULE_BYTES * (uint64_t)(granules < granules_max ? granules : granules_max);
      synthetic->shapes[place] = shape_of(bytes, input->integers[SYNTHETIC_REFERENCE_PERCENT]);
      synthetic->largest_bytes =
          bytes > synthetic->largest_bytes ? bytes : synthetic->largest_bytes;
      sum += (double)bytes;
    }
    synthetic->mean_bytes = sum / SYNTHETIC_QUANTILES;
    double achieved = synthetic->mean_bytes - SYNTHETIC_BYTES_MIN;
    if (achieved <= 0 || excess_mean <= 0) {
      return;
    }
    factor *= 1 + (excess_mean / achieved - 1) / 2;
  }
}

static int prepare(struct workload_input *input, char *error, size_t error_size) {
  if (input->integers[SYNTHETIC_BURST] > 0 &&
      input->integers[SYNTHETIC_SURVIVAL] > SYNTHETIC_MILLION / 2) {
    snprintf(error, error_size, "with bursts at most 500000 of a million objects can survive");
    return -EINVAL;
  }
  struct synthetic *synthetic = calloc(1, sizeof *synthetic);
  if (synthetic == NULL) {
    snprintf(error, error_size, "no memory for a table of sizes");
    return -ENOMEM;
  }
  draw_sizes(synthetic, input);
  input->data = synthetic;
  return 0;
}

static void finish(struct workload_input *input) {
  free(input->data);
  input->data = NULL;
}

/* The sum of independent draws stays below its mean and six standard deviations, but for one run in
 * 10^9. */
static double bound_of_draws(double count, double mean, double largest) {
  return count * mean + 6 * sqrt(count * mean * largest);
}

static uint64_t allocation_bytes(const struct workload_input *input) {
  const struct synthetic *synthetic = input->data;
  double objects =
      (double)(input->integers[SYNTHETIC_OPERATIONS] + input->integers[SYNTHETIC_LIVE_OBJECTS] +
               input->integers[SYNTHETIC_CHAIN]);
  double largest = (double)synthetic->largest_bytes;
  double small_bytes = bound_of_draws(objects, synthetic->mean_bytes, largest);
  double buffers = small_bytes / (VOLUME_BUFFER_BYTES_MIN - largest) + 1;
  double large_share = (double)input->integers[SYNTHETIC_LARGE] / SYNTHETIC_MILLION;
  double large = bound_of_draws((double)input->integers[SYNTHETIC_OPERATIONS], large_share, 1) + 1;
  double large_bytes = (double)input->integers[SYNTHETIC_LARGE_BYTES] + 2 * VOLUME_OS_PAGE_BYTES;
  struct volume rest = {0};
  volume_add(&rest, 1, input->integers[SYNTHETIC_LIVE_OBJECTS], 0);
  volume_add(&rest, 1, input->integers[SYNTHETIC_SITES], 0);
  volume_add(&rest, input->integers[SYNTHETIC_SITES], SITE_SLOTS, 0);
  volume_add(&rest, 1, SYNTHETIC_WEAK_CELLS, 0);
  volume_add(&rest, SYNTHETIC_WEAK_CELLS, 0, 64);
  return (uint64_t)(small_bytes + buffers * largest + large * large_bytes) +
         volume_bound_bytes(&rest);
}

const struct workload workload_synthetic = {
    .name = "synthetic",
    .summary =
        "a generator: sizes, survival, lifetimes, depth, stores, bursts, large objects, weak "
        "references and leaks as asked for",
    .operation = "allocation",
    .parameters = parameters,
    .parameter_count = SYNTHETIC_PARAMETERS,
    .presets = synthetic_presets,
    .preset_count = SYNTHETIC_PRESETS,
    .is_on_request = true,
    .prepare = prepare,
    .finish = finish,
    .allocation_bytes = allocation_bytes,
};
