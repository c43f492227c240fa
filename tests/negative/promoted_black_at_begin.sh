#!/bin/sh
# Rule: a cycle begins with a full promotion that is white: marks are zero when marking begins.
# Broken: shading is on before it, and what is promoted is black and never scanned.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle_marking.c \
  '/^void gc_cycle_begin_marking_stw/,/^}/ s/^  begin_stw\(cycle\);/  set_shading(heap, true); begin_stw(cycle);/' \
  'swept-before-mark' \
  --collector incremental_snapshot --barrier card_snapshot --verify 3
