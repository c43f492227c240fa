#!/bin/sh
# Rule: remembered-complete, of unconditional card marking: every store marks its card.
# Broken: none does.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/remember_card_unconditional.h \
  's/^  gc_atomic_store_relaxed\(card, GC_CARD_DIRTY\);/  (void)card;/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier card_unconditional
