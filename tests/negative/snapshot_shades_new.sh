#!/bin/sh
# Rule: snapshot-reachable: the reference that a store overwrites is shaded before it.
# Broken: the new reference is shaded in its place: the slow half runs after the store.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test barriers/shade_snapshot.h \
  's/shade_snapshot_before\(/shade_snapshot_swap(/; s/shade_snapshot_after\(/shade_snapshot_before(/; s/shade_snapshot_swap\(/shade_snapshot_after(/' \
  'was lost under the schedule'
