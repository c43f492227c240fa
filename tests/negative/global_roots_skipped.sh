#!/bin/sh
# Rule: global roots are scanned by every scavenge.
# Broken: they are not.
# Labels: slow
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" heap/scavenge_scan.h \
  's/if \(takes_globals\) \{/if (takes_globals \&\& scan == NULL) {/' \
  'wrong: |ended by a signal'
