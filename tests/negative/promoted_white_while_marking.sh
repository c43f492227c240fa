#!/bin/sh
# Rule: while a cycle marks under a snapshot, what is promoted is black.
# Broken: it is white.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_copy.h \
  's/^ *mark_promoted\(&scan->scavenge->heap->space, target, bytes\);//' \
  'promotions-are-coloured|snapshot-reachable|reachable-is-marked|refers-to-object|wrong: |ended by a signal' \
  --collector incremental_snapshot --barrier card_snapshot --verify 3
