#!/bin/sh
# Rule: what a mutator works for the collector while the world runs is a pause of its own.
# Broken: the pause is not recorded, of whatever kind.
# Timeout: 300
# Presets: release
sh "$TRICOLOR_SOURCE/tests/mutant.sh" --test unit/recorder_accounts_test heap/stop.c \
  's/wall_ns < PAUSE_RECORDED_FROM_NS/true/' \
  '(assist|lazy sweep|barrier slow): recorded 0 times|unrecorded' 'test_told*'
