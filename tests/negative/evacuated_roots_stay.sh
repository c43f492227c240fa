#!/bin/sh
# Rule: whoever moves old objects updates every root.
# Broken: evacuation forgets the handles.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/evacuate.c \
  's/fix\(heap, handle\);/(void)handle;/' \
  'moved-slots-updated' \
  --collector stw_compact --stress-move on --verify 2
