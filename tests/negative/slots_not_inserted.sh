#!/bin/sh
# Rule: remembered-complete, of slot sets: a young reference stored into an old object is in the set.
# Broken: the fast half never takes its slow half.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/remember_slots.h \
  's/gc_remember_slots_slow\(mutator, slot\);/(void)slot;/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier slots
