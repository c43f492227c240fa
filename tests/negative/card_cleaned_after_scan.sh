#!/bin/sh
# Rule: a card is clean before it is scanned and afterwards only set.
# Broken: it is cleaned after its scan, over what the scan remembered.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_scan.h \
  's/(scan_range\(scan, batch.host\[index\], batch.start\[index\], batch.end\[index\], kind\);)/\1 *gc_space_card(\&heap->space, batch.start[index]) = 0;/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal'
