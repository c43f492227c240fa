#!/bin/sh
# Searches the models of marking with SPIN:
#
#   check.sh HALF                     every line of variants.list about a half; status 0 if all are as expected
#   check.sh search HALF [DEFINE...]  one model: what was found, states, time, memory
#   check.sh explain HALF DEFINE...   a short counterexample, told step by step
#
# It works in a directory of its own below TMPDIR. CC and MODEL_CFLAGS are how the search is compiled.
# MODEL_DEPTH bounds the length of a path; a search that meets a longer one is reported as truncated, which
# is never a success. MODEL_ALTERNATIVES=no leaves out what holds though it is not how the half works: those are
# the longest searches, and say nothing about the half as it is.
#
# Algorithm: where an invariant may be violated, short paths are searched first and longer ones when they
# show nothing, for a depth-first search that starts on a long path takes very long to leave it. A
# counterexample found on a short path is one; that there is none is only said after a search of all paths.
set -u
set -f # the defines have brackets
models=$(dirname "$(readlink -f -- "$0")")
depth=${MODEL_DEPTH:-2000000}

# States are stored in full, so that the search is exact. There is no partial-order reduction, which finds
# nothing to leave out where all state is shared. The limit is in MiB.
search_flags='-w -DSAFETY -DNOCLAIM -DNOREDUCE -DMEMLIM=1000'

# What may be violated: steps are tried in a random order, always the same. Such a search is often shorter
# than an optimised compilation.
seek_flags="$search_flags -DT_RAND"
short_paths='60 130'

# generate HALF FLAGS DEFINES: makes ./pan, the program that searches. Statements are not merged (-o3): the
# report would leave out those that are never reached.
generate() {
  cp "$models/marking.pml" "$models/$1.pml" . || exit 2
  rm -f pan report.txt ./*.trail
  # shellcheck disable=SC2086 # words are what is meant, here and below
  if ! { spin -o3 -a $3 "$1.pml" && ${CC:-cc} $2 -o pan pan.c; } >generate.txt 2>&1; then
    cat generate.txt >&2
    exit 3
  fi
}

defines_of() {
  for define in "$@"; do
    printf ' -D%s' "$define"
  done
}

# What the report of ./pan says: a violated invariant, truncated, failed, unreached or all_reached.
judge() {
  violated=$(sed -n 's/^pan:1: assertion violated (\([a-z_]*\)==0).*/\1/p' report.txt)
  if [ -n "$violated" ]; then
    echo "$violated"
  elif grep -q 'max search depth too small' report.txt; then
    echo truncated
  elif grep -q 'Search not completed' report.txt || ! grep -q 'errors: 0$' report.txt; then
    echo failed
  elif grep -q 'state [0-9]*, "' report.txt; then
    echo unreached
  else
    echo all_reached
  fi
}

# search FLAGS LENGTHS HALF [DEFINE...]: paths of at most each of the lengths, then all. Sets $found and $figures.
search() {
  flags=$1
  lengths=$2
  shift 2
  generate "$1" "$flags" "$(half=$1 && shift && defines_of "$@")"
  for steps in $lengths "$depth"; do
    [ "$steps" -le "$depth" ] || continue
    ./pan -RS1 -m"$steps" >report.txt 2>&1
    found=$(judge)
    [ "$found" = truncated ] || break
  done
  figures=$(awk '/ states, stored/ { states = $1 } /elapsed time/ { seconds = $4 }
    /total actual memory/ { mib = $1 }
    END { printf "%d states, %s s, %d MiB", states, seconds, mib }' report.txt)
}

# expect HALF EXPECTATION [DEFINE...]
expect() {
  half=$1
  expectation=$2
  shift 2
  case $expectation in
    all_reached | holds | unreached) search "${MODEL_CFLAGS:--O2} $search_flags" '' "$half" "$@" ;;
    *) search "${MODEL_CFLAGS:--O0} $seek_flags" "$short_paths" "$half" "$@" ;;
  esac
  verdict=ok
  case "|$expectation|/$found" in
    *"|$found|"*) ;;
    "|holds|/all_reached" | "|holds|/unreached") ;;
    *)
      verdict="FAILED, expected $expectation"
      failed=1
      cat report.txt
      ;;
  esac
  printf '%s: %s %s: %s (%s)\n' "$verdict" "$half" "${*:-(as it is)}" "$found" "$figures"
}

# check_half HALF: all its lines.
check_half() {
  failed=0
  lines=0
  sed 's/#.*//' "$models/variants.list" >variants.txt
  while read -r half words; do
    if [ "$half" = "$1" ]; then
      lines=$((lines + 1))
      [ "${MODEL_ALTERNATIVES:-yes}" = yes ] || [ "${words%% *}" != holds ] || continue
      # shellcheck disable=SC2086
      expect "$half" $words
    fi
  done <variants.txt
  if [ "$lines" -eq 0 ]; then
    echo "variants.list has no line about $1" >&2
    exit 2
  fi
  return "$failed"
}

# explain HALF DEFINE...: longer and longer paths until one breaks an invariant. Mutators keep their names.
explain() {
  half=$1
  shift
  defines="$(defines_of NAMED_MUTATORS "$@")"
  generate "$half" "${MODEL_CFLAGS:--O2} $seek_flags" "$defines"
  for steps in 50 75 100 150 200 400 "$depth"; do
    ./pan -RS1 -m"$steps" >report.txt 2>&1
    if [ -f "$half.pml.trail" ]; then
      break
    fi
  done
  echo "$half $*: $(judge)"
  if [ -f "$half.pml.trail" ]; then
    # shellcheck disable=SC2086
    spin -t -T -B $defines "$half.pml" | sed '/Error: assertion/d; /^spin: text of/,$d'
  fi
}

if [ $# -eq 0 ]; then
  sed -n 's/^#   //p' "$0" >&2
  exit 2
fi
work=$(mktemp -d) && cd "$work" || exit 3
trap 'rm -rf -- "$work"' EXIT
case $1 in
  search)
    shift
    search "${MODEL_CFLAGS:--O2} $seek_flags" "$short_paths" "$@"
    echo "$*: $found ($figures)"
    sed -n '/state [0-9]*, "/s/^[[:space:]]*/  never: /p' report.txt
    ;;
  explain)
    shift
    explain "$@"
    ;;
  *) check_half "$1" ;;
esac
