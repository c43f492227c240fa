#!/bin/sh
# Rule: a step of marking ends by its deadline, whatever it meets (heap/trace.h).
# Broken: the pieces of a large object are scanned without a look at the clock between them.
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_deadlines_test heap/trace.c \
  's/(kind.world == GC_TRACE_BESIDE) && is_told\(worker, limits\)/\1 \&\& worker == NULL/' \
  'FAILED.* array_of_nulls'
