/* Leak detector 1. See leak_growth.h. */
#include "results/leak_growth.h"
#include <math.h>

static const double chance_limit = 0.01, least_share = 0.02;

const char *const results_leak_verdict_names[] = {
    [RESULTS_LEAK_CLEAN] = "CLEAN",
    [RESULTS_LEAK_FOUND] = "LEAK",
    [RESULTS_LEAK_UNDECIDED] = "UNDECIDED",
};

size_t results_leak_warm_up(size_t count) {
  return count / 4;
}

static enum results_leak_verdict judge(const struct results_leak_growth *growth,
                                       const struct results_leak_scale *scale) {
  const struct results_trend *trend = &growth->trend;
  if (trend->points < RESULTS_LEAK_POINTS_MIN || isnan(trend->slope))
    return RESULTS_LEAK_UNDECIDED;
  if (trend->low <= 0)
    return RESULTS_LEAK_CLEAN;
  unsigned tested = scale->series_tested > 0 ? scale->series_tested : 1;
  bool is_large = growth->growth_bytes > least_share * scale->live_bytes;
  return trend->p < chance_limit / tested && is_large ? RESULTS_LEAK_FOUND : RESULTS_LEAK_UNDECIDED;
}

struct results_leak_growth results_leak_growth_of(const double *work, const double *bytes,
                                                  size_t count,
                                                  const struct results_leak_scale *scale) {
  size_t first = results_leak_warm_up(count), middle = first + (count - first) / 2;
  struct results_leak_growth growth = {
      .trend = results_trend_of(work + first, bytes + first, count - first),
      .latest_bytes = count > 0 ? bytes[count - 1] : 0,
  };
  growth.growth_bytes = growth.trend.slope * scale->work_total;
  growth.verdict = judge(&growth, scale);
  growth.goes_on = results_trend_of(work + middle, bytes + middle, count - middle).low > 0;
  return growth;
}
