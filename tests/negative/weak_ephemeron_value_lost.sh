#!/bin/sh
# Rule: an ephemeron keeps its value while its key lives.
# Broken: markers do not look up who waits for the key that they mark.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/weak_marking_test heap/weak_mark.c \
  's/\*found \|= push_value\(worker, due.ephemeron\);/(void)found;/' \
  '\[  FAILED  \] (read_entries|chains_)|reachable-is-marked|snapshot-reachable|weak-alive|accounts-agree'
