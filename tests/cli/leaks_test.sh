#!/bin/sh
# Whether a workload leaks: one that does, one that does not, and what cannot be looked at.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

leaky=synthetic:operations=300000,live_objects=5000,leak=10000
expect 0 '^LEAK: synthetic under stw' "$TRICOLOR" leaks $leaky
grep -q '^  rate .* bytes per allocation' stdout.txt || fail "the rate is missing"
grep -q '^  limit .* reached in' stdout.txt || fail "the time to the limit is missing"
grep -q '^  path ' stdout.txt || fail "the path is missing"
expect 0 '^CLEAN: closures under concurrent' "$TRICOLOR" leaks closures --quick --collector concurrent --out kept
[ -s kept/trials/0001.census.json ] || fail "the samples were not kept"
expect 0 'it reached its limit' "$TRICOLOR" leaks $leaky,leak=1000000 --heap 4M
refuse "no workload 'synthetics'.*synthetic" leaks synthetics
refuse "'leak' is no parameter: WORKLOAD:NAME=VALUE" leaks synthetic:leak
refuse "no parameter of synthetic called 'leek'" leaks synthetic:leek=1
refuse 'samples 5: a number from 12 to 256' leaks synthetic --samples 5
refuse 'everything leaks' leaks synthetic --collector epsilon
refuse 'leaks needs WORKLOAD' leaks
exit "$failed"
