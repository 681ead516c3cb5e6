#!/usr/bin/env bash
# A worker that is killed ends the run with a reason that names its node, and nothing stays behind.
. "$(dirname "$0")/../lib.sh"
need_root
alone "$@"

snapshot >"$TEST_TMP/before"
"$BUILD/lab_unshaped" "$SOURCE/scenarios/iiot.yaml" "results=$TEST_TMP/results" >"$TEST_TMP/log" 2>&1 &
pid=$!
sleep 2
victim=$(pgrep -x server_7) || fail "there is no worker server_7"
kill -KILL "$victim"
status=0
wait $pid || status=$?
[ $status -ne 0 ] || fail "the run succeeds without one of its workers"
grep -q 'server_7.*worker died' "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "does not say which worker died"; }
expect_clean "$TEST_TMP/before" "a worker died"
grep -q '"state": "failed"' "$TEST_TMP"/results/*/manifest.json || fail "the manifest does not say failed"
grep -q 'server_7' "$TEST_TMP"/results/*/manifest.json || fail "the manifest does not say why"
[ -s "$(echo "$TEST_TMP"/results/*/jobs.csv)" ] || fail "what was measured is not kept"
