#!/bin/sh
# Rule: shading is switched off when marking ends.
# Broken: mutators go on shading.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle_marking.c \
  's/(mutator->mutator.shading) = is_active;/\1 |= is_active;/' \
  'shading-agrees|terminated|swept-before-mark' \
  --collector incremental --barrier card_insertion --verify 1
