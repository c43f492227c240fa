#!/bin/sh
# Runs a reference run again and puts it in the place of the committed one.
#
#   results/reference/renew.sh default        the run of the README's first picture: some three minutes
#   results/reference/renew.sh strategies     that of the table of strategies: some three minutes
#   results/reference/renew.sh peers          that of the table of peers: some eight minutes
#
# Wanted: two idle cores. The records of single requests are left out (--record no-requests): they are most of a run's
# bytes, and no figure of the README is made of them. Of the run's files those are kept that hold what was measured and
# what the README shows; all others can be made again from them (./tricolor summarize DIR, ./tricolor plot DIR). Of
# `peers`, whose trials are hundreds, the summary is kept and no trial.
set -eu
cd "$(dirname "$0")/../.."

keeps_trials=yes
case ${1:-} in
default)
  ./tricolor run --record no-requests
  shown="histogram.svg histogram.gp histogram.dat percentiles.svg percentiles.gp percentiles.dat"
  ;;
strategies)
  ./tricolor run --collector all --workload heap_graph --param file=workloads/data/express-sessions.heapsnapshot.zst \
    --param copies=4 --param requests=300000 --heap 340M --invocations 1 --record no-requests
  ./tricolor plot results/runs/latest --kind strategies
  shown="strategies.svg strategies.gp strategies.dat strategies.md histogram.svg"
  ;;
peers)
  ./tricolor run peers
  shown=peers.md
  keeps_trials=no
  ;;
*)
  echo "usage: $0 default|strategies|peers" >&2
  exit 2
  ;;
esac

from=results/runs/latest/
to=results/reference/$1
rm -rf "$to.new"
mkdir -p "$to.new"
for file in manifest.json summary.json $shown; do
  cp "$from$file" "$to.new/"
done
if [ $keeps_trials = yes ]; then
  mkdir "$to.new/trials"
  cp "$from"trials/*.json "$from"trials/*.events.zst "$to.new/trials/"
  ./tricolor show "$to.new" >/dev/null # it can be read by itself
fi
rm -rf "$to"
mv "$to.new" "$to"
du -sh "$to"
