#!/bin/sh
# Rule: remembered-complete, of object logging: large objects are born unlogged.
# Broken: they are born with the log byte of young ones.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/allocate.c \
  's/gc_object_header\(object\) \| heap->promotion_header_or/gc_object_header(object)/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier object
