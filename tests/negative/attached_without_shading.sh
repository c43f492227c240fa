#!/bin/sh
# Rule: a mutator that attaches while a cycle marks shades.
# Broken: it begins without.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/heap_shading_test heap/mutator.c \
  's/\.shading = heap->marking\.is_active,//' \
  '\[  FAILED  \] attaching_while_a_cycle_marks'
