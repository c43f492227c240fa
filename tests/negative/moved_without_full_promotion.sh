#!/bin/sh
# Rule: before old objects move, everything young is promoted, under every barrier.
# Broken: under a snapshot it is not, and young objects keep references to where old ones were.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/cycle_marking.c \
  's/ \|\| cycle->composition.compact->moves_old\) \{/) {/' \
  'dead-holds-no-young|refers-to-object|reachable-is-live|forwarded-once|wrong: |ended by a signal' \
  --collector mark=incremental,sweep=eager,compact=sliding --barrier card_snapshot --verify 3
