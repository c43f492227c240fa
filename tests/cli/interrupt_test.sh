#!/bin/sh
# Ctrl-C ends a run within a second with status 130, keeps the finished trials and says how to see them;
# no trial's process survives it, nor the program's own death.
#
# Presets: release
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"
. "$TRICOLOR_SOURCE/tests/cli/extra/build.sh"
build_broken

now_ms() {
  echo $(($(date +%s%N) / 1000000))
}

# True while a trial of the run in directory $1 is alive.
has_trial() {
  for process in /proc/[0-9]*; do
    if tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q -e "^tricolor trial .*$1/trials"; then
      return 0
    fi
  done
  return 1
}

# start DIRECTORY ARGUMENT...: a run in the background, its process in $run.
start() {
  directory=$1
  shift
  ./tricolor-broken run --workload broken --collector stw --heap 32M --quick --invocations 50 \
    --out "$directory" "$@" >stdout.txt 2>stderr.txt </dev/null &
  run=$!
}

# wait_for COMMAND...: until it succeeds, at most 20 s.
wait_for() {
  tries=0
  until "$@" || [ "$tries" -ge 400 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
}

# interrupt SIGNAL: sends it, and expects the end within a second and status 130.
interrupt() {
  begin=$(now_ms)
  kill -s "$1" "$run"
  wait "$run"
  status=$?
  took=$(($(now_ms) - begin))
  [ "$status" -eq 130 ] || fail "$1: status $status, expected 130"
  [ "$took" -lt 1000 ] || fail "$1: took $took ms"
}

# In the middle of a run: what is finished stays, can be shown, and is named.
start "$PWD/middle" --param milliseconds=300
wait_for test -e middle/trials/0003.json
interrupt INT
grep -q 'finished trials* kept in' stderr.txt || fail "the interrupted run does not say what it kept"
grep -q 'tricolor show' stderr.txt || fail "the interrupted run does not say how to see it"
has_trial "$PWD/middle" && fail "a trial survived the interrupt"
[ -z "$(find middle -name '*.tmp' -o -name '*.running.json')" ] || fail "half a trial was left"
json middle/manifest.json | grep -q '"status":"interrupted"' || fail "the manifest does not say interrupted"
expect 0 'broken' ./tricolor-broken show middle

# SIGTERM does the same, and a trial that hangs does not delay it. Nothing finished: nothing stays.
start "$PWD/hanging" --param way=2
wait_for has_trial "$PWD/hanging"
interrupt TERM
wait_for test ! -e hanging
[ ! -e hanging/manifest.json ] || fail "a run without a finished trial was left"

# Killed in the middle: its trial dies with it, and what was finished can be read.
start "$PWD/killed" --param milliseconds=300
wait_for test -e killed/trials/0002.json
kill -s KILL "$run"
wait "$run" 2>/dev/null
no_trial() {
  ! has_trial "$PWD/killed"
}
wait_for no_trial
has_trial "$PWD/killed" && fail "a trial survived the program"
expect 0 'broken|idle' ./tricolor-broken summarize killed
exit "$failed"
