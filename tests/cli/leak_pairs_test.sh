#!/bin/sh
# The experiment `leaks`, of two pairs under two collectors: leaky variants reach their limit, as a result with the last
# collections listed; fixed ones are flat; the table says so. The file has every pair of the list.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

expect 0 '^leaks: 4 of 4 leaky configurations reached their limit; 4 of 4 fixed ones are flat$' \
  "$TRICOLOR" run leaks --quick --collector stw,concurrent --axis leak.pair=cache,finalizer --out run
grep -q '^  concurrent  *limit  *flat  *limit  *flat$' stdout.txt || fail "the row of concurrent is missing"
grep -q 'last collections: full at .*: heap .* MiB -> .* MiB, ' stdout.txt || fail "the last collections are missing"
grep -q 'external 3[0-9.]* MiB -> ' stdout.txt || fail "external memory is missing among the last collections"
grep -q 'external memory was exhausted after' stdout.txt || fail "it is not said that external memory was exhausted"
grep -q 'trials: 5 of 9 ok, 4 out of memory (a result)' stdout.txt || fail "running out of memory is no result"

# Without a leaky variant that leaks, or with too little work, the verdict says what it lacks.
expect 0 '^  ! global leaky under stw: few$' \
  "$TRICOLOR" run leaks --quick --collector stw --axis leak.pair=global --param leak.operations=2000 --out short
grep -q '^leaks: 0 of 1 leaky' stdout.txt || fail "too few cycles pass for a leak"

list() { tr ',[]' '   ' | tr -s ' ' '\n' | sed '/^$/d' | sort; }
sed -n 's/^LEAK([a-z_]*, "\([a-z-]*\)".*/\1/p' "$TRICOLOR_SOURCE/workloads/leaks/leak_pairs.def" | list >wanted.txt
sed -n 's/^  leak.pair: //p' "$TRICOLOR_SOURCE/experiments/leaks.yaml" | list >got.txt
cmp -s wanted.txt got.txt || fail "experiments/leaks.yaml has other pairs than workloads/leaks/leak_pairs.def"
refuse "no collector 'collecting_all'" run leaks --collector collecting_all
exit "$failed"
