#!/bin/sh
# Rule: what a mutator sweeps at a refill is a pause.
# Broken: it is counted and not recorded.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/recorder_accounts_test heap/sweep.c \
  's/^    gc_phase_end_as_pause\(.*$//' \
  'lazy sweep: recorded 0 times|unrecorded' 'test_told*'
