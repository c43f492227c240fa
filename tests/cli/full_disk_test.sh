#!/bin/sh
# A full disk is status 3 with one sentence, and what was finished stays readable.
#
# The disk is a tmpfs of 160 KiB, which needs the right to mount: skipped without it.
# Presets: release
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"
mkdir disk
if ! mount -t tmpfs -o size=160k tricolor disk 2>/dev/null; then
  echo "skipped: cannot mount a tmpfs here"
  exit 77
fi
trap 'umount disk' EXIT

expect 3 '^tricolor: .* cannot be written: ' "$TRICOLOR" run --quick --workload lru_cache \
  --collector stw --heap 64M --invocations 100 --out disk/run
grep -q 'finished trial' stderr.txt || fail "it does not say what was kept"
grep -q '^trial 1 of ' stderr.txt || fail "no trial was finished: the disk is too small for the test"
[ -z "$(find disk -name '*.tmp')" ] || fail "half a file was left"
expect 0 'lru_cache' "$TRICOLOR" show disk/run
exit "$failed"
