#!/bin/sh
# Rule: a cycle begins with a full promotion.
# Broken: it begins with an ordinary scavenge, and marking meets young objects.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle_marking.c \
  '/^static void begin_stw/,/^}/ s/GC_PROMOTE_ALL/GC_PROMOTE_AGED/' \
  'dead-holds-no-young|remembered-complete|wrong: |ended by a signal'
