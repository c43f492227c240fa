#!/bin/sh
# Runs a test script in an empty directory of its own: usage run_script.sh SCRIPT
#
# The directory is below the build directory and is removed when the script passes; after a failure it
# stays, and its name is printed.
set -u
name=$(basename "$1" .sh)
mkdir -p "$TRICOLOR_BUILD/tests/work" || exit 1
work=$(mktemp -d "$TRICOLOR_BUILD/tests/work/$name.XXXXXX") || exit 1
cd "$work" || exit 1
TMPDIR=$work sh "$1"
status=$?
if [ "$status" -eq 0 ] || [ "$status" -eq 77 ]; then
  cd / && rm -rf -- "$work"
else
  printf 'kept: %s\n' "$work"
fi
exit "$status"
