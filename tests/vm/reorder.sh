#!/usr/bin/env bash
# Reordering on all links while their queues are full: TCP sends again what still waits in the own queue, and new packets
# are refused there. The clock goes on, each strategy leaves the same bytes, and what was refused is counted.
. "$(dirname "$0")/../lib.sh"

"$SFEMU" run --vm --clock virtual --quiet --watchdog 10 --verify-repeat 2 --parallel 1 --set "results=$TEST_TMP/results" --set topology.premises=1 \
	--set workload.jobs=20 --set strategies=PureFaaS,UnchainedExternal --set 'links=[{link: "*", reorder: 5%, delay: 5ms}]' \
	"$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the run"; }
expect "$TEST_TMP/log" '2 runs left the same bytes'
results=$(results_of "$TEST_TMP/log")
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next } $column["from"] == "cloud" { drops += $column["drops"] }
	END { exit !(drops > 0) }' "$results/links.csv" || { cat "$results/links.csv"; fail "the cloud's own queue was never full: no test"; }
