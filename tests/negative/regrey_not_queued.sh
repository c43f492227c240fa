#!/bin/sh
# Rule: regrey-has-entry: who sets a re-grey flag queues the object.
# Broken: the entry is dropped.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/marking.c \
  '/^void gc_marking_shade_again/,/^}/ s/queue\(mutator, address \| GC_MARK_AGAIN\);/(void)mutator, (void)address;/' \
  'regrey-has-entry' \
  --collector incremental --barrier card_retreat --verify 1 --pause-target 10us
