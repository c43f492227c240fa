#!/bin/sh
# The microbenchmarks run: every name of the list is in the table, nothing failed, bad input is refused.
#
# Quick sizes only; no figure is judged here.
#
# Labels: slow
# Timeout: 240
set -u
bench=$TRICOLOR_BUILD/tricolor-bench
if ! [ -x "$bench" ]; then
  echo "skipped: tricolor-bench is not built"
  exit 77
fi
status=0
"$bench" --list >names.txt || status=1
[ "$(wc -l <names.txt)" -ge 20 ] || {
  echo "the list is short:"
  cat names.txt
  status=1
}
"$bench" --quick >table.txt 2>&1 || {
  echo "--quick fails"
  status=1
}
grep -q '^recording costs at most' table.txt || {
  echo "the cost of recording is not said"
  status=1
}
if grep -E 'FAILED' table.txt || ! grep -q -E '^mark/shuffled_tree +1 ' table.txt; then
  cat table.txt
  status=1
fi
"$bench" --no-such-option >bad.txt 2>&1
[ $? -eq 2 ] || {
  echo "an unknown option is not refused with status 2"
  status=1
}
exit "$status"
