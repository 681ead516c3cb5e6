#!/usr/bin/env bash
# long: two minutes
# Adaptive follows the least prediction and Oracle the least measurement, job by job; what they leave is what the others leave, on
# chains and graphs and under faults; choices.csv and regret.csv say what the other tables say.
. "$(dirname "$0")/../lib.sh"
need python3
export TMPDIR=$TEST_TMP
run() { "$SFEMU" run --quiet --vm --clock virtual "$@"; }
five=PureFaaS,StatePropagate,StateLocal,Adaptive,Oracle

for scenario in iiot urban; do
	capture=()
	[ $scenario = urban ] || capture=(--capture all)
	run "${capture[@]}" --into "$TEST_TMP/$scenario" --set "strategies=$five" "$SOURCE/scenarios/$scenario.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "$scenario"; }
	expect "$TEST_TMP/log" '^Adaptive: jobs follow .*; regret, to the best of the strategies before it for each job: .* ms (mean of 60 jobs)'
	expect "$TEST_TMP/log" '^Oracle: jobs follow '
	if grep -e '-0\.000 ms' "$TEST_TMP/log"; then fail "$scenario: a negative zero"; fi
	python3 - "$TEST_TMP/$scenario" <<-'PY' || fail "$scenario: choices, regret or what they gain"
		import csv, sys
		read = lambda name: list(csv.DictReader(open(f"{sys.argv[1]}/{name}.csv")))
		fixed = ["PureFaaS", "StatePropagate", "StateLocal"]
		response = {(j["strategy"], j["job"]): float(j["response_s"]) for j in read("jobs")}
		jobs = sorted({job for _, job in response})
		mean = lambda of: sum(of(job) for job in jobs) / len(jobs)
		bound = mean(lambda job: min(response[s, job] for s in fixed))
		best = min(mean(lambda job: response[s, job]) for s in fixed)
		adaptive = mean(lambda job: response["Adaptive", job])
		assert adaptive <= best * 1.0001 and adaptive <= 1.1 * bound, (adaptive, best, bound)
		assert mean(lambda job: response["Oracle", job]) <= 1.1 * bound
		choices = read("choices")
		# An idle network was predicted, and these are nearly idle.
		for s in fixed:
		    predicted = mean(lambda job: sum(float(c["predicted_s"]) for c in choices if c["strategy"] == "Adaptive" and c["job"] == job and c["candidate"] == s))
		    measured = mean(lambda job: response[s, job])
		    assert abs(predicted - measured) < 0.12 * measured, (s, predicted, measured)
		for job in jobs:
		    mine = [c for c in choices if c["strategy"] == "Adaptive" and c["job"] == job]
		    assert [c["candidate"] for c in mine] == fixed, mine
		    least = min(float(c["predicted_s"]) for c in mine)
		    (followed,) = [c for c in mine if c["followed"] == "1"]
		    assert float(followed["predicted_s"]) == least, mine
		    (followed,) = [c for c in choices if c["strategy"] == "Oracle" and c["job"] == job]
		    assert response[followed["candidate"], job] == min(response[s, job] for s in fixed), followed
		for row in read("regret"):
		    least = min(response[s, row["job"]] for s in fixed)
		    assert abs(float(row["regret_s"]) - (response[row["strategy"], row["job"]] - least)) < 2e-9, row
		    assert response[row["least_under"], row["job"]] == least, row
		assert len(read("regret")) == 2 * len(jobs)
	PY
	[ $scenario = urban ] || "$SFEMU" analyze --quiet "$TEST_TMP/$scenario" >"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "$scenario: captures and records differ"; }
done
# One job: what it followed is what the files say.
"$SFEMU" job --strategy Oracle "$TEST_TMP/iiot" 14 >"$TEST_TMP/job" || fail "sfemu job"
followed=$(awk -F, '$1 == "Oracle" && $2 == 14 && $5 == 1 { print $3 }' "$TEST_TMP/iiot/choices.csv")
expect "$TEST_TMP/job" "^follows $followed\$"
expect "$TEST_TMP/job" '^regret: .*, to '
"$SFEMU" job --strategy Adaptive "$TEST_TMP/iiot" 14 >"$TEST_TMP/job" || fail "sfemu job"
expect "$TEST_TMP/job" '^follows .*; predicted: PureFaaS .*, StatePropagate .*, StateLocal '
# One guest for all strategies chooses the same as a guest for each.
run --exec 'server_0: true' --into "$TEST_TMP/one" --set "strategies=$five" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "in one guest"; }
cmp "$TEST_TMP/one/choices.csv" "$TEST_TMP/iiot/choices.csv" || fail "one guest chooses otherwise"
[ "$(wc -l <"$TEST_TMP/one/regret.csv")" -eq 121 ] || fail "regret.csv of one guest"

# Faults: some jobs fail under each strategy. Graphs; stores of their own for some candidates of Oracle; states that outlive jobs.
run --into "$TEST_TMP/chaos" --set workload.jobs=40 --set 'schedule=[{chaos: {faults: 20, over: 70s, lasts: 5s..40s, spare: [server_0]}}]' \
	--set "strategies=$five" "$SOURCE/scenarios/chaos.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "under faults"; }
for strategy in Adaptive Oracle; do
	[ "$(grep -c "^$strategy,.*,done," "$TEST_TMP/chaos/jobs.csv")" -ge 20 ] || fail "under faults, not half of the jobs were done under $strategy"
done
run --into "$TEST_TMP/camera" --set 'strategies=PureFaaS,UnchainedExternal,UnchainedInEdge,StateLocal,Adaptive(fetch=parallel),Oracle' \
	"$SOURCE/scenarios/camera.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a graph"; }
expect "$TEST_TMP/camera/choices.csv" 'Adaptive(fetch=parallel),1,StateLocal'
run --into "$TEST_TMP/tally" --set 'strategies=PureFaaS,StateLocal,Adaptive,Oracle' "$SOURCE/scenarios/tally.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "states that outlive jobs"; }

# States that outlive jobs are where Adaptive has them, whatever a job follows and whoever else is in the run.
for others in '' PureFaaS,; do
	run --into "$TEST_TMP/cached$others" --set "strategies=${others}Adaptive(cache=on+fetch=parallel)" "$SOURCE/scenarios/cached.yaml" >"$TEST_TMP/log" 2>&1 ||
		{ cat "$TEST_TMP/log"; fail "cached: $others"; }
done
cmp "$TEST_TMP/cached/choices.csv" "$TEST_TMP/cachedPureFaaS,/choices.csv" || fail "a choice depends on the other strategies of the run"
# Copies of states are predicted: with two of them states that travel are faster here.
run --into "$TEST_TMP/replicas" --set replicas=2 --set "strategies=$five" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "replicas"; }
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { sum[$c["strategy"]] += $c["response_s"] }
	END { exit !(sum["Adaptive"] <= sum["StatePropagate"] && sum["StatePropagate"] < sum["StateLocal"]) }' "$TEST_TMP/replicas/jobs.csv" ||
	fail "with replicas Adaptive is slower than StatePropagate"

refused() { # words of the error, arguments
	local words=$1 status=0
	shift
	"$SFEMU" "$@" >"$TEST_TMP/err" 2>&1 || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/err"; fail "$*: status $status"; }
	expect "$TEST_TMP/err" "$words"
}
refused 'Oracle follows the best one of those before it; name two or more' check --set strategies=PureFaaS,Oracle,StateLocal "$SOURCE/scenarios/iiot.yaml"
refused 'name two or more built-in ones before it' check --set strategies=Oracle "$SOURCE/scenarios/iiot.yaml"
refused 'Oracle has no use for the option fetch: its jobs follow strategies with their own' \
	check --set 'strategies=PureFaaS,StateLocal,Oracle(fetch=parallel)' "$SOURCE/scenarios/iiot.yaml"

# The closed form leaves those out that choose, unless there are no others; a table that is refused has no head.
refused 'no closed form of its own' estimate --set strategies=Adaptive "$SOURCE/scenarios/iiot.yaml"
few=(estimate --replications 2 --jobs 5 --csv --set strategies=PureFaaS,StateLocal,Adaptive,Oracle "$SOURCE/scenarios/iiot.yaml")
"$SFEMU" "${few[@]}" >"$TEST_TMP/table" 2>"$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "estimate with Adaptive"; }
expect "$TEST_TMP/err" 'Adaptive is left out: it has no closed form'
expect "$TEST_TMP/err" 'Oracle is left out: it has no closed form'
expect "$TEST_TMP/table" 'PureFaaS,'
expect "$TEST_TMP/table" 'StateLocal,'
if grep -E 'Adaptive|Oracle' "$TEST_TMP/table"; then fail "a row of a strategy that chooses"; fi
status=0
"$SFEMU" estimate --gain --set strategies=PureFaaS,Adaptive "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/table" 2>"$TEST_TMP/err" || status=$?
[ $status -eq 2 ] && [ ! -s "$TEST_TMP/table" ] || { cat "$TEST_TMP/table" "$TEST_TMP/err"; fail "estimate --gain without options: status $status"; }
expect "$TEST_TMP/err" 'no built-in one has an option'
