#!/bin/sh
# A mutator that never polls is named with its last safepoint after --safepoint-timeout, and its trial is a row
# that says so; with `inf` the time limit of the trial ends it.
#
# Presets: release
# Labels: slow
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"
. "$TRICOLOR_SOURCE/tests/cli/extra/build.sh"
build_broken

broken() {
  rm -rf run
  wanted=$1
  regex=$2
  shift 2
  expect "$wanted" "$regex" ./tricolor-broken run --quick --workload broken --heap 32M --mutators 3 \
    --collector stw --param way=10 --out run "$@"
}

broken 1 'crashed: ended by SIGABRT .*mutator 1 \(thread [0-9]+, mutator-1, running\) reaches no safepoint' \
  --safepoint-timeout 500ms
grep -E -q 'stop [0-9]+ \(forced_minor, asked for by mutator [02]\) has waited 0\.[5-9] s for it, and its last safepoint was [0-9]+\.[0-9] s ago' \
  stderr.txt || {
  fail "the report does not say which stop waited, or since when"
  cat stderr.txt
}
json run/summary.json | grep -q 'reachesnosafepoint' || fail "the row does not say so"
grep -q 'reaches no safepoint' stdout.txt || fail "the table does not say so"
grep -q 'trial 2 of 2: ' stderr.txt || fail "the other trial did not go on"

broken 1 'timed out: passed the time limit of 2' --safepoint-timeout inf --time-limit 2s

# Suspended as a whole for longer than the limit, a program that polls goes on.
./tricolor-broken run --quick --workload broken --heap 32M --mutators 3 --collector stw --param way=9 \
  --param milliseconds=300 --safepoint-timeout 200ms --out suspended >stdout.txt 2>stderr.txt </dev/null &
run=$!
tries=0
trial=
until [ -n "$trial" ] || [ "$tries" -ge 100 ]; do
  sleep 0.05
  for process in /proc/[0-9]*; do
    if tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q -e '^tricolor trial .*suspended/trials'; then
      trial=${process#/proc/}
    fi
  done
  tries=$((tries + 1))
done
for turn in 1 2 3; do
  kill -s STOP "$trial" 2>/dev/null
  sleep 0.6
  kill -s CONT "$trial" 2>/dev/null
  sleep 0.1
done
wait "$run" || {
  fail "a suspended program was taken for one that does not poll"
  cat stderr.txt
}
exit "$failed"
