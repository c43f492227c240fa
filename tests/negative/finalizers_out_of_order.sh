#!/bin/sh
# Rule: of the finalizers that are due, the one that was registered first is called first.
# Broken: the last.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/finalizers_test heap/finalizer.c \
  's/return finalizer_of\(left\)->number < finalizer_of\(right\)->number;/return finalizer_of(left)->number > finalizer_of(right)->number;/' \
  '\[  FAILED  \] called_in_order_of_registration' --barrier v8_page_flags
