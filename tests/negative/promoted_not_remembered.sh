#!/bin/sh
# Rule: remembered-complete: a promoted object that holds young references is remembered.
# Broken: the scavenger forgets to.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge.c \
  's/heap->remembered->remember_object\(.*\);/(void)segment->words[index];/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal'
