#!/usr/bin/env bash
# Where every link corrupts packets, some pass TCP's checksum (two flips that cancel out): the messages' digests find them,
# what was damaged is sent again, and all strategies leave the same bytes. Of the seeds 1 to 16, 11 alone has such messages, two of them.
. "$(dirname "$0")/../lib.sh"

"$SFEMU" run --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --set topology.premises=1 --set seed=11 \
	--set workload.jobs=20 --set strategies=StatePropagate,StateLocal,UnchainedExternal --set 'links=[{link: "*", corrupt: 1%}]' \
	--set invocation.deadline=60s --set invocation.retries=3 "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "the run"; }
results=$(results_of "$TEST_TMP/log")
awk -F, 'NR > 1 && $5 != "done" { bad = 1 } END { exit bad }' "$results/jobs.csv" || { cat "$results/jobs.csv"; fail "not all jobs are done"; }
grep -q 'damaged on its way' "$results/attempts.csv" || { cat "$results/attempts.csv"; fail "nothing was damaged: this tests nothing"; }
