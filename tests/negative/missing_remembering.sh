#!/bin/sh
# Rule: remembered-complete: a young reference stored into an old object is found by the next
# scavenge.
# Broken: the fast half of the card barrier never takes its slow half.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/remember_card.h \
  's/gc_remember_card_slow\(mutator, card\);/(void)card;/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal'
