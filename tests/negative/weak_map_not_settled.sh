#!/bin/sh
# Rule: weak-map-settled: entries are found by their keys' addresses, also after compaction.
# Broken: what compaction moved is not placed anew.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/weak_map_test include/gc/weak_map.h \
  's/now\.old != at->settled\.old \&\&/false \&\&/' \
  '\[  FAILED  \]' --barrier v8_page_flags
