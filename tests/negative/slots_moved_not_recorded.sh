#!/bin/sh
# Rule: moved-slots-complete: while blocks are to be evacuated, a store of a reference into one records the slot.
# Broken: the fast half never takes the slow half that does.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/remember_slots.h \
  's/gc_remember_slots_moved_slow\(mutator, src, slot, new_ref\);/(void)slot;/' \
  'moved-slots-complete' \
  --barrier slots_snapshot --collector mark=incremental,sweep=lazy,compact=evacuate --verify 2
