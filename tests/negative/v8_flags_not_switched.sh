#!/bin/sh
# Rule: strong-tricolour, of v8_page_flags: a mutator looks at the flags of marking while a cycle marks.
# Broken: it always looks at the others.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/remember_v8_page_flags.c \
  's/is_marking \? TABLE_MARKING : TABLE_IDLE/(void)is_marking, TABLE_IDLE/' \
  'refers-to-object|forwarded|strong-tricolour|wrong: |ended by a signal' \
  --barrier v8_page_flags --collector incremental
