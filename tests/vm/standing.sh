#!/usr/bin/env bash
# A process that never waits stops a virtual clock for ever: it is found from outside, and named.
# serial: limits of real time
. "$(dirname "$0")/../lib.sh"
alone "$@"

# Runs with a command that spins in a node; patience of 3 s of wall time.
stands() { # command, words of the message
	local status=0 start=$SECONDS
	timeout 60 "$SFEMU" run --vm --clock virtual --quiet --watchdog 3 --set "results=$TEST_TMP/results" \
		--set topology.premises=1 --set strategies=StateLocal --during "rpi3_1: $1" "$SOURCE/scenarios/iiot.yaml" \
		>"$TEST_TMP/log" 2>&1 || status=$?
	cat "$TEST_TMP/log"
	[ $status -eq 1 ] || fail "status $status and not 1 with: $1"
	[ $((SECONDS - start)) -le 30 ] || fail "found after $((SECONDS - start)) s only: $1"
	grep -q "^sfemu: guest: its clock stands at [0-9.]* s: process [a-z0-9.]* ([0-9]*) in node rpi3_1 $2" "$TEST_TMP/log" ||
		fail "does not say what stands with: $1"
	expect_clean "$TEST_TMP/before" "that"
}

snapshot >"$TEST_TMP/before"
stands 'while :; do :; done' 'has computed for [0-9]* s without a system call'
stands 'exec python3 -c "import os; [os.sched_yield() for i in iter(int, 1)]"' 'has only yielded the processor'

# One that looks at the clock all the time is slow, but gets on.
"$SFEMU" run --vm --clock virtual --quiet --watchdog 20 --set "results=$TEST_TMP/results" --set topology.premises=1 \
	--set strategies=StateLocal --set workload.jobs=5 \
	--exec 'rpi3_1: exec python3 -c "import time; t = time.monotonic(); [0 for i in iter(lambda: time.monotonic() < t + 1e-4, False)]; print(\"got on\")"' \
	"$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a loop that reads the clock does not end"; }
grep -q 'rpi3_1: got on' "$TEST_TMP/log" || fail "no word of the loop"
