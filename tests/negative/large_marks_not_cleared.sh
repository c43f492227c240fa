#!/bin/sh
# Rule: swept-before-mark: the sweep of large objects clears their marks.
# Broken: they stay, and no large object is ever freed.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/large_space.c \
  's/object->marked = 0;//' \
  'swept-before-mark|live-is-reachable|accounts-agree|wrong: '
