#!/bin/sh
# Rule: stable-when-walked: live bits come in pairs.
# Broken: a promoted object gets its first bit and not its last.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/live_bits.h \
  's/\(UINT64_C\(1\) \| UINT64_C\(1\) << \(granules - 1\)\)/UINT64_C(1)/' \
  'stable-when-walked|refers-to-object' \
  --verify 1
