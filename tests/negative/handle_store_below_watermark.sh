#!/bin/sh
# Rule: watermark-holds-no-young: a store to a handle below the watermark lowers it.
# Broken: it does not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" include/gc/handles.h \
  '/void gc_handle_set\(/,/^}/ s/mutator->handle_watermark = handle.location;//' \
  'watermark-holds-no-young|refers-to-object|wrong: |ended by a signal'
