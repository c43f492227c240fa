#!/bin/sh
# Rule: overflow-is-flagged: an entry for which no segment can be had is marked and flagged.
# Broken: a full mark buffer drops it.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test heap/marking.c \
  's/^    gc_marking_overflow\(mutator->heap, entry\);|^    \(void\)gc_marking_overflow\(mutator->heap, entry\);//' \
  'was lost under the schedule'
