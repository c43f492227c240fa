#!/bin/sh
# The model test with seed after seed, on one pair of collector and barrier after another, for eight seconds:
# a search, where the enumerated model tests are a fixed sample. The first seed is the day's, so that
# every day searches elsewhere; it is printed, and a failure prints the command that repeats it.
# Labels: slow
# Timeout: 240
# Presets: release asan
set -u
seconds=8
model=$TRICOLOR_BUILD/tests/model_test
seed=${TRICOLOR_MODEL_SEED:-$(date +%Y%m%d)}
echo "first seed: $seed (set TRICOLOR_MODEL_SEED to choose it)"
end=$(($(date +%s) + seconds))
# shellcheck disable=SC2086 # the lists are words
set -- $TRICOLOR_COLLECTORS
collectors=$*
collector_count=$#
# shellcheck disable=SC2086
set -- $TRICOLOR_BARRIERS
barriers=$*
barrier_count=$#
# nth N WORD...: the Nth word, counted from 0
nth() {
  shift $(($1 + 1))
  echo "$1"
}
runs=0
while [ "$(date +%s)" -lt "$end" ]; do
  # shellcheck disable=SC2086
  collector=$(nth $((seed * 5 % collector_count)) $collectors)
  # shellcheck disable=SC2086
  barrier=$(nth $((seed * 11 / 3 % barrier_count)) $barriers)
  output=$("$model" --collector "$collector" --barrier "$barrier" --mutators $((seed % 4 + 1)) \
    --seed "$seed" --rounds 2 --operations 3000 2>&1)
  status=$?
  if [ $status -ne 0 ] && [ $status -ne 77 ]; then
    printf '%s\n' "$output"
    exit 1
  fi
  [ $status -eq 77 ] || runs=$((runs + 1))
  seed=$((seed + 1))
done
echo "$runs runs; the last seed was $((seed - 1))"
[ "$runs" -gt 0 ]
