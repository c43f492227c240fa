#!/bin/sh
# Rule: remembered-complete, of object logging: an object that a scavenge takes from its list is unlogged.
# Broken: it stays logged, and is on no list.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/remember_object.c \
  's/\(void\)gc_atomic_exchange_acq_rel\(gc_object_log_byte\(object\), GC_LOG_UNLOGGED\);//' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier object
