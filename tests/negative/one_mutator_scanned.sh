#!/bin/sh
# Rule: the handles of every mutator are roots.
# Broken: those of the first alone are scanned.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_scan.h \
  's/scavenge->next_mutator = mutator->next;/scavenge->next_mutator = NULL;/' \
  'wrong: |ended by a signal' \
  --mutators 3
