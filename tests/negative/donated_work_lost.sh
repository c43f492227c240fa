#!/bin/sh
# Rule: what a busy worker gives away is work that somebody does.
# Broken: it is dropped.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/mark_stack.c \
  's/share->segments = segment;/(void)share;/' \
  'reachable-is-live|reachable-is-marked|refers-to-object|strong-tricolour|wrong: |ended by a signal' \
  --gc-threads 3 --stress-move on --heap 32M
