#!/usr/bin/env bash
# long: a minute or two
# kill -9 of the orchestrator at random moments of a run in a guest leaves nothing behind. Nor does Ctrl-C.
. "$(dirname "$0")/../lib.sh"
alone "$@"

run=("$SFEMU" run --vm --clock virtual --quiet --set "results=$TEST_TMP/results" "$SOURCE/scenarios/iiot.yaml")
kill_often 50 2500 "${run[@]}"
"${run[@]}" >"$TEST_TMP/log" 2>&1 &
pid=$!
sleep 1
kill -INT $pid
status=0
wait $pid || status=$?
[ $status -eq 130 ] || fail "status $status after SIGINT and not 130"
expect_clean "$TEST_TMP/before" "SIGINT"
grep -q '"state": "interrupted"' "$TEST_TMP"/results/*/manifest.json || fail "no manifest says interrupted"
