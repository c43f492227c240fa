#!/bin/sh
# Rule: whoever moves old objects updates every root.
# Broken: sliding forgets the global ones.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/slide.c \
  's/translate_slots\(slide, &root->ref, &root->ref \+ 1\);/(void)root;/' \
  'refers-to-object|reachable-is-live|wrong: |ended by a signal' --collector mark_compact
