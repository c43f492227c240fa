#!/bin/sh
# Rule: watermark-holds-no-young: leaving a frame lowers the watermark to its top.
# Broken: it does not, and handles pushed later are taken for old.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" include/gc/handles.h \
  '/void gc_handles_leave\(/,/^}/ s/mutator->handle_watermark = frame.top;//' \
  'watermark-holds-no-young|refers-to-object|wrong: |ended by a signal'
