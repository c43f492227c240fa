#!/bin/sh
# Runs a test script in an empty directory of its own: usage run_script.sh SCRIPT
#
# The directory is below the build directory and is removed when the script passes; after a failure it
# stays, and its name is printed. Where the tree's path has a space, the script sees tree and build
# directory through links without one, so that compiler flags made of paths stay words.
set -u
name=$(basename "$1" .sh)
links=
case $TRICOLOR_SOURCE$TRICOLOR_BUILD in
  *[[:space:]]*)
    links=$(mktemp -d) || exit 1
    ln -s "$TRICOLOR_SOURCE" "$links/source" || exit 1
    ln -s "$TRICOLOR_BUILD" "$links/build" || exit 1
    TRICOLOR=$links/build/$(basename "$TRICOLOR")
    TRICOLOR_SOURCE=$links/source
    TRICOLOR_BUILD=$links/build
    export TRICOLOR TRICOLOR_SOURCE TRICOLOR_BUILD
    ;;
esac

mkdir -p "$TRICOLOR_BUILD/tests/work" || exit 1
work=$(mktemp -d "$TRICOLOR_BUILD/tests/work/$name.XXXXXX") || exit 1
cd "$work" || exit 1
TMPDIR=$work sh "$1"
status=$?
cd / || exit 1
if [ "$status" -eq 0 ] || [ "$status" -eq 77 ]; then
  rm -rf -- "$work"
else
  printf 'kept: %s\n' "$(readlink -f -- "$work")"
fi
[ -z "$links" ] || rm -rf -- "$links"
exit "$status"
