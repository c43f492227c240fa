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
grep -q '^retained sizes, .*: LEAK$' stdout.txt || fail "the retainer that grew is missing"
grep -q '^three snapshots: .*: LEAK$' stdout.txt || fail "what stayed in a third snapshot is missing"
expect 0 '^CLEAN: closures under concurrent' "$TRICOLOR" leaks closures --quick --collector concurrent --out kept
[ -s kept/trials/0001.census.json ] || fail "the samples were not kept"
expect 0 '^  path    handle > (listener.emitter\[0\] > )?listener.array\[' \
  "$TRICOLOR" leaks leak:pair=listener,operations=20000,requests=1000
expect 0 '^UNDECIDED: leak under stw' "$TRICOLOR" leaks leak:pair=cache,operations=20
expect 0 'it reached its limit' "$TRICOLOR" leaks $leaky,leak=1000000 --heap 4M
refuse "no workload 'synthetics'.*synthetic" leaks synthetics
refuse "'leak' is no parameter: WORKLOAD:NAME=VALUE" leaks synthetic:leak
refuse "no parameter of synthetic called 'leek'" leaks synthetic:leek=1
refuse 'samples 5: a number from 12 to 256' leaks synthetic --samples 5
refuse 'everything leaks' leaks synthetic --collector epsilon
refuse 'leaks needs WORKLOAD, or --score' leaks

# The score, of a few programs.
expect 0 '^score: combined, recall 1.00 on 1 leaky variants; LEAK of 0 of 1 fixed' "$TRICOLOR" leaks --score leak:pair=cache
for detector in troughs growth survivors retained snapshots combined; do
  grep -q "^  $detector " stdout.txt || fail "the detector $detector is missing"
done
expect 0 'LEAK of 0 of 0 fixed ones and of 0 of 1 scenarios' "$TRICOLOR" leaks --score no_leak:scenario=warm-up
expect 0 '^  nothing ' "$TRICOLOR" leaks --score synthetic --programs 2 --seed 5 --out score
[ "$(grep -c synthetic:leak= score/trials/score.csv)" -eq 2 ] || fail "score.csv has not every program"
refuse "no program of the score begins with 'leek'" leaks --score leek
refuse 'programs x: a number from 0' leaks --score --programs x
exit "$failed"
