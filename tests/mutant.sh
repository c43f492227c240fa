#!/bin/sh
# A product with one rule broken, which a test must catch: usage
#
#     mutant.sh FILE EXPRESSION EXPECTED [ARGUMENT of model_test]...
#     mutant.sh --test PATH FILE EXPRESSION EXPECTED [ARGUMENT of the test]...
#
# Copies FILE (of heap/, barriers/, collectors/ or include/gc/), applies the sed EXPRESSION, compiles what
# depends on the copy, and links the model test, or the one-file test tests/PATH.c, with that in place of the
# original: objects come before the libraries of the build, whose members of the same names are then not
# wanted. Passes when the test then fails and what it prints matches EXPECTED, an extended regular expression.
# The expression must change something, or the rule has moved and the test is void; so a mutant needs no
# hook in the product.
#
# Runs in an empty directory with the environment of tests/CMakeLists.txt. Several seeds of the model test
# are tried, because a rule may be broken in a way that shows only now and then. What is broken may also make a
# program that never ends: then the next seed is tried.
set -eu
test=
if [ "$1" = --test ]; then
  test=$2
  shift 2
fi
file=$1
expression=$2
expected=$3
shift 3

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

mkdir mutant
name=$(basename "$file")
sed -E -e "$expression" "$TRICOLOR_SOURCE/$file" >"mutant/$name"
if cmp -s "$TRICOLOR_SOURCE/$file" "mutant/$name"; then
  fail "the expression changes nothing in $file: $expression"
fi
diff -u "$TRICOLOR_SOURCE/$file" "mutant/$name" | sed '1,2d' || true

# A header of the mutators: the model test sees the broken one, the library was built with the other. A header
# of the heap: the sources that include it are compiled with the broken one.
case $file in
barriers/*.h) mkdir -p mutant/gc/barriers && mv "mutant/$name" mutant/gc/barriers/ ;;
include/gc/*.h) mkdir mutant/gc && mv "mutant/$name" mutant/gc/ ;;
heap/*.h) mkdir mutant/heap && mv "mutant/$name" mutant/heap/ ;;
esac

# That of `--barrier NAME` among the arguments, else card.
barrier=card
before=
for argument; do
  [ "$before" != --barrier ] || barrier=$argument
  before=$argument
done
includes="-Imutant -I$TRICOLOR_SOURCE/include -I$TRICOLOR_BUILD/generated -I$TRICOLOR_SOURCE"

# Without what debuggers read, which is most of what compiling and linking would take.
compile() {
  # shellcheck disable=SC2086 # flags are words
  $CC $TRICOLOR_CFLAGS -g0 -w "$@" $includes || fail "the mutant does not compile"
}

objects=
libraries="$TRICOLOR_BUILD/libtricolor.a $TRICOLOR_LIBS"
if [ -n "$test" ]; then
  compile -DGC_BARRIER="$barrier" -I"$TRICOLOR_SOURCE/tests/unit" -c "$TRICOLOR_SOURCE/tests/$test.c" -o test.o
  objects=test.o
  libraries="-lcmocka $libraries"
else
  libraries="$TRICOLOR_BUILD/tests/libmodel_test.a $libraries"
  if [ -d mutant/gc ]; then
    compile -DGC_BARRIER="$barrier" -c "$TRICOLOR_SOURCE/tests/model/model_ops.c" -o model_ops.o
    objects=model_ops.o
  fi
fi
if [ -e "mutant/$name" ]; then
  compile -c "mutant/$name" -o mutant.o
  objects="$objects mutant.o"
fi
if [ -e "mutant/heap/$name" ]; then
  for source in $(cd "$TRICOLOR_SOURCE" && grep -l "#include \"$file\"" heap/*.c barriers/*.c collectors/*.c); do
    object=mutant_$(basename "$source" .c).o
    compile -c "$TRICOLOR_SOURCE/$source" -o "$object"
    objects="$objects $object"
  done
fi
# shellcheck disable=SC2086
$CC $TRICOLOR_CFLAGS -Wl,--strip-debug $objects $libraries -o broken_test ||
  fail "the mutant does not link"

if [ -n "$test" ]; then
  sh "$TRICOLOR_SOURCE/tests/must_fail.sh" "$expected" timeout 200 ./broken_test "$@"
  exit
fi
# Most that never end are found out soon; where the machine is busy, later seeds have more time.
seed=0
for seconds in 5 20 40 40 40; do
  seed=$((seed + 1))
  status=0
  output=$(timeout $seconds ./broken_test --barrier $barrier --seed $seed "$@" 2>&1) || status=$?
  if [ "$status" -ne 0 ] && [ "$status" -ne 124 ]; then
    printf '%s\n' "$output"
    printf '%s\n' "$output" | grep -E -q -e "$expected" ||
      fail "failed with status $status, but not with: $expected"
    exit 0
  fi
done
fail "not caught with seeds 1 to 5; expected: $expected"
