#!/bin/sh
# Rule: remembered-complete: a slot that still holds a young reference after it was visited is
# remembered again.
# Broken: it is not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_scan.h \
  's/if \(\(slot.slot & FROM_REMEMBERED\) != 0\) \{/& return;/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal'
