#!/bin/sh
# Iterations within a process: warm-up enters no figure, the configuration and the table say how many there were,
# figures follow from the events, a resumed run keeps them; and floating garbage, which a run must ask for.
#
# Presets: release
# Timeout: 60
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

run_small() {
  expect 0 '^trials: all 3 ok' "$TRICOLOR" run --quick --workload binary_trees --param depth=10 --collector stw,epsilon \
    --heap 16M --invocations 1 "$@"
}

# figure DIRECTORY COLLECTOR NAME: of its only trial; nothing where it is not known.
figure() {
  awk -F, -v collector="$2" -v name="$3" '$3 == collector && $9 == name { print $11 }' "$1.csv"
}

run_small --warmup-iterations 2 --iterations 3 --mutators 2 --out warm
grep -q '^Iterations$' stdout.txt || fail 'the table of iterations is missing'
grep -Eq 'stw card +2 .* 3 ' stdout.txt || fail 'the table does not say 2 warm-ups and 3 measured iterations'
run_small --out once
grep -q '^Iterations$' stdout.txt && fail 'a run without iterations has a table of them'
grep -q '^Floating garbage$' stdout.txt && fail 'a run that did not look has a table of floating garbage'
for run in warm once; do
  "$TRICOLOR" export "$run" --format csv --out "$run.csv" >stdout.txt 2>stderr.txt || fail "$run cannot be exported"
done
json warm/trials/0001.json | grep -q '"warmup_iterations":[02],"iterations":[13],' || fail 'the trial does not say its iterations'

for collector in stw epsilon; do
  [ "$(figure once "$collector" iteration_ns)" = "$(figure once "$collector" timed_ns)" ] ||
    fail "$collector: one iteration is not the timed part"
  [ -z "$(figure once "$collector" warmup_ns)" ] || fail "$collector: a warm-up that nobody asked for"
  [ -n "$(figure warm "$collector" warmup_ns)" ] || fail "$collector: the warm-up was not recorded"
  # Three measured iterations of two mutators: six times what one allocates, to the ends of buffers.
  awk -v six="$(figure warm "$collector" allocated_bytes)" -v one="$(figure once "$collector" allocated_bytes)" \
    -v all="$(figure warm "$collector" timed_ns)" -v mean="$(figure warm "$collector" iteration_ns)" \
    'BEGIN { exit !(six > 5 * one && six < 7 * one && all > 2.999 * mean && all < 3.001 * mean) }' ||
    fail "$collector: figures are not of three measured iterations"
done

rm warm/trials/0002.*
expect 0 'trials: all 3 ok' "$TRICOLOR" run --resume warm
[ -f warm/trials/0002.json ] || fail 'the missing trial was not run'

# Requests of two measured iterations, and none of the warm-up.
expect 0 '^trials: all 2 ok' "$TRICOLOR" run --quick --workload server --param requests=200 --collector stw --heap 16M \
  --invocations 1 --warmup-iterations 1 --iterations 2 --out served
"$TRICOLOR" export served --format requests --out served.csv >stdout.txt 2>stderr.txt || fail 'requests cannot be exported'
[ "$(cat served*.csv | grep -c '^[0-9.]*,[0-9.]*,0$')" -eq 400 ] || fail 'not the requests of two iterations'
awk -F, '/^[0-9]/ && !($1 >= last && $2 >= $1) { exit 1 } { last = $1 + 0 }' served.0001.csv served.0002.csv ||
  fail 'requests are not in order'

if command -v gnuplot >/dev/null 2>&1; then
  expect 0 "served/latency-windows.svg" "$TRICOLOR" plot served --kind latency-windows
  [ "$(grep -c '^[0-9]' served/latency-windows.dat)" -gt 10 ] || fail 'few windows are drawn'
fi

refuse '--iterations 0: must be 1 to 1000' run --iterations 0 --out bad
refuse '--warmup-iterations x: ' run --warmup-iterations x --out bad
printf 'iterations: 1001\n' >many.yaml
refuse 'many\.yaml:1:13: iterations 1001: must be 1 to 1000' run many.yaml --out bad
[ ! -e bad ] || fail 'a refused experiment left a directory'

expect 0 '^trials: all 2 ok' "$TRICOLOR" run --quick --workload binary_trees --collector stw --heap 3x --stress-full-every 3 --invocations 1 \
  --floating-garbage on --out floating
grep -q '^Floating garbage$' stdout.txt || fail 'the table of floating garbage is missing'
grep -q 'not comparable' stdout.txt || fail 'the run does not say that its pauses are not comparable'
"$TRICOLOR" export floating --format csv --out floating.csv >stdout.txt 2>stderr.txt || fail 'it cannot be exported'
[ "$(figure floating stw floating_bytes)" = 0 ] || fail 'marking with the world stopped left floating garbage'
[ -n "$(figure floating stw floating_finding_ns)" ] || fail 'the time to find it out is not there'
exit "$failed"
