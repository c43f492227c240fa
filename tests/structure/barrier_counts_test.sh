#!/bin/sh
# An instrumented build counts what barriers do: each mutator's stores and visits to slow halves are sums of
# the trial, and an ordinary build has none of them.
#
# Needs: extended_build
# Labels: slow
# Timeout: 60
set -u
build=$TRICOLOR_BUILD/tests/extended/build

status=0
complain() {
  echo "$1"
  status=1
}

# run EXECUTABLE BARRIER COLLECTOR: into run-BARRIER.
run() {
  "$1" run --quick --workload lru_cache --collector "$3" --barrier "$2" --heap 40M --out "run-$2" \
    >run.log 2>&1 || {
    cat run.log
    exit 1
  }
}

# count BARRIER COUNTER: its value in the summary, the largest of several; empty where there is none.
count() {
  tr -d ' \n' <"run-$1/summary.json" | grep -o "\"$2\":{[^}]*}" | grep -o '"value":[0-9]*' |
    sed 's/.*://' | sort -n | tail -1
}

for barrier in card card_snapshot card_retreat; do
  case $barrier in
    card) collector=stw ;;
    *) collector=incremental ;;
  esac
  run "$build/tricolor" "$barrier" "$collector"
  stores=$(count "$barrier" barrier_stores)
  remembered=$(count "$barrier" barrier_remember_slow)
  shaded=$(count "$barrier" barrier_shade_slow)
  queued=$(count "$barrier" barrier_shade_queued)
  echo "$barrier: ${stores:-no} stores, ${remembered:-no} remembered, ${shaded:-no} shaded, ${queued:-no} queued"
  [ "${stores:-0}" -gt 1000 ] || complain "$barrier: hardly a store was counted"
  [ "${remembered:-0}" -gt 0 ] || complain "$barrier: no slow half of the remembering half was counted"
  [ "${remembered:-0}" -le "${stores:-0}" ] || complain "$barrier: more slow halves than stores"
  if [ "$barrier" = card ]; then
    [ "${shaded:-0}" -eq 0 ] || complain "$barrier: there is no shading half to count"
  else
    [ "${shaded:-0}" -gt 0 ] || complain "$barrier: shading was on and nothing counted"
    [ "${shaded:-0}" -le "${stores:-0}" ] || complain "$barrier: more slow halves than stores"
  fi
done

run "$TRICOLOR" card_hybrid incremental
[ -z "$(count card_hybrid barrier_stores)" ] || complain "the ordinary build counts stores"
exit "$status"
