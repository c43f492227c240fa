#!/bin/sh
# Rule: weak-alive: what was promoted after remark has no mark and is alive.
# Broken: it is taken for dead: its weak cell answers null and is cleared.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/weak_marking_test heap/weak_clear.c \
  's/== GC_WEAK_CLEARS_STOPPED/!= GC_WEAK_CLEARED/' \
  '\[  FAILED  \] (dead_is_not_handed_out|cells_move_while_it_clears)'
