#!/bin/sh
# Rule: moved-slots-complete: the marker records slots that refer into evacuation candidates.
# Broken: it follows them and records nothing.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/trace.c \
  's/if \(kind.slots != TRACE_FOLLOWS\) \{/if (kind.slots != TRACE_FOLLOWS \&\& worker == NULL) {/' \
  'moved-slots-complete' \
  --collector stw_compact --stress-move on --verify 2
