#!/bin/sh
# Rule: remembered-complete: a walk of the card table covers large objects.
# Broken: it ends behind the blocks.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/card_walk.c \
  's/walk->large = heap->large.objects;/walk->large = NULL;/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier card_unconditional
