#!/bin/sh
# Rule: every mutator has one pause of every stop that it lives through.
# Broken: who asked for the stop does not record its own.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/recorder_accounts_test heap/stop.c \
  's/^  if \(stopper->mutator != NULL\) \{/  if (false) {/' \
  'recorded 0 times|stop [0-9]+: mutator [0-9] has 0 pauses' 'test_told*'
