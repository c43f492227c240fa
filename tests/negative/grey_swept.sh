#!/bin/sh
# Rule: terminated: marking ends when nothing is grey.
# Broken: a remark whose budget is spent ends it, and the sweep frees what was grey.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/trace_stw.c \
  '/^bool gc_trace_drain_stw/,/^}/ s/return false;/return true;/' \
  'terminated|strong-tricolour|reachable-is-marked|refers-to-object|wrong: |ended by a signal' \
  --collector incremental --barrier card_insertion --pause-target 10us --verify 2
