#!/bin/sh
# Two recorded minimum heaps still hold: a run in the minimum succeeds, one in 90 % of it does not; and a
# run with parameters that are not in the table measures first, and says so.
#
# Presets: release
# Timeout: 180
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

expect 0 'message_window .* holds' "$TRICOLOR" minheap --check --quick --workload message_window,message_tree
grep -q '^message_tree .* holds' stdout.txt || fail "message_tree was not checked"
expect 0 'gcbench .* holds' "$TRICOLOR" minheap --check --workload gcbench
expect 2 'no measured minimum of lru_cache' "$TRICOLOR" minheap --check --workload lru_cache --param entries=1234

# Under each collector; those that no heap bounds have none. The table is of one collector alone.
expect 0 '^binary_trees +stw +[0-9]+ bytes' "$TRICOLOR" minheap --quick --workload binary_trees \
  --collector stw,mark_compact,epsilon
grep -E -q '^binary_trees +mark_compact +[0-9]+ bytes' stdout.txt || fail "no minimum under mark_compact"
grep -q 'epsilon is bounded by no heap' stderr.txt || fail "nothing is said of epsilon"
grep -q '^binary_trees *epsilon' stdout.txt && fail "epsilon has a minimum"
refuse 'holds the minima under stw' minheap --collector concurrent --write
refuse "there is no collector 'stv'; did you mean 'stw'" minheap --collector stv --workload gcbench

# Every workload's default and quick parameters are in the table, so that no usual run measures first.
expect 0 . "$TRICOLOR" list workloads --json
json stdout.txt | grep -q '"multiples_of_bytes":null' && fail "workloads/minheap.json lacks a workload's parameters"
json stdout.txt | grep -q '"multiples_of_bytes":[1-9]' || fail "the list names no heap sizes"

expect 0 'minimum heap of lru_cache with these parameters is not in' "$TRICOLOR" run --quick --workload lru_cache \
  --param entries=20000 --collector stw --heap 2x --out run
grep -q ' fits$' stderr.txt || fail "the bisection shows no progress"
[ ! -e run/minheap ] || fail "the bisection's trials were left"
json run/manifest.json | grep -q '"minimum_heaps":{"lru_cache":[1-9]' || fail "the manifest lacks the measured minimum"
exit "$failed"
