#!/bin/sh
# Rule: a bucket that holds bits at the end of a scavenge stays in the set.
# Broken: it is emptied and used again.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/slot_set.c \
  's/if \(holds_bits\(bucket\)\)/memset(bucket->words, 0, sizeof bucket->words); if (false)/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier slots
