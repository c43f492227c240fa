#!/bin/sh
# Runs a command that must be caught: usage must_fail.sh REGEX COMMAND [ARGUMENT...]
#
# Passes when the command fails and its output matches the extended regular expression. A command that
# fails for another reason, or that nobody notices, is a failed test.
set -u
regex=$1
shift
output=$("$@" 2>&1)
status=$?
printf '%s\n' "$output"
if [ "$status" -eq 77 ]; then
  exit 77
fi
if [ "$status" -eq 0 ]; then
  printf 'not caught: the command succeeded, expected: %s\n' "$regex"
  exit 1
fi
if ! printf '%s\n' "$output" | grep -E -q -e "$regex"; then
  printf 'failed with status %s, but not with: %s\n' "$status" "$regex"
  exit 1
fi
