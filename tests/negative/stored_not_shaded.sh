#!/bin/sh
# Rule: strong-tricolour: what is stored into an old object is shaded.
# Broken: it is not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/shade_insertion.c \
  's/gc_marking_shade\(mutator, new_ref\);/(void)new_ref;/' \
  'strong-tricolour|reachable-is-marked' \
  --collector incremental --barrier card_insertion --verify 2 --round 2
