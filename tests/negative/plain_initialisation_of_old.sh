#!/bin/sh
# Rule: gc_init_ref is plain only into young objects.
# Broken: it is plain into large ones too, which are old from the beginning.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" barriers/barrier.h \
  '/void gc_init_ref\(/,/^}/ s/gc_is_young\(mutator, src\)/true/' \
  'remembered-complete|refers-to-object|wrong: |ended by a signal'
