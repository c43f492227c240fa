#!/bin/sh
# Rule: stable-when-walked: a scavenge closes the buffers in which mutators pretenure before it scans cards.
# Broken: it does not, and what lies in them has no live bits.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/pretenuring_test heap/scavenge.c \
  's/gc_direct_close_all_stw\(heap\);//' \
  'FAILED|ended by a signal' --barrier card_snapshot
