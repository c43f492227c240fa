/* synthetic: places of its parameters, the shapes of its objects, and the sizes it draws from. */
#ifndef WORKLOADS_SYNTHETIC_H
#define WORKLOADS_SYNTHETIC_H

#include "workloads/workload.h"

enum synthetic_parameter {
  SYNTHETIC_OPERATIONS,
  SYNTHETIC_OBJECT_BYTES,
  SYNTHETIC_SIZES,
  SYNTHETIC_REFERENCE_PERCENT,
  SYNTHETIC_LIVE_OBJECTS,
  SYNTHETIC_SURVIVAL,
  SYNTHETIC_LIFETIME,
  SYNTHETIC_CHAIN,
  SYNTHETIC_OLD_TO_YOUNG,
  SYNTHETIC_OLD_TO_OLD,
  SYNTHETIC_SITES,
  SYNTHETIC_BURST,
  SYNTHETIC_LARGE,
  SYNTHETIC_LARGE_BYTES,
  SYNTHETIC_WEAK,
  SYNTHETIC_LEAK,
  SYNTHETIC_PARAMETERS
};

enum synthetic_sizes {
  SYNTHETIC_FIXED,
  SYNTHETIC_UNIFORM,
  SYNTHETIC_EXPONENTIAL,
  SYNTHETIC_PARETO
};

/* Which survivor a new one replaces. */
enum synthetic_lifetime { SYNTHETIC_ANY, SYNTHETIC_OLDEST, SYNTHETIC_RECENT };

/* Slot 0 links a survivor to the one before it in its chain. The raw part begins with the number of
 * the operation and a seal that follows from it. */
enum { SYNTHETIC_BEHIND, SYNTHETIC_SLOTS_MIN };
enum { SYNTHETIC_RAW_BYTES_MIN = 16, SYNTHETIC_BYTES_MIN = 32 };

/* Of a site of stores, an old object. */
enum { SITE_YOUNG, SITE_OLD, SITE_SLOTS };

enum { SYNTHETIC_QUANTILES = 1024, SYNTHETIC_WEAK_CELLS = 1024, SYNTHETIC_LARGE_KEPT = 4 };
enum { SYNTHETIC_MILLION = 1000000 };

struct synthetic_shape {
  uint32_t slot_count, raw_bytes;
};

enum { SYNTHETIC_PRESETS = 6 };
extern const struct workload_preset synthetic_presets[SYNTHETIC_PRESETS];

/* What prepare makes. */
struct synthetic {
  struct synthetic_shape shapes[SYNTHETIC_QUANTILES]; /* a size is drawn by drawing a place */
  double mean_bytes;                                  /* of an object, header included */
  uint64_t largest_bytes;
};

#endif
