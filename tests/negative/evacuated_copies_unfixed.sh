#!/bin/sh
# Rule: moved-slots-updated: after an evacuation no slot of a live object refers to where an object was.
# Broken: the slots of the copies are not visited.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/evacuate.c \
  's/copies->updated_slots \+= fix\(heap, &slots\[index\]\);/(void)slots;/' \
  'moved-slots-updated' \
  --collector stw_compact --stress-move on --verify 2
