#!/bin/sh
# The heap is a library: installs it, compiles the example from the installed files alone, found through
# pkg-config, linked statically, and runs it under every collector whose own barrier is the one it picks.
#
# Timeout: 120
set -u
prefix=$PWD/prefix
cmake --install "$TRICOLOR_BUILD" --prefix "$prefix" >install.log || {
  cat install.log
  exit 1
}
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tricolor.pc)")
export PKG_CONFIG_PATH
cp "$TRICOLOR_SOURCE/tests/embed/phone_book.c" .

status=0
# `collector barrier` per line of the installed list; baselines are no collectors of the heap.
sed -n 's/^GC_COLLECTOR\(_CUSTOM\)\{0,1\}(\([a-z0-9_]*\),.*[ ,]\([a-z0-9_]*\)).*/\2 \3/p' \
  "$(find "$prefix" -name collectors.def)" >pairs
[ -s pairs ] || {
  echo "no collector is installed"
  exit 1
}
while read -r collector barrier; do
  # shellcheck disable=SC2046 # pkg-config answers words
  [ -x "phone_book_$barrier" ] || "$CC" -std=gnu17 -O2 -Wall -Wextra -Wconversion -Werror \
    -DGC_BARRIER="$barrier" -o "phone_book_$barrier" phone_book.c \
    $(pkg-config --static --cflags --libs tricolor) || exit 1
  "./phone_book_$barrier" "$collector" || {
    echo "fails with the collector $collector and the barrier $barrier"
    status=1
  }
done <pairs

# Nothing in the installed headers points back into the tree.
if grep -r -n -E '#include "(heap|barriers|collectors|harness|results|workloads)/' "$prefix/include"; then
  echo "an installed header includes what is not installed"
  status=1
fi
exit "$status"
