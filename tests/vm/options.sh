#!/usr/bin/env bash
# Options of strategies: what they gain is what was predicted, on an idle network. They leave the same bytes as without, on
# chains and graphs and under faults, repeat from their results, and captures agree with records. Bad options are refused.
. "$(dirname "$0")/../lib.sh"
need python3
export TMPDIR=$TEST_TMP
run() { "$SFEMU" run --quiet --vm --clock virtual --set "results=$TEST_TMP/results" "$@"; }

# The law of fetch=parallel: states of one node in one round trip, of several nodes at the same time.
fetches=$SOURCE/scenarios/fetches.yaml
run --capture all "$fetches" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "fetches: $(cat "$TEST_TMP/err")"
results=$(results_of "$TEST_TMP/log")
"$SFEMU" estimate --gain --csv "$fetches" >"$TEST_TMP/predicted"
python3 - "$results" "$TEST_TMP/predicted" <<'PY' || fail "another gain than predicted"
import csv, sys
from statistics import mean
jobs = list(csv.DictReader(open(sys.argv[1] + "/jobs.csv")))
of = {s: [float(j["response_s"]) for j in jobs if j["strategy"] == s] for s in ("StateLocal", "StateLocal(fetch=parallel)")}
assert [len(v) for v in of.values()] == [20, 20], of
gain = mean(of["StateLocal"]) - mean(of["StateLocal(fetch=parallel)"])
(row,) = csv.DictReader(open(sys.argv[2]))
assert row["strategy"] == "StateLocal(fetch=parallel)" and row["jobs"] == "20", row
for column, s in ("without_s", "StateLocal"), ("with_s", "StateLocal(fetch=parallel)"):
    assert abs(float(row[column]) - mean(of[s])) < 0.02 * mean(of[s]), (row, mean(of[s]))
predicted = float(row["gain_s"])
assert predicted > 0.02 and abs(gain - predicted) < 0.1 * predicted, (gain, predicted)
# One message a node and step: 3 states of the client; 1; those of three nodes. The same bytes as one by one.
moved = list(csv.DictReader(open(sys.argv[1] + "/transfers.csv")))
for s, messages in ("StateLocal", 8), ("StateLocal(fetch=parallel)", 5):
    mine = [t for t in moved if t["strategy"] == s and t["kind"] == "fetch"]
    assert len(mine) == 20 * messages, (s, len(mine))
    assert sum(int(t["payload_bytes"]) for t in mine) == 20 * 160000, s
assert moved and all(float(t["retries_s"]) == 0 for t in moved), "nothing was sent twice"
# What is on the critical path explains the delay.
for j in jobs:
    assert abs(float(j["unexplained_s"])) < 0.05 * float(j["response_s"]), j
PY
"$SFEMU" analyze --quiet "$results" >"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "captures and records differ"; }
for name in 'StateLocal(fetch=parallel)' StateLocal+fetch=parallel; do # all four states of a step, each by its name
	"$SFEMU" analyze --quiet --job "$name:2" "$results" >"$TEST_TMP/job.$name"
	for state in s0 s2 s3 s4; do expect "$TEST_TMP/job.$name" "step 2 state: $state"; done
	"$SFEMU" job --strategy "$name" "$results" 2 >"$TEST_TMP/shown"
	expect "$TEST_TMP/shown" 'StateLocal(fetch=parallel)'
done
run "$results/scenario.yaml" >"$TEST_TMP/log"
cmp "$results/jobs.csv" "$(results_of "$TEST_TMP/log")/jobs.csv" || fail "it does not repeat from its results"

# A graph, under all strategies that fetch: equal digests, or the run fails.
run --set 'strategies=PureFaaS,StateLocal(fetch=parallel),UnchainedInEdge+fetch=parallel,UnchainedExternal+fetch=parallel,UnchainedInFunction(fetch=parallel)' \
	--set keep=states "$SOURCE/scenarios/camera.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "camera: $(cat "$TEST_TMP/err")"
[ "$(grep -c ',done,' "$(results_of "$TEST_TMP/log")/jobs.csv")" -eq 50 ] || fail "not 10 jobs under 5 strategies"

# Twenty faults: crashes, lost links, retries, copies. Jobs may fail; what is done has the bytes of the other strategies.
run --verify-repeat 2 --set workload.jobs=40 --set 'schedule=[{chaos: {faults: 20, over: 70s, lasts: 5s..40s, spare: [server_0]}}]' \
	--set 'strategies=StateLocal,StateLocal(fetch=parallel)' "$SOURCE/scenarios/chaos.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "under faults"; }
expect "$TEST_TMP/log" '2 runs left the same bytes'
expect "$TEST_TMP/log" 'StateLocal(fetch=parallel): [0-9]* of [0-9]* jobs done'

refused() { # a strategy, words of the error
	local status=0
	printf 'topology: {generate: iiot, premises: 1}\nworkload: {tasks: %s, jobs: 1}\nstrategies: [StateLocal, "%s"]\n' \
		"$SOURCE/scenarios/workloads/quickstart.csv" "$1" >"$TEST_TMP/bad.yaml"
	"$SFEMU" check "$TEST_TMP/bad.yaml" >"$TEST_TMP/err" 2>&1 || status=$?
	[ $status -eq 2 ] || fail "$1: status $status"
	expect "$TEST_TMP/err" "bad.yaml:3: strategies: .*$2"
}
! "$SFEMU" estimate --gain --jobs 3 "$fetches" >"$TEST_TMP/log" 2>&1 || fail "--gain takes an option that it ignores"
expect "$TEST_TMP/log" 'gain takes all from the scenario file'
refused 'StateLocal(fetch=often)' "'fetch=often': the option fetch has no such value; write any of fetch=serial, fetch=parallel"
refused 'StateLocal(speed=2)' "there is no option 'speed=2' of strategies; write any of"
refused 'StateLocal(fetch=parallel' 'the parenthesis is not closed'
refused 'StateLocal()' 'an option is empty'
refused 'StateLocal(fetch=parallel+fetch=parallel)' 'the option fetch is there twice; write each option once'
refused 'StateLocal(fetch=serial)' "'StateLocal' is named twice"
refused 'PureFaaS(fetch=parallel)' 'PureFaaS has no use for the option fetch: '
refused 'StateLocl(fetch=parallel)' "there is no strategy 'StateLocl'; write any of PureFaaS"
