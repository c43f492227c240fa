#!/bin/sh
# Several mutators: each is the same number in the heap's events, in the trial's and in pauses.csv, and every
# workload runs with three of them in multiples of its minimum heap.
#
# Presets: release
# Labels: slow
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"
. "$TRICOLOR_SOURCE/tests/cli/extra/build.sh"
build_broken

# Mutator i works i + 1 turns of 30 ms: the last pause of each is later than that of the one before.
expect 0 'trial 2 of 2' ./tricolor-broken run --quick --workload broken --collector stw --heap 32M --mutators 6 \
  --param way=9 --param milliseconds=30 --out unequal
awk -F, 'NR > 1 { if ($14 > last[$6]) last[$6] = $14 }
  END { for (i = 0; i < 6; i++) print i, last[i]
        for (i = 1; i < 6; i++) if (!(last[i] > last[i - 1])) exit 1 }' unequal/pauses.csv >order.txt ||
  fail "the heap numbers mutators in another order: $(cat order.txt)"

expect 0 'trial 1 of ' "$TRICOLOR" run --quick --workload all --collector stw --mutators 3 --out several
grep -q 'measuring it first' stderr.txt && fail "a minimum of several mutators was measured"
grep -E -q '^trial .*: (crashed|timed out|wrong|out of memory)' stderr.txt && {
  fail "a workload does not run with three mutators"
  cat stderr.txt
}
json several/trials/0001.json | grep -q '"setup_ns":[1-9]' || fail "the setup of a trial was not timed"
exit "$failed"
