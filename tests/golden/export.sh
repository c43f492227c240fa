#!/bin/sh
# What `tricolor export` writes of a real run, read by programs that are not Tricolor's: DevTools' trace
# engine, hdr-histogram-js, node's own --trace-gc, Google Benchmark's compare.py where it is installed;
# all against pauses.csv and summary.json, which other code wrote.
#
# Presets: release
# Labels: slow
# Timeout: 120
set -eu
golden="$TRICOLOR_SOURCE/tests/golden"

command -v node >/dev/null || {
  echo "the test needs node, which is not installed"
  exit 1
}
[ -d "$golden/node_modules/@paulirish/trace_engine" ] || {
  echo "the test needs the trace engine: run \`npm ci --ignore-scripts\` in tests/golden"
  exit 1
}

"$TRICOLOR" run --quick --workload gcbench --collector stw,incremental,concurrent --invocations 2 --out run \
  >run.txt 2>&1 || {
  cat run.txt
  exit 1
}
# check NAME FILE...: a file read back.
check() {
  name=$1
  shift
  node "$golden/export_check.mjs" "$name" run "$@"
}

mkdir out
"$TRICOLOR" export run --format trace --out out/trace.json
python3 -m json.tool out/trace.json >/dev/null
check trace out/trace.json
"$TRICOLOR" export run --format hlog --out out/pauses.hlog
check hlog out/pauses.*.hlog
"$TRICOLOR" export run --format hgrm --out out/pauses.hgrm
check hgrm out/pauses.*.hgrm
version=$(node -p 'Math.min(15, Math.max(10, parseInt(process.versions.v8)))')
"$TRICOLOR" export run --format v8-trace --v8 "$version" --out out/v8.log
check v8 out/v8.log
"$TRICOLOR" export run --format csv --out out/measures.csv
check csv out/measures.csv

"$TRICOLOR" export run --format benchmark-json --out out/benchmark.json
bench=$TRICOLOR_BUILD/tricolor-bench
if [ -x "$bench" ] && "$bench" --help 2>&1 | grep -q -e --json-file; then
  "$bench" --quick --filter '^memory/copy/' --json-file library.json >bench.txt 2>&1 || {
    cat bench.txt
    exit 1
  }
  check benchmark out/benchmark.json library.json
else
  check benchmark out/benchmark.json
fi
compare=/usr/share/benchmark/compare.py
if [ -f "$compare" ] && python3 -c 'import scipy, numpy' 2>/dev/null; then
  python3 "$compare" --no-color benchmarks out/benchmark.json out/benchmark.json >compared.txt
  grep -q '^gcbench.stw.card.* +0.0000 ' compared.txt || {
    cat compared.txt
    exit 1
  }
fi
[ -z "$(find out -name '*.tmp')" ]
