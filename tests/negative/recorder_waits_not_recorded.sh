#!/bin/sh
# Rule: every mutator has one pause of every stop that it lives through.
# Broken: who answers a stop at a safepoint does not record it.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/recorder_accounts_test heap/stop.c \
  's/^      record_pause\(heap, private, begin_ns\);//' \
  'stop [0-9]+: mutator [0-9] has 0 pauses' 'test_told*'
