#!/bin/sh
# Rule: overflow-is-flagged: what is marked when the mark stack overflows is scanned later.
# Broken: the overflow is not flagged, so nobody rescans.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/marking.c \
  's/gc_atomic_store_relaxed\(&heap->overflowed, 1\);//' \
  'reachable-is-live|reachable-is-marked|refers-to-object|strong-tricolour|wrong: |ended by a signal' \
  --mark-stack-limit 8192
