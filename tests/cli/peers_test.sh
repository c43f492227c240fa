#!/bin/sh
# Baselines and native ports: the same checksum as under a collector, a table of ratios, each with what it is over,
# and sentences for what cannot be.
#
# Labels: slow
# Presets: release
# Timeout: 60
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

expect 0 '^Peers' "$TRICOLOR" run peers --quick --invocations 2 --out peers
for workload in gcbench binary_trees message_window message_tree lru_cache graph_mutate; do
  count=$(grep -l "\"workload\": \"$workload\"" peers/trials/*.json | xargs grep -h '"checksum"' | sort -u | wc -l)
  [ "$count" -eq 1 ] || fail "$workload: $count different checksums"
  grep -E -q "^\| $workload native_bdwgc .* = " peers/peers.md || fail "$workload: no native port to compare with"
  grep -E -q "^\| $workload stw .*\(2\)" peers/peers.md || fail "$workload: no ratio over two invocations"
done
expect 0 'wall time' "$TRICOLOR" compare peers:native_bdwgc peers:concurrent

expect 0 'less the host' "$TRICOLOR" run operations --quick --workload lru_cache --invocations 1 --out operations
grep -E -q '^\| lru_cache stw .* (us|ms) \| .* (us|ms) \| ' operations/peers.md || fail "no largest operation"

refuse 'server has no native port' run --quick --workload server --collector native_malloc
refuse 'a program of one thread' run --quick --workload gcbench --collector native_malloc --mutators 2
refuse 'has no barrier card' run --quick --workload gcbench --collector native_bdwgc --barrier card
refuse 'outside of the heap' run --quick --workload gcbench --collector malloc --barrier card
exit "$failed"
