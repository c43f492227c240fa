#!/bin/sh
# Rule: remembered-complete, of object logging: a store into an unlogged old object logs it.
# Broken: the fast half never takes its slow half.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/remember_object.h \
  's/gc_remember_object_slow\(mutator, src, slot, new_ref\);/(void)slot, (void)new_ref;/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier object
