#!/bin/sh
# Rule: every slot of a large object is scanned once.
# Broken: the last slot of each piece is left out.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/trace.c \
  's/push_slots\(worker, &cursor, slots \+ first, slots \+ end, kind\);/push_slots(worker, \&cursor, slots + first, slots + end - 1, kind);/' \
  'reachable-is-live|reachable-is-marked|refers-to-object|strong-tricolour|wrong: |ended by a signal'
