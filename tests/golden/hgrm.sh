#!/bin/sh
# The .hgrm that Tricolor writes against hdr-histogram-js: the same bytes for the same values, over
# random sets of values of many shapes. A set that differs is left in hgrm-values.txt, its seed printed.
#
# Timeout: 120
set -eu
golden="$TRICOLOR_SOURCE/tests/golden"
seed="${TRICOLOR_TEST_SEED:-1}"

command -v node >/dev/null || {
  echo "the test needs node, which is not installed"
  exit 1
}
[ -d "$golden/node_modules/hdr-histogram-js" ] || {
  echo "the test needs hdr-histogram-js: run \`npm ci --ignore-scripts\` in tests/golden"
  exit 1
}

# shellcheck disable=SC2086  # flags are words
"$CC" $TRICOLOR_CFLAGS -I "$TRICOLOR_SOURCE" -I "$TRICOLOR_SOURCE/include" -o hgrm_of_values \
  "$golden/hgrm_of_values.c" "$TRICOLOR_SOURCE/results/hgrm.c" \
  "$TRICOLOR_SOURCE/results/histogram.c" "$TRICOLOR_SOURCE/results/file.c" -lm

node "$golden/hgrm_compare.js" "$PWD/hgrm_of_values" "$seed" 200
