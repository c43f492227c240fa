#!/bin/sh
# Rule: swept-before-mark: a sweep leaves no mark behind.
# Broken: mark bits stay, so the next cycle takes what died for marked.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/old_space.c \
  's/mark\[index\] = 0;//' \
  'swept-before-mark|live-is-reachable|accounts-agree|wrong: '
