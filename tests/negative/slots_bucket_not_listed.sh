#!/bin/sh
# Rule: a bucket is in the table of a slot set if and only if it is on one list.
# Broken: a new bucket joins no list, so that no scavenge finds it.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/slot_set.c \
  's/^    push\(made, bucket\);//' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier slots
