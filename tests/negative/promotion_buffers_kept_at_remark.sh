#!/bin/sh
# Rule: all buffers are retired in remark, before blocks await their sweep.
# Broken: promotions go on in blocks that await it, and the sweep frees them.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle_marking.c \
  '/^bool gc_cycle_finish_marking_stw/,/^}/ s/retire_promotion_buffers\(heap\);//' \
  'refers-to-object|remembered-complete|reachable-is-live|live-bytes-agree|wrong: |ended by a signal' \
  --collector concurrent_lazy --barrier card_snapshot --verify 3
