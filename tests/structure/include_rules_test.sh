#!/bin/sh
# Who may include whom: dependencies point from the harness to the contracts and never back.
#
# For each folder, what its project includes may look like; an include that matches nothing is reported
# with its file and line. Quoted includes are written from the top of the tree and name a file that exists.
# The test proves first that it can fail.
set -u

# rules: `files<TAB>extended regular expression of allowed project includes`. The first match decides.
cat >rules <<'RULES'
^include/gc/	^<gc/[a-z_]+\.(h|def)>$|^<gc/barrier/GC_BARRIER\.h>$
^barriers/.*_parts\.h$	^"heap/|^"barriers/.*_parts\.h"$|^<gc/
^barriers/(barrier|remember_.*|shade_.*)\.h$	^<gc/[a-z_]+\.h>$|^<gc/barriers/[a-z0-9_]+\.h>$
^barriers/	^"barriers/|^"heap/|^<gc/|^<tricolor/barriers\.def>$
^heap/	^"heap/|^<gc/[a-z_]+\.(h|def)>$
^collectors/	^"collectors/|^"heap/|^"barriers/barrier_parts\.h"$|^<gc/[a-z_]+\.h>$|^<tricolor/(collectors|policies)\.def>$
^workloads/	^"workloads/|^<gc/|^<tricolor/workloads\.def>$
^results/	^"results/|^"heap/(event|recording|phase)\.(h|def)"$|^"heap/(event|pause)\.def"$|^<gc/[a-z_]+\.(h|def)>$|^<tricolor/
^harness/microbench/	^
^harness/native/	^"harness/|^"results/|^"workloads/|^"collectors/libgc\.h"$
^harness/	^"harness/|^"results/|^"workloads/workload\.h"$|^"collectors/(collector|libgc)\.h"$|^"barriers/barrier_parts\.h"$|^"heap/(event|recording|phase)\.(h|def)"$|^"heap/(event|pause)\.def"$|^<gc/[a-z_]+\.(h|def)>$|^<tricolor/
RULES

# Prints the violations among the lines `file:line:#include ...` of standard input.
violations() {
  awk -v rules="$PWD/rules" '
    BEGIN {
      while ((getline line < rules) > 0) {
        tab = index(line, "\t")
        files[++count] = substr(line, 1, tab - 1)
        allowed[count] = substr(line, tab + 1)
      }
    }
    {
      colon = index($0, ":")
      file = substr($0, 1, colon - 1)
      include = $0
      sub(/^[^#]*#[ ]*include[ ]*/, "", include)
      sub(/[ \t]*(\/[*\/].*)?$/, "", include)
      # A system or library header, or a macro, is nobody else'"'"'s.
      if (include !~ /^"/ && include !~ /^<(gc|tricolor)\//) next
      for (i = 1; i <= count; i++) {
        if (file ~ files[i]) {
          if (include !~ allowed[i]) print $0
          next
        }
      }
    }'
}

includes() {
  (cd "$TRICOLOR_SOURCE" &&
    find include heap barriers collectors workloads harness results -name '*.[ch]' -o -name '*.def' |
    sort | xargs grep -n -E '^ *# *include')
}

status=0

printf '%s\n' 'heap/a.c:1:#include "collectors/collector.h"' 'heap/b.c:2:#include <gc/gc.h>' \
  'heap/c.c:3:#include "heap/heap.h"' 'workloads/x.c:4:#include "heap/heap.h"' \
  'include/gc/d.h:5:#include "heap/heap.h"' 'barriers/shade_e.h:6:#include "heap/heap.h"' \
  'collectors/f.c:7:#include "harness/plan.h"' >planted
caught=$(violations <planted | wc -l)
if [ "$caught" -ne 5 ]; then
  echo "the planted violations: 5 expected, $caught found"
  violations <planted
  status=1
fi

includes >all
found=$(violations <all)
if [ -n "$found" ]; then
  printf 'not allowed here:\n%s\n' "$found"
  status=1
fi

sed -n 's/^\([^:]*:[0-9]*\):.*include *"\([^"]*\)".*/\1 \2/p' all >quoted
while read -r where name; do
  if ! [ -f "$TRICOLOR_SOURCE/$name" ]; then
    echo "$where: \"$name\" is not a path from the top of the tree"
    status=1
  fi
done <quoted

[ "$(wc -l <all)" -gt 20 ] || {
  echo "hardly any includes found: is TRICOLOR_SOURCE right?"
  status=1
}
exit "$status"
