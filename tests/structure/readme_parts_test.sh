#!/bin/sh
# The examples in collectors/README.md and barriers/README.md work as they stand: their files, extracted into a
# directory of their own and named to CMake, appear in the lists and run.
#
# Needs: extended_build
# Labels: slow
# Timeout: 60
set -u
build=$TRICOLOR_BUILD/tests/extended/build

status=0
for collector in stw_serial_sweep mark=stw,sweep=serial; do
  "$build/tricolor" run --quick --workload lru_cache --collector "$collector" --barrier card_fence \
    --heap 40M --verify 2 --out "run-$collector" >run.log 2>&1 || {
    cat run.log
    status=1
  }
  grep -q ',full,' "run-$collector/pauses.csv" || {
    echo "no full collection under $collector"
    status=1
  }
done
exit "$status"
