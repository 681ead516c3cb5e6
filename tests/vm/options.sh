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

# The law of prefetch=1: max(fetch, compute + argument) in place of the sum; where steps compute for less than a round trip, one
# more for what they change.
for name in prefetch prefetch-short; do
	run --capture all "$SOURCE/scenarios/$name.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "$name: $(cat "$TEST_TMP/err")"
	results=$(results_of "$TEST_TMP/log")
	"$SFEMU" estimate --gain --csv "$SOURCE/scenarios/$name.yaml" >"$TEST_TMP/predicted"
	python3 - "$name" "$results" "$TEST_TMP/predicted" <<'PY' || fail "$name: another gain than predicted"
import csv, sys
from statistics import mean
name, results, predicted = sys.argv[1:]
jobs = list(csv.DictReader(open(results + "/jobs.csv")))
def of(strategy, column): return [float(j[column]) for j in jobs if j["strategy"] == strategy]
rows = list(csv.DictReader(open(predicted)))
assert len(rows) == {"prefetch": 2, "prefetch-short": 1}[name], rows
for row in rows:
    gain, said = mean(of("StateLocal", "response_s")) - mean(of(row["strategy"], "response_s")), float(row["gain_s"])
    assert abs(gain - said) < 0.1 * abs(said) and (said < -0.005 if name == "prefetch-short" else said > 0.1), (gain, row)
    assert min(of(row["strategy"], "overlap_s")) > (0.01 if name == "prefetch-short" else 0.05), row
parts = [p + "_s" for p in "other_paths propagation pipelining queueing tcp_start headers retries link_changes retransmissions window queue_waits unexplained".split()]
for j in jobs:
    difference = float(j["net_delay_s"]) - float(j["predicted_net_delay_s"])
    assert abs(sum(float(j[p]) for p in parts) - float(j["overlap_s"]) - difference) < 1e-6, j
    assert int(j["wasted_bytes"]) == 0 and (float(j["overlap_s"]) == 0) == (j["strategy"] == "StateLocal"), j
    # The word of final states may have made the connection of the first job's call.
    assert j["job"] == "1" or abs(float(j["unexplained_s"])) < 0.05 * float(j["response_s"]), j
moved = [t for t in csv.DictReader(open(results + "/transfers.csv"))]
bytes_of = lambda s: sum(int(t["payload_bytes"]) for t in moved if t["strategy"] == s)
assert all(bytes_of(row["strategy"]) == bytes_of("StateLocal") for row in rows)
ahead = [t for t in moved if t["strategy"] == "StateLocal(prefetch=1)" and t["step"] == "2"]
kinds = [sum(t["kind"] == k for t in ahead) for k in ("prefetch", "claim", "fetch")]
assert kinds == ([60, 20, 20] if name == "prefetch" else [20, 20, 0]), kinds
PY
	"$SFEMU" analyze --quiet "$results" >"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "$name: captures and records differ"; }
done

# A graph, under all strategies that fetch: equal digests, or the run fails.
run --set 'strategies=PureFaaS,StateLocal(fetch=parallel),UnchainedInEdge+fetch=parallel,UnchainedExternal+fetch=parallel,UnchainedInFunction(fetch=parallel)' \
	--set keep=states "$SOURCE/scenarios/camera.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "camera: $(cat "$TEST_TMP/err")"
[ "$(grep -c ',done,' "$(results_of "$TEST_TMP/log")/jobs.csv")" -eq 50 ] || fail "not 10 jobs under 5 strategies"
run --set 'strategies=PureFaaS,StateLocal(prefetch=1),UnchainedInEdge+prefetch=1,UnchainedExternal+prefetch=1,UnchainedInFunction(fetch=parallel+prefetch=1),Adaptive(prefetch=1)' \
	--set keep=states "$SOURCE/scenarios/camera.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "camera: $(cat "$TEST_TMP/err")"
[ "$(grep -c ',done,' "$(results_of "$TEST_TMP/log")/jobs.csv")" -eq 60 ] || fail "not 10 jobs under 6 strategies"

# Twenty faults: crashes, lost links, retries, copies. Jobs may fail; what is done has the bytes of the other strategies.
run --verify-repeat 2 --set workload.jobs=40 --set 'schedule=[{chaos: {faults: 20, over: 70s, lasts: 5s..40s, spare: [server_0]}}]' \
	--set 'strategies=StateLocal,StateLocal(fetch=parallel),StateLocal(fetch=parallel+prefetch=1)' "$SOURCE/scenarios/chaos.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "under faults"; }
expect "$TEST_TMP/log" '2 runs left the same bytes'
expect "$TEST_TMP/log" 'StateLocal(fetch=parallel): 40 of 40 jobs done, 0 failed'
expect "$TEST_TMP/log" 'StateLocal(fetch=parallel+prefetch=1): 40 of 40 jobs done, 0 failed'

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
refused 'StateLocal(prefetch=2)' "'prefetch=2': the option prefetch has no such value; write any of prefetch=0, prefetch=1"
refused 'StateLocal(speed=2)' "there is no option 'speed=2' of strategies; write any of"
refused 'StateLocal(fetch=parallel' 'the parenthesis is not closed'
refused 'StateLocal()' 'an option is empty'
refused 'StateLocal(fetch=parallel+fetch=parallel)' 'the option fetch is there twice; write each option once'
refused 'StateLocal(fetch=serial)' "'StateLocal' is named twice"
refused 'PureFaaS(fetch=parallel)' 'PureFaaS has no use for the option fetch: '
refused 'StateLocl(fetch=parallel)' "there is no strategy 'StateLocl'; write any of PureFaaS"
