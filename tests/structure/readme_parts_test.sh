#!/bin/sh
# The examples in collectors/README.md and barriers/README.md work as they stand: their files, extracted into a
# directory of their own and named to CMake, appear in the lists and run.
#
# Labels: slow
# Timeout: 300
set -u
extra=$PWD/extra
mkdir -p "$extra"

# extract README FILE: the fenced block whose first line is "```c FILE".
extract() {
  awk -v fence="\`\`\`c $2" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' \
    "$TRICOLOR_SOURCE/$1" >"$extra/$2"
  [ -s "$extra/$2" ] || {
    echo "$1 has no block $2"
    exit 1
  }
}
for file in sweep_serial.c policies.def collectors.def; do
  extract collectors/README.md "$file"
done
for file in shade_fence.h shade_fence.c barriers.def; do
  extract barriers/README.md "$file"
done

{
  cmake -S "$TRICOLOR_SOURCE" -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-g0 -DTRICOLOR_WERROR=ON \
    -DTRICOLOR_EXTRA="$extra" -DTRICOLOR_WORKLOADS=lru_cache &&
    ninja -C build tricolor
} >build.log 2>&1 || {
  tail -n 40 build.log
  exit 1
}

status=0
for collector in stw_serial_sweep mark=stw,sweep=serial; do
  build/tricolor run --quick --workload lru_cache --collector "$collector" --barrier card_fence \
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
