#!/bin/sh
# Comparing runs: two collectors of one, the same configurations of two, the gate, what is refused; and bad
# input of export.
#
# Presets: release
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

# said REGEX: on stdout, whose paragraphs are wrapped.
said() {
  tr -s '\n ' ' ' <stdout.txt | grep -E -q -e "$1" || fail "the table does not say: $1"
}

expect 0 'platform floor' "$TRICOLOR" run --quick --workload gcbench --collector stw,epsilon --heap 64M \
  --invocations 6 --seed 3 --out one
expect 0 'platform floor' "$TRICOLOR" run --quick --workload gcbench --collector stw --heap 64M --out few

# Two collectors of one run: rows, intervals, and how many were tested. epsilon never frees: its peak is called.
expect 0 'peak heap .* \[.*\] +6 +worse: .*(% more|times as much)' "$TRICOLOR" compare one:stw one:epsilon
said 'wall time [^[]*\[[0-9.]+, [0-9.]+\] 6 '
said '[0-9]+ measures tested together \(Holm, 5 %\): [0-9]+ called worse'
said 'Quick parameters: not for conclusions'
cp stdout.txt first.txt
expect 0 'wall time' "$TRICOLOR" compare one:stw one:epsilon
cmp -s stdout.txt first.txt || fail "the same seed gives another table"
expect 0 '1 measure tested together' "$TRICOLOR" compare one:stw one:epsilon --measure wall_ns

# The gate: 4 when a measure is called worse by more, 0 the other way, 2 when it cannot judge.
expect 4 'the gate failed: 1 measure worse by more than 5 %' "$TRICOLOR" compare one:stw one:epsilon \
  --measure peak_heap_bytes --fail-above 5%
expect 0 'better: ' "$TRICOLOR" compare one:epsilon one:stw --measure peak_heap_bytes --fail-above 5%
expect 0 'worse: ' "$TRICOLOR" compare one:stw one:epsilon --measure peak_heap_bytes --fail-above 100000
expect 2 'the gate cannot judge' "$TRICOLOR" compare one:stw few --fail-above 5

# One trial has no intervals, and says why.
expect 0 'too few to call' "$TRICOLOR" compare one:stw few
said 'need 5 invocations'

# B did not finish what A did.
expect 0 'out of memory' "$TRICOLOR" run --quick --workload lru_cache --collector stw --heap 6M --out small
sed 's/"status": "out_of_memory"/"status": "crashed"/' small/trials/0001.json >changed && mv changed small/trials/0001.json
expect 2 'have no configuration in common' "$TRICOLOR" compare one small

# What is refused.
refuse 'both sides are the same trials' compare one one
refuse "no collector in this run 'stv'.*stw" compare one:stv one:epsilon
refuse "no measure 'wall'.*wall_ns" compare one:stw one:epsilon --measure wall
refuse 'takes a percentage' compare one:stw one:epsilon --fail-above much
refuse 'nowhere' compare nowhere one
refuse 'compare needs' compare one
mkdir other && cp -r few/manifest.json few/trials other
sed 's/"cores": [0-9]*/"cores": 4096/' few/manifest.json >other/manifest.json
refuse 'two machines \(cores is' compare few other
expect 0 'Warning: the runs are of two machines' "$TRICOLOR" compare few other --across-machines
mkdir full && cp -r few/trials full
for trial in full/trials/*.json; do
  sed 's/"quick": true/"quick": false/' "$trial" >changed && mv changed "$trial"
done
refuse_quick() {
  expect 2 'is a quick run and .* is a full one' "$TRICOLOR" compare "$@"
}
refuse_quick few full

# export
refuse 'export needs --format' export few
refuse "no export format 'trac'.*trace" export few --format trac
refuse 'nowhere' export nowhere --format csv
refuse 'no trial to export that is ok and as asked for' export few --format csv --trial 9
refuse '--v8 takes a version' export few --format v8-trace --v8 9
expect 0 '^few/measures.csv$' "$TRICOLOR" export few --format csv
expect 0 'x.0001.hlog' "$TRICOLOR" export few --format hlog --out x.hlog
[ -s x.0002.hlog ] || fail "a log per trial is not written"
expect 3 'no/such/folder' "$TRICOLOR" export few --format csv --out no/such/folder/x.csv
head -c 100 few/trials/0001.events.zst >half && mv half few/trials/0001.events.zst
expect 0 'Left out: trial 1' "$TRICOLOR" export few --format csv --out rest.csv
exit "$failed"
