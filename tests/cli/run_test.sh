#!/bin/sh
# A quick run from end to end: table, files of the run directory, showing it again, one trial by hand.
#
# Presets: release
# Timeout: 240
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

expect 0 'platform floor' "$TRICOLOR" run --quick --workload gcbench,binary_trees --out run
grep -q '^gcbench' stdout.txt || fail "the table has no gcbench"
grep -q 'stw' stdout.txt || fail "the table has no stw"
grep -q 'epsilon' stdout.txt || fail "the table has no epsilon"
grep -q 'trial 5 of 5: ' stderr.txt || fail "no line for the fifth trial"
for file in manifest.json summary.json pauses.csv trials/0001.json trials/0001.events.zst trials/0005.json; do
  [ -s "run/$file" ] || fail "no file run/$file"
done
[ -z "$(find run -name '*.tmp' -o -name '*.running.json' -o -name '*.stderr.txt')" ] || fail "leftovers"
json run/manifest.json >manifest.txt
for key in '"status":"finished"' '"quick":true' '"seed":"1"' '"trials":5' '"invocations":1' '"processor":' \
  '"heap_layout_version":' '"command_line":"tricolorrun--quick'; do
  grep -q -e "$key" manifest.txt || fail "the manifest has no $key"
done
checksums=$(for trial in run/trials/*.json; do
  json "$trial" | grep '"workload":"gcbench"' | grep -o '"checksum":"[^"]*"'
done | sort -u | wc -l)
[ "$checksums" -eq 1 ] || fail "gcbench computed $checksums different results"

expect 0 'platform floor' "$TRICOLOR" show run
cp stdout.txt shown.txt
rm run/summary.json run/pauses.csv
expect 0 'platform floor' "$TRICOLOR" summarize run
[ -s run/summary.json ] || fail "summarize wrote no summary"
expect 0 'platform floor' "$TRICOLOR" show run
cmp -s stdout.txt shown.txt || fail "show prints something else after summarize"

# A damaged trial is named and left out.
head -c 100 run/trials/0002.json >half && mv half run/trials/0002.json
expect 0 '0*2' "$TRICOLOR" summarize run

# Several heaps, barriers, mutators and a composition; the same seed gives the same order.
expect 0 'trial 1 of 5' "$TRICOLOR" run --quick --workload lru_cache --collector stw \
  --collector mark=stw,sweep=eager --heap 48M,64M --mutators 2 --seed 7 --out first
sed -n 's/^\(trial [0-9]* of [0-9]*: [^:]*\).*/\1/p' stderr.txt >first.txt
expect 0 'trial 1 of 5' "$TRICOLOR" run --quick --workload lru_cache --collector stw \
  --collector mark=stw,sweep=eager --heap 48M,64M --mutators 2 --seed 7 --out second
sed -n 's/^\(trial [0-9]* of [0-9]*: [^:]*\).*/\1/p' stderr.txt >second.txt
cmp -s first.txt second.txt || fail "the same seed gave another order"
expect 0 'Skipped for stw, not sufficient: none' "$TRICOLOR" run --quick --workload gcbench \
  --collector stw --barrier all --heap 64M --out barriers

# All collectors: every trial succeeds, a table and a plot of the strategies, and what their barriers cost.
expect 0 '^trials: all [0-9]* ok$' "$TRICOLOR" run --quick --workload gcbench --collector all --barrier-costs --out all
for collector in $TRICOLOR_COLLECTORS; do
  grep -q "^| $collector " all/strategies.md || fail "strategies.md has no row for $collector"
  json all/summary.json | grep -q "\"collector\":\"$collector\",\"barrier\":" || fail "no strategy $collector in summary.json"
done
grep -q '^Strategies$' stdout.txt || fail "the table of strategies is missing"
grep -q '^Where the time went$' stdout.txt || fail "the table of where the time went is missing"
grep -E -q '^\| stw card .*[0-9] \|$' all/strategies.md || fail "the barrier of stw has no cost of its own"
if command -v gnuplot >/dev/null 2>&1; then
  [ -s all/strategies.svg ] || fail "the plot of the strategies is missing"
  expect 0 'timeline|gcbench' "$TRICOLOR" plot all --kind timeline --workload gcbench
  expect 2 'has no pauses of lru_cache to draw' "$TRICOLOR" plot all --kind strategies --workload lru_cache
fi

# A heap over the nursery and 1M, but too small for the work, is a row and not an error.
expect 0 'out of memory' "$TRICOLOR" run --quick --workload lru_cache --collector stw --heap 6M --out small

# One trial again, by hand.
"$TRICOLOR" trial first/trials/0001.json 2>stderr.txt || fail "a trial by hand failed"
[ ! -s stderr.txt ] || fail "a trial by hand said something"
exit "$failed"
