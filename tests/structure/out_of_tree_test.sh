#!/bin/sh
# Collectors, barriers, a marking policy and a workload from a directory outside the tree, named to CMake,
# appear in the lists, run, and are enumerated by the tests: no file of the tree knows of them.
#
# The barriers' halves are copies of `card` and `snapshot` under other names, as whoever writes one would begin.
#
# Labels: slow
# Timeout: 600
set -u
extra="$PWD/an extra"
cp -r "$TRICOLOR_SOURCE/tests/structure/extra" "$extra"
for half in remember_card.h remember_card.c; do
  sed -e 's/remember_card/remember_guest/g; s/REMEMBER_CARD/REMEMBER_GUEST/g; s/"card"/"guest"/g' \
    -e 's|"barriers/remember_guest.h"|<gc/barriers/remember_guest.h>|' \
    "$TRICOLOR_SOURCE/barriers/$half" >"$extra/$(echo "$half" | sed s/card/guest/)"
done
for half in shade_snapshot.h shade_snapshot.c; do
  sed -e 's/shade_snapshot/shade_visitor/g; s/SHADE_SNAPSHOT/SHADE_VISITOR/g; s/"snapshot"/"visitor"/g' \
    -e 's|"barriers/shade_visitor.h"|<gc/barriers/shade_visitor.h>|' \
    "$TRICOLOR_SOURCE/barriers/$half" >"$extra/$(echo "$half" | sed s/snapshot/visitor/)"
done

{
  cmake -S "$TRICOLOR_SOURCE" -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-g0 -DTRICOLOR_WERROR=ON \
    -DTRICOLOR_TESTS=ON -DTRICOLOR_EXTRA="$extra" -DTRICOLOR_WORKLOADS=pebbles &&
    ninja -C build tricolor model_test
} >build.log 2>&1 || {
  tail -n 40 build.log
  exit 1
}

status=0
for pair in collectors:visiting collectors:ticking barriers:guest barriers:guest_visitor workloads:pebbles; do
  build/tricolor list "${pair%:*}" | grep -q -w "${pair#*:}" || {
    echo "tricolor list ${pair%:*} does not know ${pair#*:}"
    status=1
  }
done
for barrier in guest card; do
  build/tricolor run --quick --workload pebbles --collector visiting --barrier "$barrier" --heap 32M \
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
ctest --test-dir build -R 'model.*ticking.*(guest_visitor|card_snapshot|card_insertion)' --no-tests=error \
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
