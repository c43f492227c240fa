#!/bin/sh
# Rule: moved-slots-complete: the fix-up reads the lists of all threads.
# Broken: those of collector threads are left out.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/moved_slots.c \
  's|heap->background.all != NULL \&\& index <= heap->background.count|index < 0 * heap->background.count|' \
  'moved-slots-complete' \
  --barrier slots_snapshot --collector mark=concurrent,sweep=background,compact=evacuate --verify 2
