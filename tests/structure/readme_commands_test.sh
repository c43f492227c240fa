#!/bin/sh
# Every command the README shows exists: the launcher or the program answers `COMMAND --help`, and every
# path it names in the tree is there.
#
# Timeout: 120
set -u
readme=$TRICOLOR_SOURCE/README.md
if ! [ -f "$readme" ]; then
  echo "there is no README.md"
  exit 1
fi
status=0
commands=$(grep -o -E '\./tricolor( --[a-z-]+( [a-z]+)?)* [a-z]+' "$readme" | awk '{ print $NF }' | sort -u)
for wanted in run test; do
  if ! printf '%s\n' "$commands" | grep -q -x "$wanted"; then
    echo "README.md does not show ./tricolor $wanted"
    status=1
  fi
done
for command in $commands; do
  case $command in
    test | bench)
      "$TRICOLOR_SOURCE/tricolor" --help | grep -q -F "./tricolor $command" || {
        echo "./tricolor --help does not know '$command'"
        status=1
      }
      ;;
    *)
      "$TRICOLOR" "$command" --help </dev/null >help.txt 2>&1 || {
        echo "tricolor $command --help fails:"
        cat help.txt
        status=1
      }
      ;;
  esac
done
# Paths in Markdown links that are no addresses.
grep -o -E '\]\([^)#]+' "$readme" | sed 's/^](//' | grep -v -E '^[a-z]+:' >links
while IFS= read -r link; do
  if ! [ -e "$TRICOLOR_SOURCE/$link" ]; then
    echo "README.md links to $link, which is not there"
    status=1
  fi
done <links
exit "$status"
