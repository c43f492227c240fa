#!/bin/sh
# Rule: who frees a large object buries its attendants.
# Broken: it does not.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/finalizers_test heap/large_space.c \
  's/if \(object->attendants != NULL\)/if (object->attendants != NULL \&\& large == NULL)/' \
  '\[  FAILED  \] called_once_when_dead' --barrier v8_page_flags
