#!/bin/sh
# Snapshots: at points of the work, at the heap's limit, of a run that ends earlier; the largest retainer;
# what cannot be taken or written leaves one sentence and no half file.
#
# Presets: release
# Timeout: 120
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

leaky=leak:pair=cache,operations=20000,requests=1000

# what is left behind
clean() {
  [ -z "$(find . -name '*.tmp')" ] || fail "half a file was left: $(find . -name '*.tmp')"
  [ -z "$(find . -name '*.heapsnapshot')" ] || fail "a file was left: $(find . -name '*.heapsnapshot')"
}

expect 0 '^  leak-at-0.5.heapsnapshot, ' "$TRICOLOR" snapshot $leaky
sed -n '/^largest/,$p' stdout.txt | sed -n 3p | grep -q ' cache @[0-9]*$' || fail "the cache is not the largest"
python3 -m json.tool leak-at-0.5.heapsnapshot >/dev/null || fail "no JSON"
rm leak-at-0.5.heapsnapshot

# Three in a row: an object has the same number in each, and what leaks is what stayed.
expect 0 '^made between 0.2 and 0.4, and still there at 0.8' \
  "$TRICOLOR" snapshot $leaky --collector concurrent --at 0.2,0.4,0.8 --out three/
sed -n '/^made between/,$p' stdout.txt | sed -n 3p | grep -q ' 4,000  cache.result$' || fail "4,000 results have stayed"
number=$(sed -n 's/.* cache @\([0-9]*\)$/\1/p' stdout.txt | head -n 1)
for file in three/leak-at-0.2.heapsnapshot three/leak-at-0.4.heapsnapshot three/leak-at-0.8.heapsnapshot; do
  grep -q "^3,[0-9]*,$number,24,2,0,$" $file || fail "$file has no cache @$number"
done
rm -r three

expect 0 '^  here.heapsnapshot.zst, ' "$TRICOLOR" snapshot $leaky --heap 3M --at oom --out here.heapsnapshot.zst
expect 0 '^The heap was exhausted at [0-9]* % of the work' "$TRICOLOR" snapshot $leaky --heap 3M --at 0.1,1 --out a.heapsnapshot
[ -f a-at-0.1.heapsnapshot ] && [ -f a-at-oom.heapsnapshot ] || fail "a snapshot at 0.1 and one at the limit are missing"
rm a-at-*.heapsnapshot

# Where nothing is young, what is free may be in holes that are too small, and nobody is asked.
expect 0 '^It ran out of memory, but not at the heap.s limit: it runs again, to [0-9.]* %' \
  "$TRICOLOR" snapshot $leaky --collector mark_sweep --heap 3M --at oom
[ -f leak-at-oom.heapsnapshot ] || fail "a snapshot of the second run is missing"
rm leak-at-oom.heapsnapshot

# Interrupted as soon as it notices: the second bit of what a process catches is SIGINT.
interrupted() {
  "$TRICOLOR" snapshot leak:variant=fixed,operations=1000000000 --at 1 &
  while kill -0 $! && ! { grep -q '^tricolor' /proc/$!/comm &&
    mask=$(sed -n 's/^SigCgt:[^0-9a-f]*0*//p' /proc/$!/status) && [ $((0x0$mask & 2)) -ne 0 ]; }; do
    sleep 0.05
  done
  kill -s INT $!
  wait $!
}
expect 130 '^interrupted: no snapshot was written' interrupted

refuse 'within its heap of 256M' snapshot $leaky --at oom
refuse 'more than 0 and at most 1' snapshot $leaky --at 1.5
refuse 'after 0.5 a later part is needed' snapshot $leaky --at 0.5,0.5
refuse 'one to 3 parts' snapshot $leaky --at 0.1,0.2,0.3,0.4
refuse 'more than 0 and at most 1; or oom' snapshot $leaky --at nan
refuse 'ends in .heapsnapshot' snapshot $leaky --out heap.json
refuse 'no such folder' snapshot $leaky --out /dev/full
refuse 'has no heap that could be looked into' snapshot $leaky --collector malloc
refuse "no workload 'leek'" snapshot leek
refuse 'snapshot needs WORKLOAD' snapshot
expect 3 '^tricolor: nothing can be written into no/where: No such file' "$TRICOLOR" snapshot $leaky --out no/where/x.heapsnapshot
clean

ln -s /dev/full x.heapsnapshot.tmp
expect 3 '^tricolor: x.heapsnapshot cannot be written: No space left on device' "$TRICOLOR" snapshot $leaky --out x.heapsnapshot
clean

# The least address space that a small heap's snapshot does with is not enough for a large one's image.
short_of_memory() {
  (
    ulimit -v "$1"
    exec "$TRICOLOR" snapshot leak:pair=cache --at "$2" --heap 96M --out x.heapsnapshot
  )
}
kilobytes=200000
while ! short_of_memory $kilobytes 0.005 >/dev/null 2>&1 && [ $kilobytes -lt 4000000 ]; do
  kilobytes=$((kilobytes + 50000))
done
rm -f x.heapsnapshot
expect 3 '^tricolor: .*out of memory' short_of_memory $kilobytes 1
[ "$(grep -c '^tricolor: ' stderr.txt)" -eq 1 ] || fail "more than one sentence"
clean
exit "$failed"
