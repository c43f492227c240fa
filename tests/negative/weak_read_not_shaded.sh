#!/bin/sh
# Rule: weak-shades: while a cycle marks, a weakly held reference that is handed out becomes grey.
# Broken: it does not.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/weak_marking_test heap/weak.c \
  's/^  shade_weakly_held\(mutator, ref\);//' \
  '\[  FAILED  \] read_|snapshot-reachable|reachable-is-|refers-to-object'
