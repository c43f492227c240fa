#!/bin/sh
# A heap in which a collector that moves nothing runs out of memory, because all that is free of it are holes,
# is enough for those that compact.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

expect 0 'trials: 3 of 4 ok, 1 out of memory' "$TRICOLOR" run --quick --workload fragmenter --heap 10M \
  --collector stw,stw_compact,mark_compact --out run
for trial in run/trials/*.json; do
  json "$trial" | grep -q '"status":"out_of_memory"' || continue
  json "$trial" | grep -q '"collector":"stw"' || fail "$trial is out of memory though its collector compacts"
done
exit "$failed"
