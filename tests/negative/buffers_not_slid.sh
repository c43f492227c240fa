#!/bin/sh
# Rule: who moves old objects moves the stores of their buffers to the lists of their new blocks.
# Broken: a slide leaves them where they were.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/slide.c \
  's/gc_attendants_slide_stw\(heap, translate_address, &slide\);//' \
  'attendants-listed|buffers-listed|said to have|wrong:' --collector mark_compact --barrier card
