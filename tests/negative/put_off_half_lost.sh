#!/bin/sh
# Rule: every copy is scanned: what is left of a run is put off as a whole.
# Broken: when somebody waits for work, the second half of it is lost.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_drain.h \
  's/push_range\(scan, middle, run.end\);//' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --gc-threads 3 --stress-move on --heap 32M
