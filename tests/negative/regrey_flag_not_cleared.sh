#!/bin/sh
# Rule: regrey-has-entry: the scan of an entry begins by clearing the flag.
# Broken: an object that was scanned again keeps its flag, and is never queued again.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test heap/trace.c \
  's/\(void\)gc_regrey_clear\(\(struct gc_ref\)\{address\}\);|\(void\)gc_regrey_clear\(object\);//' \
  'card_retreat, .* was lost under the schedule'
