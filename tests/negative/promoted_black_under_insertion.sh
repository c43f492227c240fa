#!/bin/sh
# Rule: under the strong invariant what is promoted while marking is grey.
# Broken: it is black under every barrier.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test collectors/cycle_marking.c \
  's/is_active \? promotion_colour\(heap\)/is_active ? GC_BLACK/' \
  'card_(insertion|retreat), .* was lost under the schedule'
