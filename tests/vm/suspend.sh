#!/usr/bin/env bash
# A run with the virtual clock that is suspended as Slurm does it (SIGTSTP, then SIGSTOP to each of its processes, later
# SIGCONT) goes on and leaves the bytes of one that was not, also when the pause is longer than the watchdog's patience.
# serial: limits of real time
. "$(dirname "$0")/../lib.sh"
alone "$@" # what is stopped when this test fails ends with it

run=("$SFEMU" run --vm --clock virtual --quiet --watchdog 3 --set topology.premises=2 --set workload.jobs=40
	--set "results=$TEST_TMP/results" "$SOURCE/scenarios/iiot.yaml")

send() { # signals… to the processes of $pid
	local signal p
	mapfile -t all < <(tree "$pid")
	for signal in "$@"; do
		for p in "${all[@]}"; do # one by one, as Slurm does: a process may be gone by then
			kill -"$signal" "$p" 2>/dev/null || true
		done
	done
}
part_of() { # ms: a part of it, drawn
	local ms=$((RANDOM * $1 / 32768))
	printf '%d.%03d' $((ms / 1000)) $((ms % 1000))
}
suspended() { # before_ms pause_seconds: of $pid
	sleep "$(part_of "$1")"
	kill -0 "$pid" 2>/dev/null || return 0
	send TSTP STOP
	for _ in $(seq 20); do # a busy machine takes a moment to stop them
		running=$(ps -o stat=,pid=,args= -p "$(IFS=,; echo "${all[*]}")" | grep -v '^[TtZ]') || break
		sleep 0.1
	done
	[ -z "$running" ] || fail "these are not stopped: $running"
	sleep "$2"
	send CONT
	pauses=$((pauses + 1))
}

"${run[@]}" >"$TEST_TMP/log"
first=$(results_of "$TEST_TMP/log")
RANDOM=20261128
pauses=0
runs=0
wanted=${PAUSES:-50}
while [ $pauses -lt "$wanted" ]; do
	runs=$((runs + 1))
	[ $runs -le "$wanted" ] || fail "only $pauses pauses in $wanted runs: the runs are too short"
	"${run[@]}" >"$TEST_TMP/log" 2>&1 &
	pid=$!
	case $runs in
	1) suspended 1000 6 ;; # twice the watchdog's patience
	*) for _ in 1 2 3 4 5 6; do suspended 350 "0.$((RANDOM % 3))"; done ;;
	esac
	ends_within 60 "$pid"
	[ $status -eq 0 ] || { cat "$TEST_TMP/log"; fail "run $runs: status $status after it was suspended"; }
	"$SFEMU" diff "$first" "$(results_of "$TEST_TMP/log")" >"$TEST_TMP/diff" ||
		{ cat "$TEST_TMP/diff"; fail "run $runs: another result"; }
done
echo "$runs runs with $pauses pauses all ended with the same results"
