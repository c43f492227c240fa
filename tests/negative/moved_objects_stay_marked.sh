#!/bin/sh
# Rule: the bits of objects that moved are cleared before their block is swept.
# Broken: the sweep finds them live where they were.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/evacuate.c \
  's/mark\[word\] &= ~moved;//' \
  'live-is-reachable|forwarded-once|accounts-agree|wrong: |ended by a signal' \
  --collector stw_compact --stress-move on --verify 3
