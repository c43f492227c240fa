#!/bin/sh
# Rule: the sweep of a block buries the attendants of its dead owners.
# Broken: it does not.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/old_space.c \
  's/if \(gc_atomic_load_relaxed\(&old->owned\[block\]\) != NULL\)/if (old->owned == NULL)/' \
  'attendants-listed|buffers-listed|said to have' --barrier card
