#!/bin/sh
# Rule: the sweep of a block releases the stores of its dead owners.
# Broken: it does not.
# Timeout: 180
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/old_space.c \
  's/if \(old->stores\[block\] != NULL\)/if (old->stores == NULL)/' \
  'buffers-listed|said to have' --barrier card
