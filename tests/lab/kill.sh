#!/usr/bin/env bash
# long: it waits most of the time
# kill -9 of the orchestrator at random moments of a native run leaves nothing behind (200 times in tests/long/kill_tree.sh). Nor does Ctrl-C, nor SIGTERM.
. "$(dirname "$0")/../lib.sh"
need_root
alone "$@"

run=("$BUILD/lab_unshaped" "$SOURCE/scenarios/iiot.yaml" --hold "results=$TEST_TMP/results" workload.jobs=all)
kill_often 25 2500 "${run[@]}"

for signal in INT TERM; do
	"${run[@]}" >"$TEST_TMP/log" 2>&1 &
	pid=$!
	sleep 1
	kill -$signal $pid
	wait $pid || true
	expect_clean "$TEST_TMP/before" "SIG$signal"
done
