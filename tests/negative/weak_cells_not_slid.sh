#!/bin/sh
# Rule: whoever moves old objects updates what refers to them weakly, and the lists.
# Broken: sliding does not.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/weak_cells_test heap/slide.c \
  's/gc_weak_update_moved_stw\(heap, translate_address, &slide\);//' \
  '\[  FAILED  \]|weak-alive|weak-listed|refers-to-object'
