#!/bin/sh
# Rule: the store of every buffer is on the list of the place where the buffer is.
# Broken: a promoted buffer's store goes to the list of another block.
# Timeout: 180
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/external.c \
  's/push\(list_of_block\(heap, survivor\), store\);/push(list_of_block(heap, survivor) + 1, store);/' \
  'buffers-listed' --barrier card --verify 2
