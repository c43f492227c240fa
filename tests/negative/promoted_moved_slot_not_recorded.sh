#!/bin/sh
# Rule: moved-slots-complete: a scavenge records slots of what it promotes black that refer into a block that is
# to be evacuated; no marker scans them.
# Broken: it does not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_drain.h \
  's/record_moved_slots\(scan->worker, object, gc_header_slot_count\(header\)\);/;/' \
  'moved-slots-complete' \
  --barrier slots_snapshot --collector mark=incremental,sweep=lazy,compact=evacuate --stress-move on --verify 2
