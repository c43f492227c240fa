#!/bin/sh
# A trial that crashes, hangs, exits, eats memory, computes a wrong result or runs out of heap is a row that
# says so, and the others go on.
#
# Labels: slow
# Presets: release
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"
. "$TRICOLOR_SOURCE/tests/cli/extra/build.sh"
build_broken

# broken WAY STATUS REGEX [ARGUMENT...]: a run of two collectors whose trials both go wrong in that way.
broken() {
  way=$1
  wanted=$2
  regex=$3
  shift 3
  rm -rf run
  expect "$wanted" "$regex" ./tricolor-broken run --quick --workload broken --heap 32M --param way="$way" \
    --collector stw --collector mark=stw,sweep=eager --out run "$@"
  grep -q 'trial 3 of 3: ' stderr.txt || fail "way $way: the other trials did not go on"
  [ -s run/trials/0003.json ] || fail "way $way: no row for the third trial"
  [ -s run/summary.json ] || fail "way $way: no summary"
}

broken 0 0 'trial 1 of 3: .*ms'
[ "$(tail -n 1 stdout.txt)" = "trials: all 3 ok" ] || fail "the last line does not say that all is well"
broken 1 1 'crashed: ended by SIGSEGV .*about to crash'
grep -q '2 of 3 trials failed' stderr.txt || fail "a crash is not counted"
[ "$(tail -n 1 stdout.txt)" = "trials: 1 of 3 ok, 2 crashed" ] || fail "the last line does not count crashes"
json run/trials/0001.json | grep -q '"status":"' || fail "a crashed trial has no status"
cat run/trials/*.json | tr -d ' \n' | grep -q '"signal":11' || fail "no signal is recorded"
broken 2 1 'timed out: passed the time limit of 1' --time-limit 1s
broken 3 1 'wrong result: two and two are five'
broken 4 0 'out of memory: the heap of 32M was exhausted'
[ "$(tail -n 1 stdout.txt)" = "trials: 1 of 3 ok, 2 out of memory (a result)" ] ||
  fail "the last line does not count what ran out of memory"
grep -q '! 1 of 1 out of memory (trial' stdout.txt || fail "the table has no row for out of memory"
broken 5 1 'wrong result: checksum .* differs from .* of trial'
grep -q '1 of 3 trials failed' stderr.txt || fail "the first checksum is not the reference"
broken 6 1 'over the limit of memory|passed the limit of 200M of resident memory' --rss-limit 200M
broken 7 1 'crashed: ended with status 9: leaving early'

expect 2 "^tricolor: broken: its input is broken$" ./tricolor-broken run --workload broken --param way=8 --heap 32M
exit "$failed"
