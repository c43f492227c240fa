#!/bin/sh
# A collector, a barrier and a workload from a directory outside the tree, named to CMake, appear in the
# lists and run: no file of the tree knows of them.
#
# The barrier's remembering half is a copy of `card` under another name, as whoever writes one would begin.
#
# Labels: slow
# Timeout: 300
set -u
extra="$PWD/an extra"
cp -r "$TRICOLOR_SOURCE/tests/structure/extra" "$extra"
for half in remember_card.h remember_card.c; do
  sed -e 's/remember_card/remember_guest/g; s/REMEMBER_CARD/REMEMBER_GUEST/g; s/"card"/"guest"/g' \
    -e 's|"barriers/remember_guest.h"|<gc/barriers/remember_guest.h>|' \
    "$TRICOLOR_SOURCE/barriers/$half" >"$extra/$(echo "$half" | sed s/card/guest/)"
done

{
  cmake -S "$TRICOLOR_SOURCE" -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DTRICOLOR_WERROR=ON \
    -DTRICOLOR_EXTRA="$extra" -DTRICOLOR_WORKLOADS=pebbles &&
    ninja -C build tricolor
} >build.log 2>&1 || {
  tail -n 40 build.log
  exit 1
}

status=0
for pair in collectors:visiting barriers:guest workloads:pebbles; do
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
# What is not named to CMake is not there.
"$TRICOLOR" list collectors | grep -q -w visiting && {
  echo "the ordinary build knows the visitor"
  status=1
}
exit "$status"
