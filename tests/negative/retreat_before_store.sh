#!/bin/sh
# Rule: retreat: src is re-greyed after the store, so that the scan which clears its flag sees the store or comes after it.
# Broken: the flag is exchanged before the store.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test barriers/shade_retreat.h \
  's/shade_retreat_before\(/shade_retreat_swap(/; s/shade_retreat_after\(/shade_retreat_before(/; s/shade_retreat_swap\(/shade_retreat_after(/' \
  'card_retreat, .* was lost under the schedule'
