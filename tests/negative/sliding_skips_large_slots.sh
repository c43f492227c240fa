#!/bin/sh
# Rule: large objects do not slide, and their slots follow what does.
# Broken: a large object's slots stay as they were.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/slide.c \
  's/translate_slots\(slide, first, end\);//' \
  'refers-to-object|reachable-is-live|wrong: |ended by a signal' --collector mark_compact
