#!/bin/sh
# Rule: promotion-guarantee: direct allocation of large objects may not eat the reserve.
# Broken: it may.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/large_space.c \
  's/GC_BUDGET_DIRECT/GC_BUDGET_PROMOTION/' \
  'promotion-guarantee' \
  --verify 1 --heap 8M --nursery 256K --gc-threads 1
