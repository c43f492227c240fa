#!/bin/sh
# Experiment files from the command line: bad ones are refused before anything is written, flags replace
# fields, an axis gives rows of its own, what cannot run is a row and no failure, many trials are confirmed with
# an estimate, and a run can be reproduced.
#
# Presets: release
# Timeout: 60
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

printf 'colectors: stw\n' >key.yaml
refuse 'key\.yaml:1:1: there is no key .colectors.; did you mean .collectors.' run key.yaml --out bad
printf 'heap: 3x\ncollectors:\n  - stw\n  - concurent\n' >name.yaml
refuse 'name\.yaml:4:5: there is no collector .concurent.; did you mean .concurrent.' run name.yaml --out bad
printf 'invocations: 0\n' >none.yaml
refuse 'none\.yaml:1:14: invocations 0: must be 1 to' run none.yaml --out bad
printf 'heap: [3x\n' >broken.yaml
refuse 'broken\.yaml:2:1: this is not YAML' run broken.yaml --out bad
refuse "no experiment 'pausse'; did you mean 'pauses'" run pausse --out bad
refuse "no experiment 'gcbench', but a workload" run gcbench --out bad
refuse 'no experiment file \./nowhere\.yaml' run ./nowhere.yaml --out bad
refuse 'is a directory' run ./ --out bad
printf 'workloads: gcbench\ncollectors: [stw, incremental, concurrent]\nsweep: 40\naxes: {verify: [0, 1]}\ninvocations: 41\n' >huge.yaml
refuse 'this run has 10127 trials and will take .* repeat with --yes' run huge.yaml --out bad
refuse 'the axes have more than 100000 combinations|configurations; at most' run quick --sweep 100 \
  --axis verify=0,1,2,3 --axis mark-stack-limit=1M,2M,3M,4M,5M,6M,7M,8M --axis gc-threads=1,2,3,4 --collector all --out bad
refuse '--axis nursery: an axis is given as' run --axis nursery --out bad
refuse 'nursery is an axis and an option' run --axis nursery=1M,2M --nursery 4M --out bad
[ ! -e bad ] || fail 'a refused experiment left a directory'

expect 0 '^heap-sweep ' "$TRICOLOR" list experiments

# A row for each value, one that cannot run, and the flag that replaces a field.
cat >axis.yaml <<'YAML'
description: For a test
workloads: gcbench
collectors: [stw, incremental]
heap: [16M]
axes:
  nursery: [512K, 1M]
seeds: [1, 2]
YAML
expect 0 'trials: all 9 ok|trials: 9 of 9' "$TRICOLOR" run axis.yaml --quick --heap 12M,16M --out axis
json axis/summary.json >summary.txt
for nursery in 524288 1048576; do
  grep -q "\"label\":\"nursery_bytes=$nursery\"" summary.txt || fail "no rows of their own for $nursery"
done
json axis/manifest.json | grep -q '"experiment":"axis","description":"Foratest"' || fail 'the manifest has no experiment'
json axis/manifest.json | grep -q '"axes":{"nursery":\["512K","1M"\]}' || fail 'the manifest has no axes'

# Parameters that change make another workload, with a minimum heap of its own that is bisected and said so.
cat >depths.yaml <<'YAML'
workloads: binary_trees
collectors: [stw, incremental]
heap: 3x
axes: {binary_trees.depth: [10, 12]}
invocations: 1
YAML
expect 0 '^trials: all 5 ok' "$TRICOLOR" run depths.yaml --quick --out depths
for depth in 10 12; do
  grep -q "measuring it first: depth=$depth$" stderr.txt || fail "the minimum heap of depth $depth was not measured"
done
grep -Eq '^heap 3x, over binary_trees depth=1[02], binary_trees depth=1[02]$' stdout.txt || fail 'strategies are not compared by depths'
json depths/manifest.json | grep -Eq '"minimum_heaps":\{"binary_treesdepth=10":[0-9]+,"binary_treesdepth=12":[0-9]+\}' ||
  fail 'the manifest does not have both minimum heaps'
rm depths/trials/0002.*
expect 0 '^trials: all 5 ok' "$TRICOLOR" run --resume depths
json axis/manifest.json | grep -q '"machine_after":{' || fail 'the machine was not looked at afterwards'

expect 0 '1 of 3 configurations cannot run' "$TRICOLOR" run axis.yaml --quick --collector stw --axis nursery=1M,14M \
  --out row
tail -n 1 stdout.txt | grep -q 'refused (cannot run; no failure)' || fail 'the last line does not count what cannot run'
cat row/trials/*.json | tr -d ' \n' | grep -q '"status":"refused","status_detail":"aheapof16' || fail 'no row for what cannot run'

# The same plan again, beside the first.
expect 0 'A stw card nursery_bytes=[0-9]*, B stw card' "$TRICOLOR" reproduce axis --out again
[ "$(ls axis/trials/*.json | wc -l)" -eq "$(ls again/trials/*.json | wc -l)" ] || fail 'another number of trials'
refuse 'no directory nowhere' reproduce nowhere
exit "$failed"
