#!/bin/sh
# Rule: the crossing bits say where an object goes on from the word of live bits before.
# Broken: promoted objects do not set theirs, so that card scanning takes the middle of one for
# its beginning.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/live_bits.h \
  's/gc_live_bits_or\(&space->crossings[^;]*;//' \
  'crossings-agree|remembered-complete|refers-to-object|wrong: |ended by a signal'
