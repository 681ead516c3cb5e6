#!/usr/bin/env bash
# The Slurm engine, with a real controller and node that this test starts for itself on loopback: the same table as the
# local engine's, what fails is named with Slurm's state and its last words, Ctrl-C and kill -9 leave nothing behind.
. "$(dirname "$0")/../lib.sh"
need_root
for tool in sbatch squeue scancel scontrol; do
	command -v $tool >/dev/null || skip "Slurm is not installed ($tool): apt-get install slurm-wlm munge"
done
PATH=$PATH:/usr/sbin
export TEST_TMP PATH

host=$(hostname -s)
slurm=$TEST_TMP/slurm
mkdir -p "$slurm"/{state,spool,cgroup}
chmod 755 "$TEST_TMP" "$slurm"
export SLURM_CONF=$slurm/slurm.conf
port=$((20000 + RANDOM % 20000))
head -c 1024 /dev/urandom >"$slurm/munge.key"
chmod 600 "$slurm/munge.key"
# No cgroups are made: the plugin only wants to know where they would be.
printf 'CgroupPlugin=cgroup/v1\nCgroupMountpoint=%s/cgroup\n' "$slurm" >"$slurm/cgroup.conf"
cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm/munge.socket
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF

daemons=()
end_daemons() {
	local pid
	for pid in "${daemons[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${daemons[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
}
ending=end_daemons
start() { # command…
	"$@" >"$slurm/$1.log" 2>&1 &
	daemons+=($!)
}
wait_for() { # what, command…
	local what=$1 i
	shift
	for i in $(seq 200); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	tail -n 5 "$slurm"/*.log >&2
	fail "$what does not come up"
}
start munged --foreground --force --key-file="$slurm/munge.key" --socket="$slurm/munge.socket" \
	--pid-file="$slurm/munged.pid" --seed-file="$slurm/munge.seed" --num-threads=1
wait_for munged test -S "$slurm/munge.socket"
start slurmctld -D -c
start slurmd -D -N "$host"
node_is() { [ "$(sinfo -h -o %T)" = "$1" ]; }
wait_for "the node" node_is idle

cat >"$TEST_TMP/small.yaml" <<YAML
base: $SOURCE/scenarios/iiot.yaml
set: {workload.jobs: 6, topology.premises: 1}
grid:
  link.shared.rate: [20Mbit, 200Mbit]
strategies: [PureFaaS, StateLocal]
seeds: 1..2
YAML
none_left() { [ -z "$(squeue -h)" ]; }

sweep here --quiet >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the local engine fails"; }
sweep there --engine slurm >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the Slurm engine fails"; }
expect "$TEST_TMP/log" 'Slurm has job [0-9]* with 8 tasks'
expect "$TEST_TMP/log" '8 cells: 8 run, 0 done before, 0 failed'
cmp "$TEST_TMP/here/sweep.csv" "$TEST_TMP/there/sweep.csv" || fail "Slurm gives another table"
echo "Slurm gives the same table"

# Guests that cannot start: twice each, then named.
sed 's/seeds: .*/seeds: 1/' "$TEST_TMP/small.yaml" >"$TEST_TMP/broken.yaml"
status=0
SFEMU_GUEST_KERNEL=/bin/true "$SFEMU" sweep --output "$TEST_TMP/broken" --engine slurm "$TEST_TMP/broken.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "guests that cannot start: status $status"; }
[ "$(grep -c 'started once more' "$TEST_TMP/log")" -eq 4 ] || { cat "$TEST_TMP/log"; fail "not each is started once more"; }
expect "$TEST_TMP/log" 'failed: .* task [0-9]*_[0-9]*: FAILED (NonZeroExitCode): .*guest'

# What sbatch refuses is said.
status=0
sweep refused --engine slurm --sbatch --partition=none >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "an unknown partition: status $status"
expect "$TEST_TMP/log" 'sbatch: .*partition'

# Killed: the tasks go on until the next sweep cancels them; what they had done is kept.
sed -i 's/workload.jobs: 6/workload.jobs: 20/' "$TEST_TMP/small.yaml"
EXEC=exec sweep killed --engine slurm -j 1 >"$TEST_TMP/log" 2>&1 &
pid=$!
for i in $(seq 3000); do
	[ "$(compgen -G "$TEST_TMP/killed/cells/*[0-9]/cell.json" | wc -l)" -ge 2 ] && break
	sleep 0.01
done
kill -KILL $pid
wait $pid || true
none_left && fail "the job has ended already: not in the middle"
sweep killed --engine slurm >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the sweep does not go on"; }
grep -q '8 cells: [1-6] run, [2-7] done before, 0 failed' "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "nothing is kept"; }
sweep here --quiet >"$TEST_TMP/log" 2>&1 || fail "the local engine fails"
cmp "$TEST_TMP/here/sweep.csv" "$TEST_TMP/killed/sweep.csv" || fail "killed and resumed: another table"

# Ctrl-C cancels.
EXEC=exec sweep stopped --engine slurm --quiet >"$TEST_TMP/log" 2>&1 &
pid=$!
wait_for "the job" sh -c '[ -n "$(squeue -h)" ]'
kill -INT $pid
status=0
wait $pid || status=$?
[ $status -eq 130 ] || { cat "$TEST_TMP/log"; fail "status $status after SIGINT and not 130"; }
wait_for "the end of the job" none_left

end_daemons
daemons=()
expect_mine_gone "the daemons' end"
