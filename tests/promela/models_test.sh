#!/bin/sh
# The models of marking and their list: every shading half has a model with a line for it as it is and lines
# that break it; a search that is cut short and an expectation that is wrong are failures.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"
models=$TRICOLOR_SOURCE/barriers/models

sed -n 's/^GC_BARRIER([^,]*,[^,]*, *\([a-z0-9_]*\)).*/\1/p' "$TRICOLOR_SOURCE/barriers/barriers.def" | sort -u >halves.txt
while read -r half; do
  if [ "$half" != none ] && ! [ -f "$models/$half.pml" ]; then
    fail "shading half $half has no model $half.pml"
  fi
done <halves.txt
[ "$(wc -l <halves.txt)" -ge 5 ] || fail "barriers.def: cannot tell its shading halves"

for model in "$models"/*.pml; do
  half=$(basename "$model" .pml)
  [ "$half" != marking ] || continue
  grep -q "^$half  *all_reached *$" "$models/variants.list" || fail "$half: no line for it as it is"
  broken=$(grep -c -E "^$half +(lost|young_held|flagged|torn)[ |]" "$models/variants.list")
  [ "$broken" -ge 4 ] || fail "$half: only $broken broken variants"
done

# Every define that the list names is one that a model knows.
sed 's/#.*//' "$models/variants.list" | while read -r half expectation defines; do
  for define in $defines; do
    grep -q -w -- "${define%%=*}" "$models/$half.pml" "$models/marking.pml" ||
      echo "$half $expectation: no model knows ${define%%=*}"
  done
done >unknown.txt
[ ! -s unknown.txt ] || fail "$(cat unknown.txt)"

MODEL_CFLAGS=-O0 # small searches
export MODEL_CFLAGS
expect 0 'snapshot ROOTS_ONE_BY_ONE: lost' sh "$models/check.sh" search snapshot ROOTS_ONE_BY_ONE
MODEL_DEPTH=50
export MODEL_DEPTH
expect 0 'insertion: truncated' sh "$models/check.sh" search insertion

# A copy of the models whose list expects what is not so.
cp -R "$models" wrong
for line in 'snapshot all_reached' 'snapshot holds' 'snapshot young_held ROOTS_ONE_BY_ONE' \
  'snapshot holds ROOTS_ONE_BY_ONE'; do
  echo "$line" >wrong/variants.list
  expect 1 '^FAILED, expected' sh wrong/check.sh snapshot
done
exit "$failed"
