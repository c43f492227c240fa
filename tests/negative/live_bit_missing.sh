#!/bin/sh
# Rule: stable-when-walked: live bits come in pairs.
# Broken: a promoted object gets its first bit and not its last.
# Labels: slow
# Timeout: 120
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/old_space.c \
  's/gc_space_set_live\(old->space, first, .*\);/gc_space_set_live(old->space, first, first);/' \
  'stable-when-walked|refers-to-object' \
  --verify 1
