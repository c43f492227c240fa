#!/bin/sh
# Collectors, barriers, a marking policy and a workload from a directory outside the tree, named to CMake,
# appear in the lists, run, and are enumerated by the tests: no file of the tree knows of them.
#
# Needs: extended_build
# Labels: slow
# Timeout: 120
set -u
build=$TRICOLOR_BUILD/tests/extended/build

status=0
for pair in collectors:visiting collectors:ticking barriers:guest barriers:guest_visitor workloads:pebbles; do
  "$build/tricolor" list "${pair%:*}" | grep -q -w "${pair#*:}" || {
    echo "tricolor list ${pair%:*} does not know ${pair#*:}"
    status=1
  }
done
for barrier in guest card; do
  "$build/tricolor" run --quick --workload pebbles --collector visiting --barrier "$barrier" --heap 32M \
    --out "run-$barrier" >run.log 2>&1 || {
    cat run.log
    status=1
  }
  [ "$(wc -l <"run-$barrier/pauses.csv")" -gt 5 ] || {
    echo "under $barrier hardly a pause was recorded"
    cat run.log
    status=1
  }
done
# The enumerated tests know the marking policy's collector, under every barrier that suffices.
ctest --test-dir "$build" -R 'model.*ticking.*(guest_visitor|card_snapshot|card_insertion)' --no-tests=error \
  >ctest.log 2>&1 || {
  tail -n 40 ctest.log
  status=1
}
# What is not named to CMake is not there.
"$TRICOLOR" list collectors | grep -q -w visiting && {
  echo "the ordinary build knows the visitor"
  status=1
}
exit "$status"
