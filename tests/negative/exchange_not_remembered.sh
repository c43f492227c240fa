#!/bin/sh
# Rule: remembered-complete: gc_exchange_ref carries the same halves as gc_write_ref.
# Broken: it leaves out the remembering half.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/barrier.h \
  '/gc_exchange_ref\(/,/^}/ s/GC_BARRIER_REMEMBER_CALL\(\)\(mutator, src, slot, new_ref\);//' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal'
