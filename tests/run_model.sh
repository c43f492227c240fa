#!/bin/sh
# Runs the model test on a pair of collector and barrier: usage
# run_model.sh must_run|may_refuse MODEL_TEST [ARGUMENT...]
#
# A barrier that is not sufficient for the collector must be refused: status 77, and a sentence that says
# why. A collector's own barrier may not be refused.
#
# Timeout: 120
set -u
expectation=$1
shift
output=$("$@" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -eq 77 ] || exit "$status"
if [ "$expectation" = must_run ]; then
  printf 'refused, though it is the barrier of this collector\n'
  exit 1
fi
if [ -z "$output" ]; then
  printf 'refused without a word\n'
  exit 1
fi
