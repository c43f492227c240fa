#!/bin/sh
# Rule: while a cycle marks, what is promoted has its mark bits.
# Broken: it has none, and is freed though it is black or waits to be scanned.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_copy.h \
  's/^    mark_promoted\(.*\);/    (void)mark_promoted;/' \
  'refers-to-object|reachable-is-live|strong-tricolour|snapshot-reachable|wrong: |ended by a signal' \
  --barrier card_snapshot --collector incremental_snapshot --verify 2
