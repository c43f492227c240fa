#!/bin/sh
# Rule: under the strong invariant roots stay grey: remark scans them again.
# Broken: only the handshakes before it do.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/marking_schedules_test collectors/cycle_marking.c \
  '/retire_promotion_buffers\(heap\);$/{n;s/if \(roots_stay_grey\(heap\)\)/if (false)/}' \
  'card_(insertion|retreat), .* was lost under the schedule'
