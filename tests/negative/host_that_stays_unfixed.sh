#!/bin/sh
# Rule: the fix-up skips recorded slots only in blocks that moved completely.
# Broken: it skips them in every candidate, also where their object stayed behind.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/evacuate.c \
  's/== GC_CANDIDATE_EMPTIED;/!= GC_CANDIDATE_NOT;/' \
  'moved-slots-updated' \
  --collector stw_compact --stress-move on --stress-full-every 4 --verify 2
