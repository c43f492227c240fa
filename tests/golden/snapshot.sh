#!/bin/sh
# A snapshot of the leaking cache, read by memlab: the node that retains most is the cache, and what it retains
# is what `tricolor snapshot` says. At the heap's limit too.
#
# Timeout: 120
set -eu
golden="$TRICOLOR_SOURCE/tests/golden"

command -v node >/dev/null || {
  echo "the test needs node, which is not installed"
  exit 1
}
[ -d "$golden/node_modules/@memlab/core" ] || {
  echo "the test needs memlab: run \`npm ci --ignore-scripts\` in tests/golden"
  exit 1
}

# check FILE ARGUMENT...: takes a snapshot and has it read.
check() {
  file=$1
  shift
  "$TRICOLOR" snapshot "$@" --out "$file" >said.txt
  row=$(sed -n '/^largest retainers/,$p' said.txt | sed -n 3p)
  id=${row##*@}
  bytes=$(node "$golden/snapshot_check.mjs" "$file" cache "$id")
  node -e '
    const [bytes, row] = process.argv.slice(1);
    const mib = (Number(bytes) / 2 ** 20).toPrecision(3);
    if (!row.includes(` ${mib} MiB `)) {
      console.error(`memlab finds ${mib} MiB: ${row}`);
      process.exit(1);
    }' "$bytes" "$row"
}

check half.heapsnapshot leak:pair=cache,operations=100000 --at 0.5
check limit.heapsnapshot leak:pair=cache --heap 16M --at oom --collector concurrent
