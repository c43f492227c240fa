#!/bin/sh
# The launcher: help before anything is built, bad input, what is missing, staleness, exit statuses.
#
# Works on copies of the launcher beside a tiny CMake project, with a PATH of its own where a need has to be
# absent, so that nothing is installed and nothing of Tricolor is built.
#
# Timeout: 120
set -u
status=0
launcher=$TRICOLOR_SOURCE/tricolor

# expect NAME STATUS REGEX COMMAND...: the command's status, and what it prints on either stream.
expect() {
  name=$1
  wanted=$2
  regex=$3
  shift 3
  "$@" >output.txt 2>&1 </dev/null
  got=$?
  if [ "$got" -ne "$wanted" ] || ! grep -E -q -e "$regex" output.txt; then
    echo "$name: status $got (expected $wanted), looking for: $regex"
    sed 's/^/    /' output.txt
    status=1
  fi
}

# A checkout with a space in its path whose program prints its arguments and returns the first.
tree="$PWD/a tree"
mkdir -p "$tree/sub"
cp "$launcher" "$tree/tricolor"
cat >"$tree/CMakePresets.json" <<'JSON'
{
  "version": 6,
  "configurePresets": [
    {"name": "base", "hidden": true},
    {
      "name": "release",
      "generator": "Ninja",
      "binaryDir": "${sourceDir}/build/${presetName}",
      "displayName": "tiny"
    }
  ]
}
JSON
cat >"$tree/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(Tiny LANGUAGES C)
file(GLOB sources CONFIGURE_DEPENDS "*.c")
add_executable(tricolor ${sources})
if(TRICOLOR_TESTS)
  enable_testing()
  add_test(NAME passes COMMAND true)
  add_test(NAME fails COMMAND false)
  set_tests_properties(fails PROPERTIES LABELS slow)
endif()
CMAKE
cat >"$tree/main.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  printf("first program:");
  for (int i = 1; i < argc; i++) {
    printf(" [%s]", argv[i]);
  }
  printf("\n");
  return argc > 2 ? atoi(argv[2]) : 0;
}
C

expect "help" 0 '\./tricolor run' "$tree/tricolor" --help
expect "help names the tests" 0 '\./tricolor test' "$tree/tricolor" --help
[ ! -e "$tree/build" ] || {
  echo "help built something"
  status=1
}
expect "no command" 2 '\./tricolor run' "$tree/tricolor"
expect "unknown preset" 2 "no preset 'relaese'.*release" "$tree/tricolor" --preset relaese run
expect "hidden preset" 2 "no preset 'base'" "$tree/tricolor" --preset base run
expect "unknown option" 2 "no option '--frob'" "$tree/tricolor" --frob run
expect "preset without a name" 2 'needs a name' "$tree/tricolor" --preset

# A PATH of links to everything but one command.
path_without() {
  rm -rf tools
  mkdir tools
  for command in sh dash awk sed grep find tail cat mkdir rm readlink id env dirname basename nproc touch \
    flock cc c++ cmake ninja pkg-config gnuplot ctest ld as; do
    where=$(command -v "$command") || continue
    [ "$command" = "$1" ] || ln -s "$where" "tools/$command"
  done
}
for absent in ninja cmake c++; do
  path_without "$absent"
  expect "--no-install without $absent" 3 "the command $(printf '%s' "$absent" | sed 's/+/[+]/g') \(Debian: " \
    env PATH="$PWD/tools" "$tree/tricolor" --no-install run
  expect "--no-install without $absent says what to do" 3 'apt-get install --no-install-recommends' \
    env PATH="$PWD/tools" "$tree/tricolor" --no-install run
  # There is no apt-get on this PATH either.
  expect "nothing to install with" 3 'no apt-get' env PATH="$PWD/tools" "$tree/tricolor" run
done
[ ! -e "$tree/build" ] || {
  echo "a build was begun without its tools"
  status=1
}
path_without gnuplot
expect "an optional part is off" 0 'without gnuplot, plots are off' \
  env PATH="$PWD/tools" "$tree/tricolor" --no-install run
expect "what needs it is refused" 3 'the command gnuplot' \
  env PATH="$PWD/tools" "$tree/tricolor" --no-install plot somewhere

# An apt-get that fails is one sentence and status 3; one that works is called with the agreed options.
path_without gnuplot
cat >"$PWD/tools/apt-get" <<APT
#!/bin/sh
echo "\$*" >>"$PWD/apt.calls"
exit 100
APT
chmod +x "$PWD/tools/apt-get"
printf '#!/bin/sh\necho 0\n' >"$PWD/id"
chmod +x "$PWD/id"
rm "$PWD/tools/id"
mv "$PWD/id" "$PWD/tools/id"
expect "a failing install" 3 'installing failed; see build/install.log' \
  env PATH="$PWD/tools" "$tree/tricolor" --yes plot somewhere
grep -q -e 'install -y --no-install-recommends gnuplot-nox' apt.calls || {
  echo "apt-get was not called as agreed:"
  cat apt.calls
  status=1
}
expect "a failing install of an optional part" 0 'first program: \[run\]' \
  env PATH="$PWD/tools" "$tree/tricolor" --yes run
rm apt.calls
expect "is not tried again" 0 'first program: \[run\]' env PATH="$PWD/tools" "$tree/tricolor" --yes run
[ ! -e apt.calls ] || {
  echo "apt-get was called again for an optional part that could not be had"
  status=1
}

# Who is not root goes through sudo, or is told what root has to call.
printf '#!/bin/sh\necho 1000\n' >tools/id
expect "neither root nor sudo" 3 'as root, call: apt-get install .*gnuplot-nox' \
  env PATH="$PWD/tools" "$tree/tricolor" --yes plot somewhere
printf '#!/bin/sh\necho "$@" >>"%s/sudo.calls"\nexit 1\n' "$PWD" >tools/sudo
chmod +x tools/sudo
expect "a failing sudo" 3 'installing failed' env PATH="$PWD/tools" "$tree/tricolor" --yes plot somewhere
grep -q 'apt-get .*install -y --no-install-recommends gnuplot-nox' sudo.calls || {
  echo "sudo was not called as agreed:"
  cat sudo.calls
  status=1
}

# On a terminal it asks, once; without a yes nothing is installed.
if script -q -e -c true /dev/null >/dev/null 2>&1 </dev/null; then
  rm sudo.calls
  printf 'n\n' | script -q -e -c "env PATH='$PWD/tools' '$tree/tricolor' plot somewhere" /dev/null >asked.txt
  got=$?
  if [ "$got" -ne 3 ] || [ "$(grep -c '\[y/n\]' asked.txt)" -ne 1 ] ||
    ! grep -q 'nothing was installed' asked.txt || [ -e sudo.calls ]; then
    echo "asking on a terminal: status $got"
    cat asked.txt
    status=1
  fi
fi

# From another directory, through a link, with an argument that has spaces; the status is the program's.
ln -s "$tree/tricolor" link
cd "$tree/sub" || exit 1
expect "another directory" 7 '\[a b\]$' "$OLDPWD/link" run 7 "a b"
cd "$OLDPWD" || exit 1

# A call with nothing to do says nothing of building, and takes less than 0.3 s (the best of five).
expect "nothing to build" 0 'first program' "$tree/tricolor" run
if grep -q Building output.txt; then
  echo "a call with nothing to build announces one"
  status=1
fi
best_ns=1000000000
for _ in 1 2 3 4 5; do
  begin_ns=$(date +%s%N)
  "$tree/tricolor" run >output.txt
  taken_ns=$(($(date +%s%N) - begin_ns))
  [ "$taken_ns" -ge "$best_ns" ] || best_ns=$taken_ns
done
if [ "$best_ns" -ge 300000000 ]; then
  echo "a call with nothing to build takes $best_ns ns"
  status=1
fi

# Stale code never runs: an edit, a new file, a changed preset.
sed 's/first program/second program/' "$tree/main.c" >edited && cp edited "$tree/main.c"
expect "an edit is built" 0 'second program' "$tree/tricolor" run
expect "an edit is announced" 0 'second program' "$tree/tricolor" run
printf 'int more(void);\nint more(void) { return 1; }\n' >"$tree/more.c"
expect "a new file is built" 0 'Building Tricolor' "$tree/tricolor" run
printf 'int broken(' >"$tree/more.c"
expect "what does not build" 3 'the build failed; the whole log is' "$tree/tricolor" run
expect "shows the compiler's words" 3 'error:' "$tree/tricolor" run
rm "$tree/more.c"
expect "builds again" 0 'second program' "$tree/tricolor" run

# The tests' closing line is ctest's and the last; a failed test is status 1.
expect "a failed test" 1 '50% tests passed, 1 tests failed out of 2' \
  "$tree/tricolor" --preset release test
expect "--quick leaves the slow ones out" 0 '100% tests passed, 0 tests failed out of 1' \
  "$tree/tricolor" --preset release test --quick
tail -n 1 output.txt | grep -q '^Total Test time' || {
  echo "ctest does not have the last word:"
  tail -n 3 output.txt
  status=1
}
expect "-R chooses, twice" 1 '50% tests passed, 1 tests failed out of 2' \
  "$tree/tricolor" --preset release test -R 'pas+es' -R fails
expect "an unknown option of test" 2 'test knows' "$tree/tricolor" --preset release test --fast

# A copy of the tree with its build directory builds for itself.
cp -a "$tree" "$PWD/copy"
sed 's/second program/copied program/' edited >"$PWD/copy/main.c"
expect "a copied tree" 0 'copied program' "$PWD/copy/tricolor" run

# A directory that cannot be written is the environment's fault.
if [ "$(id -u)" -ne 0 ]; then
  chmod a-w "$PWD/copy/build/release"
  expect "not writable" 3 'cannot write' "$PWD/copy/tricolor" run
  chmod u+w "$PWD/copy/build/release"
fi
exit "$status"
