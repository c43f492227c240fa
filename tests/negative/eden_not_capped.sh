#!/bin/sh
# Rule: promotion-guarantee: after each collection the eden is capped by what old space can take.
# Broken: after a scavenge it is not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle.c \
  '/^void gc_cycle_collect_young_stw\(/,/^}/ s/gc_room_cap_eden_stw\(heap\);//' \
  'promotion-guarantee'
