#!/bin/sh
# Rule: live := mark: a sweep frees what was not marked.
# Broken: blocks keep their live bits.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/old_space.c \
  's/live\[index\] = marked;//' \
  'swept-before-mark|live-is-reachable|accounts-agree|wrong: |ended by a signal'
