#!/bin/sh
# The tree speaks of itself alone: no path of somebody's machine and no registry's host in any file.
#
# /tmp may be named in tests and scripts as a place that a standard provides, not as a place where
# something of ours lies. The test proves first that it can fail.
set -u

# Prints the lines of the given files that name such a place.
offences() {
  # The bracket keeps this file from finding itself.
  grep -n -I -E -e '(^|[^A-Za-z0-9_.}])/([w]ork([^a-z]|$)|[h]ome/[a-z]+|[r]oot/[a-z]|[U]sers/[A-Z])' \
    -e '[r]egistry\.npmjs|[r]egistry\.yarnpkg|[p]ypi\.org|[c]rates\.io|[p]roxy\.golang' \
    -e '"[r]esolved": *"[a-z+]+:' "$@"
}

for planted in '/wo''rk/here' '# see /ho''me/someone/notes' 'https://regis''try.npmjs.org/x' \
  '"reso''lved": "https://x"'; do
  printf '%s\n' "$planted" >planted
  if ! offences planted >/dev/null; then
    echo "not found where it was planted: $planted"
    exit 1
  fi
done

cd "$TRICOLOR_SOURCE" || exit 1
find . \( -path ./.git -o -path ./build -o -path ./results/runs -o -name node_modules \) -prune \
  -o -type f ! -name '*.zst' ! -name '*.gz' ! -name '*.png' ! -name '*.pdf' -print0 >"$OLDPWD/files"
found=$(xargs -0 grep -l -I '' <"$OLDPWD/files" | while IFS= read -r file; do
  offences "$file" | sed "s|^|$file:|"
done)
if [ -n "$found" ]; then
  printf '%s\n' "$found"
  exit 1
fi
