#!/bin/sh
# Rule: who moves old objects moves the stores of their buffers to the lists of their new blocks.
# Broken: an evacuation leaves them where they were.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/evacuate.c \
  's/gc_attendants_follow_moved_stw\(heap, block\);//' \
  'attendants-listed|buffers-listed|said to have|wrong:|ended by a signal' --collector stw_compact --barrier card --stress-move on
