#!/bin/sh
# Rule: gc_copy_refs copies in memmove order.
# Broken: always from the first slot to the last.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/barrier.h \
  's/bool backward = .*;/bool backward = false;/' \
  'wrong: |ended by a signal'
