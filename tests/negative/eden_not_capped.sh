#!/bin/sh
# Rule: promotion-guarantee: after each collection the eden is capped by what old space can take.
# Broken: after a scavenge it is not.
# Labels: slow
# Timeout: 120
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle.c \
  '/gc_scavenge_stw\(heap, GC_PROMOTE_AGED\)/,/\}/ s/cap_eden\(heap\);//' \
  'promotion-guarantee'
