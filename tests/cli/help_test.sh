#!/bin/sh
# Every command explains itself, in both spellings, and lists are there for people and for programs.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

expect 0 '^tricolor [0-9]' "$TRICOLOR" --version
expect 0 'Usage: tricolor COMMAND' "$TRICOLOR" --help
expect 0 'Usage: tricolor COMMAND' "$TRICOLOR" help
expect 2 'Usage: tricolor COMMAND' "$TRICOLOR"
for command in run list minheap leaks snapshot describe plot summarize show compare export watch trial; do
  expect 0 "^Usage: tricolor $command" "$TRICOLOR" "$command" --help
  cp stdout.txt long.txt
  expect 0 "^Usage: tricolor $command" "$TRICOLOR" help "$command"
  cmp -s stdout.txt long.txt || fail "help $command and $command --help differ"
  awk 'length > 100 { exit 1 }' stdout.txt || fail "$command --help has lines over 100 columns"
done
expect 0 'declared_live_bytes' "$TRICOLOR" run --help
for option in --collector --workload --barrier --heap --param --mutators --gc-threads --nursery \
  --pause-target --pretouch --invocations --seed --time-limit --quick --yes --out --verify --stress-move; do
  grep -q -e "^  $option" stdout.txt || fail "run --help does not name $option"
done

for collector in $TRICOLOR_COLLECTORS; do
  expect 0 "^$collector " "$TRICOLOR" list collectors
done
for barrier in $TRICOLOR_BARRIERS; do
  expect 0 "^$barrier " "$TRICOLOR" list barriers
done
expect 0 '^gcbench: ' "$TRICOLOR" list workloads
expect 0 '^--pause-target ' "$TRICOLOR" list options
for list in collectors barriers workloads options; do
  expect 0 '"name"' "$TRICOLOR" list "$list" --json
  [ "$(head -c 1 stdout.txt)" = "[" ] || fail "list $list --json is no JSON array"
done
expect 0 . "$TRICOLOR" list workloads --json
json stdout.txt | grep -q '"declared_live_bytes":17825792' || fail "gcbench's declared live size is not 17M"
exit "$failed"
