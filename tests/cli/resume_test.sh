#!/bin/sh
# A run that was killed in the middle goes on and has the same set of trials as one that was not; torn files are
# named and their trials run again; another plan is refused, as is a directory in which a run is at work.
#
# Presets: release
# Timeout: 60
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

plan="--quick --workload gcbench,binary_trees --collector stw,incremental --heap 2x,3x,4x --invocations 2 --seed 3,4"

# identities DIRECTORY: per trial its number, configuration, status and checksum.
identities() {
  for trial in "$1"/trials/*.json; do
    json "$trial" | sed -E 's/"status_detail".*"configuration"/"configuration"/; s/"result":.*"checksum":("[^"]*").*/\1/'
    echo
  done
}

# shellcheck disable=SC2086 # words are what is meant
"$TRICOLOR" run $plan --out whole >/dev/null 2>&1 || fail 'the run that was left alone failed'
# shellcheck disable=SC2086
"$TRICOLOR" run $plan --out killed >/dev/null 2>&1 </dev/null &
run=$!
tries=0
until [ -e killed/trials/0006.json ] || [ "$tries" -ge 400 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
# shellcheck disable=SC2086
refuse 'a run is at work in killed' run --resume killed
kill -s KILL "$run"
wait "$run" 2>/dev/null
[ ! -e killed/trials/0026.json ] || fail 'the run was over before it was killed'
json killed/manifest.json | grep -q '"status":"running"' || fail 'the manifest does not say running'

# Another plan changes nothing.
cp -r killed before
refuse 'the seeds differ' run --resume killed --quick --invocations 2
refuse 'the number of invocations differs' run --resume killed --quick --seed 3,4
# shellcheck disable=SC2086
refuse 'is not in it' run --resume killed $plan --nursery 256K
# shellcheck disable=SC2086
refuse 'it has 29 configurations, and that run 13|it has [0-9]* configurations' run --resume killed $plan --collector epsilon
refuse 'lru_cache with these parameters is not in it' run --resume killed --quick --invocations 2 --seed 3,4 --workload lru_cache
refuse 'no --out|--out cannot be given' run --resume killed --out elsewhere
refuse 'holds no run' run --resume .
diff -r killed before || fail 'a refused plan changed the directory'

# Killed between a trial's last file and its first one's removal.
cp killed/trials/0001.json killed/trials/0001.running.json
: >killed/trials/0001.stderr.txt

# Torn: half a trial's JSON, events without an end.
head -c 100 killed/trials/0002.json >half && mv half killed/trials/0002.json
for number in 0003 0004 0005; do
  if json killed/trials/$number.json | grep -q '"workload":"gcbench"'; then
    head -c 200 killed/trials/$number.events.zst >half && mv half killed/trials/$number.events.zst
    torn=$number
  fi
done
# shellcheck disable=SC2086
expect 0 'trials: all 26 ok' "$TRICOLOR" run --resume killed $plan
grep -q 'Trial 2 is run again: ' stderr.txt || fail 'torn JSON is not named'
grep -q "Trial ${torn#000} is run again: " stderr.txt || fail 'torn events are not named'
grep -q '^trial 1 of 26' stderr.txt && fail 'a finished trial was run again'
identities whole >whole.txt
identities killed >killed.txt
cmp -s whole.txt killed.txt || {
  fail 'the trials are not those of the run that was left alone'
  diff whole.txt killed.txt | cut -c 1-200
}
[ "$(wc -l <whole.txt)" -eq 26 ] || fail 'there are not 26 trials'
[ -z "$(find killed -name '*.tmp' -o -name '*.running.json' -o -name '*.stderr.txt')" ] || fail 'leftovers'
json killed/manifest.json | grep -q '"status":"finished"' || fail 'the manifest does not say finished'
json killed/manifest.json | grep -q '"resumed":\["2' || fail 'the manifest does not say when it went on'

# Nothing is missing: nothing is run.
expect 0 'trials: all 26 ok' "$TRICOLOR" run --resume killed
grep -q '^trial ' stderr.txt && fail 'a finished run was run again'

# Trials of two programs make no run.
cp -r killed other
sed -i 's/"version": "[^"]*"/"version": "0.0.1"/' other/manifest.json
refuse 'made by version 0\.0\.1 of this program' run --resume other

# A trial of another run in it.
cp whole/trials/0002.json killed/trials/0001.json
rm -rf before && cp -r killed before
refuse 'is not what trial 1 of this plan is' run --resume killed
diff -r killed before || fail 'a refused run was changed'
exit "$failed"
