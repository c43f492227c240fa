#!/bin/sh
# Rule: weak-shades: where remark rescans the roots, the value given to an ephemeron becomes grey.
# Broken: it does not, and the ephemeron was looked at before.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/weak_marking_test heap/weak.c \
  's/^    gc_marking_shade\(mutator, value\);//' \
  '\[  FAILED  \] set_after_the_look|reachable-is-marked|weak-alive'
