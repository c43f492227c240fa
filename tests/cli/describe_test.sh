#!/bin/sh
# A workload's nominal statistics, for people and for programs, and what cannot be described.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

expect 0 '^  ARA +[0-9.e+]+ MB/s +allocation rate' "$TRICOLOR" describe synthetic --quick
grep -q '^synthetic$' stdout.txt || fail "the workload is not named"
expect 0 '"GTO": {"value": [0-9.e+]+, "unit": "", "description": "turnover' "$TRICOLOR" describe fragmenter --quick --json
json stdout.txt | grep -q "\"GMD\":{\"value\":[0-9]" || fail "the minimum heap is missing"
refuse "no workload 'fragmentor'.*fragmenter" describe fragmentor
refuse 'describe needs WORKLOAD' describe
exit "$failed"
