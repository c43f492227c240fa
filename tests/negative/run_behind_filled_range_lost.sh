#!/bin/sh
# Rule: every copy is scanned: the queue is all ranges that an allocator fills, one after the other.
# Broken: when a range is filled, the queue goes on behind the beginning of the next.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_drain.h \
  's/\*cursor = \(struct range_cursor\)\{cursor->range \+ 1, 0\};/cursor->range++;/' \
  'stable-when-walked|remembered-complete|refers-to-object|wrong: |ended by a signal'
