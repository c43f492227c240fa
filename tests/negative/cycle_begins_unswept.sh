#!/bin/sh
# Rule: swept-before-mark: every block is swept before the next cycle marks.
# Broken: a cycle begins while blocks await the sweep of the one before.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle.c \
  '/^static enum gc_pause_kind begin_cycle/,/^}/ s/gc_cycle_sweep_stw\(cycle, SIZE_MAX\);//' \
  'swept-before-mark' \
  --collector concurrent_lazy --barrier card_snapshot --verify 1 --stress-full-every 2
