#!/bin/sh
# Progress: a bar with an estimate on a terminal, plain lines elsewhere; many trials are confirmed.
#
# Presets: release
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

if command -v script >/dev/null 2>&1; then
  # script(1) gives the program a terminal; what it shows there is in the typescript.
  command="'$TRICOLOR' run --quick --workload gcbench --collector stw --invocations 2 --out bar"
  script -q -e -c "$command" typescript >/dev/null 2>&1 </dev/null || fail "the run on a terminal failed"
  tr '\r' '\n' <typescript >lines.txt
  grep -q '\[#*\.*\] 1/4 ' lines.txt || fail "no bar on a terminal"
  grep -q 'about .* left' lines.txt || fail "no estimate on a terminal"
  grep -q 'trial 1 of 4' lines.txt && fail "plain lines on a terminal"
  grep -q '^.*gcbench: ' lines.txt || fail "the workload's note is not shown"
  awk '/\[[#.]*\] [0-9]*\// && length > 90 { exit 1 }' lines.txt || fail "the bar is wider than the terminal"
fi

expect 0 'trial 2 of 2' "$TRICOLOR" run --quick --workload gcbench --collector stw --out plain
grep -q '\[#*\.*\]' stderr.txt && fail "a bar without a terminal"
expect 2 'this run has 2002 trials and will take .*; repeat with --yes' "$TRICOLOR" run --quick --workload gcbench --collector stw \
  --invocations 1001 --out many
[ ! -e many ] || fail "the run that was not confirmed left a directory"
exit "$failed"
