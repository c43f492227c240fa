#!/bin/sh
# Shards: three processes run parts of a plan, and merged they have the trials of a run of one process; a missing
# shard, trials that are twice there, other plans and bad input are said. Of several machines, only trials of
# one are compared, and what ran where is told.
#
# Presets: release
# Timeout: 60
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

plan="--quick --workload gcbench,binary_trees --collector stw,incremental --heap 3x --invocations 2 --seed 3,4"

# identities DIRECTORY: per trial its number, configuration, status and checksum.
identities() {
  for trial in "$1"/trials/*.json; do
    basename "$trial"
    json "$trial" | sed -E 's/"status_detail".*"configuration"/"configuration"/; s/"result":.*"checksum":("[^"]*").*/\1/'
    echo
  done
}
key() {
  json "$1/manifest.json" | grep -o "\"$2\":\"[^\"]*\""
}

# shellcheck disable=SC2086 # words are what is meant, here and below
expect 0 'trials: all 10 ok' "$TRICOLOR" run $plan --out whole
for shard in 1 2 3; do
  # shellcheck disable=SC2086
  expect 0 'trials: all [0-9]+ ok' "$TRICOLOR" run $plan --shard $shard/3 --out shards/$shard
  [ "$(key shards/$shard plan_id)" = "$(key whole plan_id)" ] || fail "shard $shard has another plan_id"
done
[ "$(find shards -name '*.json' -path '*trials*' | wc -l)" -eq 10 ] || fail 'the shards do not have 10 trials'
expect 0 'merged: 10 of 10 trials, of 3 directories' "$TRICOLOR" merge shards/* --out merged
identities whole >whole.txt
identities merged >merged.txt
cmp -s whole.txt merged.txt || {
  fail 'the merged trials are not those of the run of one process'
  diff whole.txt merged.txt | cut -c 1-200
}
json merged/manifest.json | grep -q '"status":"finished"' || fail 'the manifest does not say finished'
json merged/manifest.json | grep -q '"shard":{"number":2,"count":3}' || fail 'the manifest does not say what was where'
expect 0 'gcbench' "$TRICOLOR" show merged
expect 0 '2 +too few to call' "$TRICOLOR" compare merged:stw merged:incremental
expect 0 'merged/percentiles.svg' "$TRICOLOR" plot merged --kind percentiles
expect 0 '' "$TRICOLOR" export merged --format csv --out merged.csv
expect 0 'trials: all 10 ok' "$TRICOLOR" run --resume merged
grep -q '^trial ' stderr.txt && fail 'a whole merged run was run again'

# A shard that is missing is run here; one that goes on stays a shard.
expect 1 'Missing: 2 of 10 trials: [0-9]+' "$TRICOLOR" merge shards/1 shards/3 --out part
expect 0 'trials: all 10 ok' "$TRICOLOR" run --resume part
[ "$(grep -c '^trial ' stderr.txt)" -eq 2 ] || fail 'not the two missing trials were run'
identities part | cmp -s - whole.txt || fail 'the completed trials are not those of the run of one process'
rm "$(find shards/2/trials -name '*.json' | head -n 1)"
expect 0 'trials: all 2 ok' "$TRICOLOR" run --resume shards/2
[ "$(grep -c '^trial ' stderr.txt)" -eq 1 ] || fail 'not the one missing trial of the shard was run'

# Twice there; half a file.
cp -r shards/1 again
expect 1 "Trial [0-9]+ is in shards/1 and in again; that of shards/1 is taken" "$TRICOLOR" merge shards/1 again --out twice
torn=$(find again/trials -name '*.json' | sort | head -n 1)
head -c 100 "$torn" >half && mv half "$torn"
expect 1 "Trial [0-9]+ is left out" "$TRICOLOR" merge again shards/2 shards/3 --out torn

# Another plan, bad input.
# shellcheck disable=SC2086
expect 0 'ok' "$TRICOLOR" run $plan --collector epsilon --shard 3/3 --out other
refuse 'other is not of the plan of shards/1 .*the configurations' merge shards/1 other --out no
# shellcheck disable=SC2086
expect 0 'ok' "$TRICOLOR" run $plan --seed 5 --shard 1/3 --out reseeded
refuse 'reseeded is not of the plan .*the seeds' merge shards/1 reseeded --out no
refuse 'is given twice' merge shards/1 shards/../shards/1 --out no
refuse 'holds no run' merge shards --out no
refuse 'merge needs DIR' merge
refuse 'already holds a run' merge shards/1 shards/2 shards/3 --out whole
for wrong in 0/3 4/3 x 1/0 1/ 2; do
  # shellcheck disable=SC2086
  refuse '--shard' run $plan --shard "$wrong" --out no
done
# shellcheck disable=SC2086
refuse 'the plan has 10 trials' run $plan --shard 1/11 --out no
refuse 'give --invocations' run --workload gcbench --collector stw --shard 1/2 --out no
refuse '--shard cannot be given' run --resume shards/1 --shard 1/3
refuse 'cannot be given with it' run --quick --print-sbatch 2 --shard 1/2
refuse '--print-sbatch' run --quick --print-sbatch 0
[ ! -e no ] || fail 'something was written for bad input'

# The shard with the second invocation's gcbench ran on another machine.
for shard in 1 2 3; do
  cp -r shards/$shard far$shard
done
sed -i 's/"host": "[^"]*"/"host": "far"/' far3/manifest.json
expect 0 'On far: trials [0-9]' "$TRICOLOR" merge far1 far2 far3 --out apart
expect 0 '1 +too few to call' "$TRICOLOR" compare apart:stw whole:incremental
grep -q 'pair of trials that two machines ran is not compared' stdout.txt || fail 'what is not paired is not said'
expect 0 'apart/report.html' "$TRICOLOR" report apart
grep -q '"machines":\[{"name":"[^"]*","trials":"[0-9]' apart/report.html || fail 'the page does not say what ran where'
sed -i 's/"host": "[^"]*"/"host": "farther"/' far1/manifest.json far2/manifest.json
expect 0 'On farther: trials [0-9]' "$TRICOLOR" merge far1 far2 far3 --out gone
refuse 'comparisons stay within one' compare gone:stw whole:incremental
expect 0 'what differs may be the machine' "$TRICOLOR" compare gone:stw whole:incremental --across-machines
exit "$failed"
