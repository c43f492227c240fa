#!/bin/sh
# Bad input gets one sentence on stderr, status 2, and changes nothing.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

# Names, with the nearest one.
refuse "no command 'rum'; did you mean 'run'" rum
refuse "no collector 'swt'; did you mean 'stw'" run --collector swt
refuse "no collector 'zebra' \\(tricolor list collectors" run --collector zebra
refuse "no workload 'gcbnch'; did you mean 'gcbench'" run --workload gcbnch
refuse "no barrier 'cart'; did you mean 'card'" run --barrier cart
refuse "no option --colector; did you mean --collector" run --colector stw
refuse "no list 'barrierz'; did you mean 'barriers'" list barrierz
refuse "no kind of plot 'histo'; did you mean 'histogram'" plot . --kind histo
refuse "no option --bogus before a command" --bogus
refuse "no option -q; options start with two dashes" run -q
refuse "needs a value: --heap" run --heap
refuse "takes no value" run --quick=1
refuse "no experiment 'gcbench', but a workload: --workload gcbench" run gcbench
refuse "cannot use 'pauses'" run quick pauses
refuse "has an empty part" run --workload gcbench,,lru_cache
# Compositions that make no sense.
refuse "'never' is no policy of the axis sweep, which has: eager" run --collector mark=stw,sweep=never
refuse "'' is no policy of the axis mark" run --collector mark=
refuse "'colour=blue' is not part of a composition" run --collector colour=blue,mark=stw
refuse "there is no barrier 'cart'" run --collector mark=stw,barrier=cart
refuse "is not part of a composition" run --collector =stw

# Barriers that do not suffice: the sentence names the missing capability, and no trial is begun, wherever in
# the list the pair stands.
refuse "stw .*GC_KEEPS_REMEMBERED" run --collector stw --barrier none
refuse "stw .*GC_KEEPS_REMEMBERED" run --collector epsilon,stw --barrier none
refuse "GC_KEEPS_REMEMBERED" run --collector young=scavenger,barrier=none
has_collector() {
  "$TRICOLOR" list collectors | grep -q "^$1 "
}
for collector in incremental concurrent; do
  has_collector "$collector" || continue
  refuse "$collector .*GC_KEEPS_SNAPSHOT.*GC_KEEPS_STRONG" run --collector "$collector" --barrier card
  refuse "GC_KEEPS_SNAPSHOT.*GC_KEEPS_STRONG" run --collector "mark=$collector,barrier=card"
done
if has_collector concurrent && has_collector stw_compact && "$TRICOLOR" list barriers | grep -q '^card_snapshot '; then
  refuse "GC_KEEPS_MOVED_SLOTS" run --collector mark=concurrent,compact=evacuate,barrier=card_snapshot
fi

refuse "neither none nor slide" run --last-resort slid

# Sizes, counts and durations.
for size in 12Q -1 99999T 1.5M M "" 0x1; do
  refuse "heap" run --heap "$size"
done
refuse "too small: it must hold the nursery .* and 1M" run --heap 0
refuse "too small: it must hold the nursery .* and 1M" run --heap 1M
refuse "too small: it must hold the nursery \\(8M\\) and 1M" run --heap 8M --nursery 8M
refuse "memory" run --heap 60T
refuse "multiple" run --heap 0x
refuse "invocations 0: must be 1 to" run --invocations 0
refuse "mutators 0: must be 1 to" run --mutators 0
refuse "mutators 100000: must be 1 to" run --mutators 100000
refuse "nursery" run --nursery 12Q
refuse "huge pages are on, off or auto, not .maybe." run --huge-pages maybe
refuse "duration" run --time-limit 5
refuse "a trial that hangs would never end" run --time-limit inf
refuse "a limit of nothing" run --time-limit 0s
refuse "the shortest is 1ms; inf waits for ever" run --safepoint-timeout 0s
refuse "pause-target: '-3' is not a duration" run --pause-target -3
for target in fast 1 -3ms 1e3us 3m ""; do
  refuse "pause-target" run --pause-target "$target"
done
refuse "neither on nor off" run --pretouch maybe
refuse "not a whole number" run --seed x

# Parameters.
refuse "\\[WORKLOAD\\.\\]NAME=VALUE" run --param depth
refuse "did you mean 'repetitions'" run --workload gcbench --param gcbench.repetition=1
refuse "did you mean 'repetitions'" run --workload gcbench --param repetition=1
refuse "no workload 'gcbnch'; did you mean 'gcbench'" run --param gcbnch.repetitions=1
refuse "the run has no workload lru_cache" run --workload gcbench --param lru_cache.entries=1
refuse "gcbench\\.repetitions is 0, but must be" run --workload gcbench --param repetitions=0
refuse "not a whole number" run --workload gcbench --param repetitions=-3
refuse "did you mean 'lusearch'" run --workload synthetic --param preset=lusearc
refuse "no parameter 'preset'" run --workload gcbench --param preset=lusearch
for size in -1 99999999999999999999; do
  refuse "'$size' is not a size" run --workload synthetic --param object_bytes=$size
done
refuse "must be 32 to 8192" run --workload synthetic --param object_bytes=9000
refuse "missing\\.heapsnapshot" run --workload heap_graph --param file=missing.heapsnapshot
printf '{"snapshot":{"meta":{' >truncated.heapsnapshot
refuse "truncated\\.heapsnapshot" run --workload heap_graph --param file=truncated.heapsnapshot
printf 'hello' >text.heapsnapshot
refuse "text\\.heapsnapshot" run --workload heap_graph --param file=text.heapsnapshot

# Directories.
refuse "no directory nowhere" show nowhere
refuse "holds no run" show .
refuse "holds no run" summarize .
refuse "is a file" run --workload gcbench --out text.heapsnapshot
mkdir -p taken/trials
echo '{}' >taken/manifest.json
refuse "already holds a run" run --workload gcbench --quick --out taken
[ "$(cat taken/manifest.json)" = '{}' ] || fail "the taken directory was changed"
expect 3 "cannot write" "$TRICOLOR" run --workload gcbench --quick --out /proc/nowhere

# Nothing was left behind by all of this.
[ "$(find . -name '*.json' | sort | tr '\n' ' ')" = "./taken/manifest.json " ] || fail "files were left"
exit "$failed"
