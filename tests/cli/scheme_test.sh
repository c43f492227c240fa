#!/bin/sh
# Each Scheme program of the tree gives the answer that it announces, under collectors that stop, slide, mark
# in steps, and mark beside the program, moving what they can; and a program with a mistake is refused with its
# line, or, where the mistake shows while it runs, is a trial with a wrong result.
#
# Presets: release
# Labels: slow
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

for program in "$TRICOLOR_SOURCE"/workloads/scheme/*.scm; do
  grep -q '^;= size 1 answer .* allocates ' "$program" || fail "$program announces nothing"
  expect 0 '^trials: all [0-9]* ok$' "$TRICOLOR" run --quick --workload scheme --param program="$program" \
    --param size=1 --collector stw,mark_compact,incremental,v8 --heap 24M --stress-move on \
    --out "$(basename "$program" .scm)"
done

printf '(define (run size)\n  (if))\n' >syntax.scm
expect 2 'syntax.scm:2: if takes a test' "$TRICOLOR" run --quick --workload scheme --param program=syntax.scm --heap 24M --out a
[ ! -e a ] || fail "a program that cannot be read left results"
printf '(define (run size)\n  (+ 1 (run size)))\n' >deep.scm
expect 1 'deep.scm:2: the recursion is deeper than' "$TRICOLOR" run --quick --workload scheme --param program=deep.scm \
  --collector stw --heap 64M --out b
printf '(define (run size) (let grow ((list (quote ()))) (grow (cons size list))))\n' >endless.scm
expect 0 '1 out of memory' "$TRICOLOR" run --quick --workload scheme --param program=endless.scm --collector stw --heap 24M --out c
exit "$failed"
