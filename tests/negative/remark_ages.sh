#!/bin/sh
# Rule: under the strong invariant remark begins with a full promotion.
# Broken: it begins with a scavenge that ages, so that young objects are left which hold white ones.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle_marking.c \
  '/^bool gc_cycle_finish_marking_stw/,/^}/ s/GC_PROMOTE_ALL/GC_PROMOTE_AGED/' \
  'dead-holds-no-young|reachable-is-marked|refers-to-object|wrong: |ended by a signal' \
  --collector incremental --barrier card_insertion --verify 3
