#!/bin/sh
# Rule: a mutator that attaches while a cycle marks shades.
# Broken: it begins without.
# Labels: slow
# Timeout: 240
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/mutator.c \
  's/\.shading = heap->marking\.is_active,//' \
  'shading-agrees|snapshot-reachable|reachable-is-marked|refers-to-object|wrong: |ended by a signal' \
  --collector concurrent --barrier card_snapshot --verify 1 --mutators 3 --pause-target 1ms --stress-full-every 2 \
  --round 2 --operations 3000
