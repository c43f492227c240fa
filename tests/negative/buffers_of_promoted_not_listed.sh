#!/bin/sh
# Rule: every attendant is on the list of the place where its owner is.
# Broken: those of promoted owners go to the list of another block.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/attendant.c \
  's/push_old\(heap, list_of_block\(heap, survivor\), attendant\);/push_old(heap, list_of_block(heap, survivor) + 1, attendant);/' \
  'attendants-listed' --barrier card --verify 2
