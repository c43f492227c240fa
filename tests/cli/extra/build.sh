# Sourced: builds ./tricolor-broken, which is the program with one workload, `broken`, and no other.
#
# Compiles the workload and the registry against lists that name it, and links them before the archive, so
# that the archive's own registry is not taken. A few seconds instead of a build of its own.

build_broken() {
  mkdir -p lists/tricolor objects
  cp "$TRICOLOR_SOURCE/tests/cli/extra/workloads.def" lists/tricolor/workloads.def
  cp "$TRICOLOR_BUILD/generated/tricolor/barriers.def" lists/tricolor/barriers.def
  set -- -Ilists -I"$TRICOLOR_SOURCE" -I"$TRICOLOR_SOURCE/include" -I"$TRICOLOR_BUILD/generated"
  objects=
  # shellcheck disable=SC2086 # flags are words
  for source in tests/cli/extra/broken harness/workload_registry harness/main; do
    object=objects/$(basename "$source").o
    "$CC" $TRICOLOR_CFLAGS "$@" -c "$TRICOLOR_SOURCE/$source.c" -o "$object" || exit 1
    objects="$objects $object"
  done
  # shellcheck disable=SC2086
  for barrier in $TRICOLOR_BARRIERS; do
    for source in tests/cli/extra/broken_ops workloads/registry_ops; do
      object=objects/$(basename "$source").$barrier.o
      "$CC" $TRICOLOR_CFLAGS "$@" -DGC_BARRIER="$barrier" -c "$TRICOLOR_SOURCE/$source.c" \
        -o "$object" || exit 1
      objects="$objects $object"
    done
  done
  # shellcheck disable=SC2046,SC2086
  "$CC" $TRICOLOR_CFLAGS -o tricolor-broken $objects "$TRICOLOR_BUILD/libtricolor_parts.a" \
    "$TRICOLOR_BUILD/libtricolor.a" $(pkg-config --libs jansson yajl zlib libzstd yaml-0.1) $TRICOLOR_LIBS || exit 1
}
