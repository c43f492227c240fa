#!/bin/sh
# Rule: remembered-complete, of object logging: promoted objects are unlogged.
# Broken: they keep the log byte of young ones.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_copy.h \
  's/is_promoted \? header \| scan->promotion_header_or : header/header/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' \
  --barrier object
