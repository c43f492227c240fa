#!/bin/sh
# Rule: remembered-complete: the end of an object-change bracket remembers what was stored.
# Broken: it does not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/barrier.h \
  's/GC_BARRIER_REMEMBER_CALL\(_object\)\(mutator, src\);//' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal'
