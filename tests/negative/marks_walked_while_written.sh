#!/bin/sh
# Rule: stable-when-walked: what overflowed is rescanned by a copy of the mark bits, which pushing may write.
# Broken: the bitmap itself is walked.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/trace_stw.c \
  's/uint64_t words\[GC_BLOCK_WORDS\];/uint64_t *words = gc_space_mark_words(\&worker->heap->space, block);/; /^static void rescan_block/,/^}/ s/^  memcpy.*$//' \
  'stable-when-walked|marked-is-live|strong-tricolour|reachable-is-marked|refers-to-object|wrong: |ended by a signal' \
  --collector stw --barrier card --verify 2 --mark-stack-limit 8192 --stress-full-every 2
