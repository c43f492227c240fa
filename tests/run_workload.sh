#!/bin/sh
# Runs a workload's quick parameters under a collector:
# usage run_workload.sh WORKLOAD COLLECTOR [OPTION OF RUN]...
#
# The workload checks its own result; a trial that crashes or hangs makes the run's status 1.
#
# Timeout: 120
set -u
mkdir -p "$TRICOLOR_BUILD/tests/work" || exit 1
work=$(mktemp -d "$TRICOLOR_BUILD/tests/work/$1.$2.XXXXXX") || exit 1
workload=$1
collector=$2
shift 2
"$TRICOLOR" run --quick --workload "$workload" --collector "$collector" "$@" --seed 1 --out "$work/run"
status=$?
[ "$status" -ne 0 ] || rm -rf -- "$work"
exit "$status"
