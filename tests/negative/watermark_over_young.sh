#!/bin/sh
# Rule: watermark-holds-no-young: after a scavenge the watermark is at the lowest handle with a
# young reference.
# Broken: it is at the top.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_scan.h \
  's/mutator->handle_watermark = lowest_young;/mutator->handle_watermark = mutator->handle_top;/' \
  'watermark-holds-no-young|refers-to-object|wrong: |ended by a signal'
