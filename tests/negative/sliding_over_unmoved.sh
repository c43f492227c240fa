#!/bin/sh
# Rule: slides-down: a block receives objects when its own have left it.
# Broken: workers do not wait for that.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/slide.c \
  's/if \(block == source\) \{/if (block <= source) {/' \
  'refers-to-object|reachable-is-live|strong-tricolour|stable-when-walked|wrong: |ended by a signal' \
  --collector mark_compact --gc-threads 3 --stress-move on --stress-full-every 2 --verify 1
