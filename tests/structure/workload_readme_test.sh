#!/bin/sh
# The example in workloads/README.md works as it stands: its files, extracted, compiled without a warning
# under every barrier and linked into a program that has no other workload, run and check their own result.
#
# Labels: slow
# Timeout: 120
set -u
readme=$TRICOLOR_SOURCE/workloads/README.md

# The fenced block whose first line is "```c FILE".
extract() {
  awk -v fence="\`\`\`c $1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "$readme" >"$2"
  [ -s "$2" ] || {
    echo "workloads/README.md has no block $1"
    exit 1
  }
}
mkdir -p generated/tricolor
extract churn.c churn.c
extract churn_ops.c churn_ops.c
extract workloads.def generated/tricolor/workloads.def

# The program is the project's own, less its registry of workloads, which is made anew from the one line.
compile() {
  # shellcheck disable=SC2086
  "$CC" $TRICOLOR_CFLAGS -Werror -Igenerated -I"$TRICOLOR_BUILD/generated" -I"$TRICOLOR_SOURCE/include" \
    -I"$TRICOLOR_SOURCE" "$@" || exit 1
}
compile -c churn.c
compile -c "$TRICOLOR_SOURCE/harness/workload_registry.c"
for barrier in $TRICOLOR_BARRIERS; do
  compile -DGC_BARRIER="$barrier" -c churn_ops.c -o "churn_ops.$barrier.o"
  compile -DGC_BARRIER="$barrier" -c "$TRICOLOR_SOURCE/workloads/registry_ops.c" \
    -o "registry_ops.$barrier.o"
done
compile -DTRICOLOR_VERSION='"example"' -c "$TRICOLOR_SOURCE/harness/main.c"
# shellcheck disable=SC2086,SC2046
"$CC" $TRICOLOR_CFLAGS ./*.o "$TRICOLOR_BUILD/libtricolor_parts.a" "$TRICOLOR_BUILD/libtricolor.a" \
  $(pkg-config --libs jansson yajl zlib libzstd yaml-0.1) $TRICOLOR_LIBS -o example || exit 1

status=0
./example list workloads | grep -q -w churn || {
  echo "the program does not list churn"
  status=1
}
for collector in $TRICOLOR_COLLECTORS; do
  ./example run --quick --workload churn --collector "$collector" --heap 16M --out "run-$collector" \
    >run.log 2>&1 || {
    cat run.log
    status=1
  }
done
exit "$status"
