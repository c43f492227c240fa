#!/bin/sh
# Rule: the re-grey flag is exchanged unconditionally: the exchange is the fence between the store and the
# test.
# Broken: a plain test comes before the exchange.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test stress/regrey_litmus heap/regrey.h \
  's/return gc_atomic_exchange_acq_rel\(flag, 1\) == 0;/return gc_atomic_load_relaxed(flag) == 0 \&\& gc_atomic_exchange_acq_rel(flag, 1) == 0;/' \
  'a store was lost' 60
