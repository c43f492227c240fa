#!/bin/sh
# Rule: forwarded-once: an object is copied once, however many slots refer to it.
# Broken: no forwarding address is left behind.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_copy.h \
  's/\*\(uint64_t \*\)object = \(uint64_t\)target;//' \
  'wrong: |ended by a signal'
