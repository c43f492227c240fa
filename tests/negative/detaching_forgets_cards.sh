#!/bin/sh
# Rule: remembered-complete: what a mutator remembered survives its detaching.
# Broken: its list of cards is dropped.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/mutator.c \
  's/heap->remembered->flush_mutator\(heap, mutator\);//' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --mutators 3
