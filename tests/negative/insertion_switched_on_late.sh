#!/bin/sh
# Rule: strong-tricolour: shading is on from the stop in which roots are shaded.
# Broken: the cycle begins without it, and the barrier sleeps until the cycle ends.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test collectors/cycle_marking.c \
  's/mutator->mutator\.shading = is_active;/mutator->mutator.shading = 0;/' \
  'card_insertion, .* was lost under the schedule'
