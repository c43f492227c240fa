#!/bin/sh
# Rule: remark takes what mutators have queued and not given away.
# Broken: it does not.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test collectors/cycle_marking.c \
  '/^bool gc_cycle_finish_marking_stw/,/^}/s/gc_trace_flush_mutators_stw\(heap\);//' \
  'was lost under the schedule'
