#!/bin/sh
# A build with everything that the ordinary one leaves out, for the tests that look at it: directories outside
# the tree, named to CMake, and barriers that count. It stays in tests/extended/ of the build directory, so that
# only the first call takes long:
#
#   an extra/  tests/structure/extra, with barrier halves that are copies of `card` and `snapshot` under other
#              names, as whoever writes one would begin
#   readme/    the examples in collectors/README.md and barriers/README.md, as they stand
#   build/     with these as TRICOLOR_EXTRA, and TRICOLOR_INSTRUMENT; hardly optimised, as nothing is measured
#
# Labels: slow
# Timeout: 600
set -eu
source=$(readlink -f -- "$TRICOLOR_SOURCE")
extended=$(readlink -f -- "$TRICOLOR_BUILD")/tests/extended
mkdir -p "$extended"

# rename HALF FROM TO: a half of the tree under another name, into "an extra".
rename() {
  capitals=$(printf '%s\n' "$1_$2 $1_$3" | tr '[:lower:]' '[:upper:]')
  for suffix in h c; do
    sed -e "s/$1_$2/$1_$3/g; s/\"$2\"/\"$3\"/g; s/${capitals% *}/${capitals#* }/g" \
      -e "s|\"barriers/$1_$3.h\"|<gc/barriers/$1_$3.h>|" \
      "$source/barriers/$1_$2.$suffix" >"an extra/$1_$3.$suffix"
  done
}
cp -r "$source/tests/structure/extra" "an extra"
rename remember card guest
rename shade snapshot visitor

# extract README FILE: the fenced block whose first line is "```c FILE", into readme.
extract() {
  awk -v fence="\`\`\`c $2" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' \
    "$source/$1" >"readme/$2"
  [ -s "readme/$2" ] || {
    echo "$1 has no block $2"
    exit 1
  }
}
mkdir readme
for file in sweep_serial.c policies.def collectors.def; do
  extract collectors/README.md "$file"
done
for file in shade_fence.h shade_fence.c barriers.def; do
  extract barriers/README.md "$file"
done

for directory in "an extra" readme; do
  if ! diff -r -q "$directory" "$extended/$directory" >/dev/null 2>&1; then
    rm -rf -- "${extended:?}/$directory"
    cp -r "$directory" "$extended/"
  fi
done
{
  cmake -S "$source" -B "$extended/build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O1 -DTRICOLOR_WERROR=ON \
    -DTRICOLOR_TESTS=ON -DTRICOLOR_INSTRUMENT=ON "-DTRICOLOR_WORKLOADS=pebbles;lru_cache" \
    "-DTRICOLOR_EXTRA=$extended/an extra;$extended/readme" &&
    ninja -C "$extended/build" tricolor model_test
} >build.log 2>&1 || {
  tail -n 40 build.log
  exit 1
}
