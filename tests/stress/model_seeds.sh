#!/bin/sh
# The model test with seed after seed, on every collector and barrier, for half a minute: a search,
# where the enumerated model tests are a fixed sample. The first seed is the day's, so that every day
# searches elsewhere; it is printed, and a failure prints the command that repeats it.
# Labels: slow
# Timeout: 240
# Presets: release asan
set -u
seconds=30
model=$TRICOLOR_BUILD/tests/model_test
seed=${TRICOLOR_MODEL_SEED:-$(date +%Y%m%d)}
echo "first seed: $seed (set TRICOLOR_MODEL_SEED to choose it)"
end=$(($(date +%s) + seconds))
runs=0
while [ "$(date +%s)" -lt "$end" ]; do
  for collector in $TRICOLOR_COLLECTORS; do
    for barrier in $TRICOLOR_BARRIERS; do
      mutators=$((seed % 5 + 1))
      output=$("$model" --collector "$collector" --barrier "$barrier" --mutators $mutators \
        --seed "$seed" --rounds 3 --operations 4000 2>&1)
      status=$?
      if [ $status -ne 0 ] && [ $status -ne 77 ]; then
        printf '%s\n' "$output"
        exit 1
      fi
      runs=$((runs + 1))
    done
  done
  seed=$((seed + 1))
done
echo "$runs runs; the last seed was $((seed - 1))"
