#!/bin/sh
# Every memory-order tag has a partner: a tag in [pairs: tag] appears on at least two lines.
#
# An acquire without its release, or the other way round, orders nothing; the tag names the other side.
# Several tags in one bracket are separated by commas. The test proves first that it can fail.
set -u

# Prints `tag<TAB>place` for each tag that stands alone in the given files.
lonely_tags() {
  awk '
    {
      rest = $0
      while (match(rest, /\[pairs: [^]]*\]/)) {
        tags = substr(rest, RSTART + 8, RLENGTH - 9)
        rest = substr(rest, RSTART + RLENGTH)
        n = split(tags, tag, /, */)
        for (i = 1; i <= n; i++) {
          # `tag` itself is how the convention is explained.
          if (tag[i] != "tag" && !((tag[i], FILENAME, FNR) in seen)) {
            seen[tag[i], FILENAME, FNR] = 1
            count[tag[i]]++
            place[tag[i]] = FILENAME ":" FNR
          }
        }
      }
    }
    END { for (t in count) if (count[t] < 2) print t "\t" place[t] }' "$@"
}

printf '%s\n' '/* [pairs: alone] */' '/* [pairs: together] */' '/* [pairs: together, third] */' \
  '/* [pairs: third] */' >planted.c
if [ "$(lonely_tags planted.c)" != "$(printf 'alone\tplanted.c:1')" ]; then
  echo "the planted lonely tag was not found"
  exit 1
fi

cd "$TRICOLOR_SOURCE" || exit 1
files=$(find include heap barriers collectors harness workloads results \( -name '*.[ch]' -o -name '*.cc' \) | sort)
# shellcheck disable=SC2086 # the tree's own names hold no spaces
alone=$(lonely_tags $files)
if [ -n "$alone" ]; then
  printf 'these tags have no partner:\n%s\n' "$alone"
  exit 1
fi
