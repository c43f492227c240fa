#!/bin/sh
# An experiment as a Slurm array job, on a controller, a node and an authentication daemon of the test's own, all on
# loopback: the script that --print-sbatch prints is submitted, the tasks run their shards, and the dependent job
# merges them to the trials that a run of one process has. A task that is submitted again has nothing left to do.
#
# Skipped where Slurm and MUNGE are not installed (Debian: slurm-wlm, munge), or the test is not root, as a node is.
#
# Labels: slow
# Presets: release
# Timeout: 90
set -u
. "$TRICOLOR_SOURCE/tests/cli/common/expect.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch squeue scontrol; do
  command -v "$program" >/dev/null 2>&1 || {
    echo "skipped: there is no $program"
    exit 77
  }
done
[ "$(id -u)" -eq 0 ] || {
  echo 'skipped: a Slurm node needs root'
  exit 77
}

# Sockets have short paths.
state=$(mktemp -d /tmp/tricolor-slurm.XXXXXX) || exit 1
chmod 755 "$state"
mkdir "$state/controller" "$state/node"
daemons=
finish() {
  for name in slurmd slurmctld munged; do
    [ -s "$state/$name.pid" ] && kill "$(cat "$state/$name.pid")" 2>/dev/null
  done
  for daemon in $daemons; do
    kill "$daemon" 2>/dev/null
    wait "$daemon" 2>/dev/null
  done
  [ "$failed" -eq 0 ] || tail -n 20 "$state"/*.log
  rm -rf -- "$state"
}
trap finish EXIT

host=$(hostname -s)
port=$((20000 + $$ % 20000))
cat >"$state/slurm.conf" <<CONF
ClusterName=tricolor
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$state/munge.socket
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/node
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 NodeHostName=$host CPUs=1 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
SLURM_CONF=$state/slurm.conf
export SLURM_CONF

# wait_for SECONDS COMMAND...
wait_for() {
  tries=$(($1 * 5))
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.2
  done
}

head -c 1024 /dev/urandom >"$state/munge.key" && chmod 400 "$state/munge.key"
munged --foreground --force --socket="$state/munge.socket" --key-file="$state/munge.key" --pid-file="$state/munged.pid" \
  --log-file="$state/munged.log" --seed-file="$state/munged.seed" >"$state/munged.out.log" 2>&1 &
daemons="$daemons $!"
wait_for 10 test -S "$state/munge.socket" || fail 'munged does not start'
slurmctld -D -c >"$state/slurmctld.out.log" 2>&1 &
daemons="$daemons $!"
slurmd -D >"$state/slurmd.out.log" 2>&1 &
daemons="$daemons $!"
node_is_up() {
  sinfo -h -o %T | grep -q -E '^(idle|mixed)$'
}
wait_for 20 node_is_up || {
  fail 'the node does not come up'
  exit "$failed"
}

identities() {
  for trial in "$1"/trials/*.json; do
    json "$trial" | sed -E 's/"status_detail".*"configuration"/"configuration"/; s/"result":.*"checksum":("[^"]*").*/\1/'
    echo
  done
}
plan="--quick --workload gcbench,binary_trees --collector stw --heap 3x --seed 7"
# shellcheck disable=SC2086 # words are what is meant
"$TRICOLOR" run $plan --print-sbatch 2 --out "it's submitted" >job.sh || fail 'no script was printed'
expect 0 '^array job [0-9]+, merged by job [0-9]+ into ' sh job.sh
merge_job=$(sed -n 's/.*merged by job \([0-9]*\) into.*/\1/p' stdout.txt)
array_job=$(sed -n 's/^array job \([0-9]*\),.*/\1/p' stdout.txt)
scontrol show job "$merge_job" | grep -q "afterany:${array_job}_" || fail 'the merging job does not depend on the array job'
merged="it's submitted/merge.txt"
is_merged() {
  grep -q '^merged: ' "$merged"
}
wait_for 60 is_merged || {
  fail 'the jobs have not merged their shards'
  squeue -a
  cat "it's submitted"/*.txt "it's submitted"/shards/*.txt
}
grep -q '^merged: 3 of 3 trials, of 2 directories' "$merged" || fail "not 3 trials: $(tail -n 1 "$merged")"
# shellcheck disable=SC2086
"$TRICOLOR" run $plan --out whole >/dev/null 2>&1 || fail 'the run of one process failed'
identities whole >whole.txt
identities "it's submitted" | cmp -s - whole.txt || fail 'the merged trials are not those of the run of one process'
for shard in 1 2; do
  json "it's submitted/manifest.json" | grep -q "\"shard\":{\"number\":$shard,\"count\":2}" || fail "no trial is of shard $shard"
done

# A task that Slurm starts again goes on.
SLURM_ARRAY_TASK_ID=1 expect 0 'trials: all [0-9]+ ok' sh job.sh shard "$PWD/it's submitted"
grep -q '^trial ' stderr.txt && fail 'a finished task ran its trials again'
exit "$failed"
