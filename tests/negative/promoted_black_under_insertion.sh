#!/bin/sh
# Rule: under the strong invariant what is promoted while marking is grey.
# Broken: it is black under every barrier.
# Timeout: 180
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --unit marking_schedules collectors/cycle_marking.c \
  's/\? GC_BLACK : GC_GREY;/? GC_BLACK : (enum gc_colour)(GC_BLACK + 0 * (int)GC_GREY);/' \
  'card_(insertion|retreat), .* was lost under the schedule'
