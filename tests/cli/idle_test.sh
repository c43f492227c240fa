#!/bin/sh
# A burst, then idling: with the memory reducer the heap and the process hold a fraction of what they held at
# their fullest; without it they keep it. Said in counted bytes; the report and the plot show them over time.
#
# Presets: release
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"

# number KEY FILE: the value of a key of a trial's JSON.
number() {
  json "$2" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

cat >idle.yaml <<'END'
collectors: [stw, v8]
workloads:
  - name: idle_frames
    parameters: {frames: 160, frame_us: 5000, idle_after: 20, scene_objects: 200000}
heap: 48M
axes:
  memory-reducer: [inf, 30ms]
END
expect 0 'trials: all 5 ok' "$TRICOLOR" run idle.yaml --invocations 1 --out run
for trial in run/trials/*.json; do
  json "$trial" | grep -q '"workload":"idle"' && continue
  total=$(number heap_total_bytes "$trial")
  rss=$(number rss_bytes "$trial")
  peak=$(number peak_rss_bytes "$trial")
  if json "$trial" | grep -q '"memory-reducer":"inf"'; then
    [ "$total" -gt 40000000 ] || fail "$trial: without the reducer only $total bytes are committed in the end"
    [ $((rss * 10)) -gt $((peak * 9)) ] || fail "$trial: without the reducer $rss of $peak bytes are resident in the end"
  else
    [ "$total" -lt 16000000 ] || fail "$trial: after idling $total bytes of the heap are committed"
    [ $((rss * 2)) -lt "$peak" ] || fail "$trial: after idling $rss of $peak bytes are resident"
  fi
done
expect 0 'run/memory.svg' "$TRICOLOR" plot run --kind memory
grep -q 'heap total' run/memory.svg || fail "the picture names no lines"
expect 0 'heap used' "$TRICOLOR" plot run --kind memory --term
exit "$failed"
