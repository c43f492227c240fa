#!/bin/sh
# Rule: remembered-complete: under a barrier that logs objects in their headers, none is pretenured.
# Broken: some are, with the header of a young object, which says that they are logged.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" collectors/pretenuring.c \
  's/heap->promotion_header_or == 0 &&//' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal' --barrier object
