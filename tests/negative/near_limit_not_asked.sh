#!/bin/sh
# Rule: before memory is exhausted, the program may raise the limit.
# Broken: it is not asked.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/limits_test collectors/cycle.c \
  's/if \(gc_limits_raise_stw\(heap\)\)/if (heap == NULL)/' \
  '\[  FAILED  \] the_program_may_raise_it' --barrier v8_page_flags
