#!/bin/sh
# Rule: a stop has the CPU time of its phases.
# Broken: phases are recorded and not added up.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/recorder_accounts_test heap/stop.c \
  's/heap->stop\.record\.cpu_ns \+= critical_ns;//' \
  'ns of CPU time recorded as 0|unrecorded' 'test_told*'
