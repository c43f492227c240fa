#!/bin/sh
# Rule: a scavenge retires the allocation buffers of all mutators.
# Broken: they go on allocating where from-space was.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge.c \
  's/gc_heap_retire_buffers_stw\(heap\);//' \
  'wrong: |ended by a signal'
