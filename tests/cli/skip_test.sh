#!/bin/sh
# A configuration that ran out of memory in enough invocations is not run again: its other trials are rows that
# say so, also when the run is gone on with or repeated; nothing is skipped where that is not wanted.
#
# Presets: release
# Timeout: 60
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

# statuses DIRECTORY: how many trials of lru_cache ended how.
statuses() {
  for trial in "$1"/trials/*.json; do
    json "$trial" | grep '"workload":"lru_cache"' | grep -o '"status":"[a-z_]*"'
  done | sort | uniq -c | tr -d '"\n' | tr -s ' '
}

plan="--quick --workload lru_cache --collector stw --heap 6M --invocations 4"

# shellcheck disable=SC2086 # words are what is meant
expect 0 '^trials: 4 of 8 ok, 2 out of memory .a result., 2 skipped$' "$TRICOLOR" run $plan --skip-after 2 --out run
[ "$(statuses run)" = " 2 status:out_of_memory 2 status:skipped" ] || fail "other statuses: $(statuses run)"
grep -q '! 2 of 4 skipped' stdout.txt || fail "the table does not say what was skipped"
cat run/trials/*.json | grep -q 'not run: the 2 invocations before it ran out of memory' || fail "a row does not say why"

# What was skipped is skipped again.
skipped=$(grep -l '"skipped"' run/trials/*.json | tail -n 1)
rm "$skipped"
expect 0 ', 2 skipped$' "$TRICOLOR" run --resume run
[ -s "$skipped" ] || fail "no row for the trial that was missing"
# shellcheck disable=SC2086
refuse 'what is skipped differs' run --resume run $plan --skip-after 3

# shellcheck disable=SC2086
expect 0 '4 out of memory' "$TRICOLOR" run $plan --skip-after 0 --out all
[ "$(statuses all)" = " 4 status:out_of_memory" ] || fail "something was skipped: $(statuses all)"
exit "$failed"
