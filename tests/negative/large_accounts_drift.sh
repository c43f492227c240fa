#!/bin/sh
# Rule: accounts-agree: freeing a large object takes its bytes off the count.
# Broken: it does not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/large_space.c \
  's/gc_atomic_fetch_sub_relaxed\(&large->live_bytes, .*\);//' \
  'accounts-agree' \
  --verify 1
