#!/bin/sh
# Rule: a scavenge keeps the value of an ephemeron whose key survives, however late it is copied.
# Broken: keys that are copied for the sake of another value are not looked up.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/weak_cells_test heap/scavenge_weak.h \
  's/^      make_ready\(weak, object\);//' \
  '\[  FAILED  \] (ephemerons_in_values|long_chains)|Segmentation|weak-alive|reachable-is-live|refers-to-object'
