#!/usr/bin/env bash
# ProcState on packets: where it helps (scenarios/near-states.yaml) and where it hurts (scenarios/iiot.yaml), with the same digests.
. "$(dirname "$0")/../lib.sh"
mean() { # folder strategy: mean response time (ns)
	awk -F, -v strategy="$2" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$c["strategy"] == strategy { sum += $c["response_s"]; n++ } END { printf "%.0f\n", 1e9 * sum / n }' "$1/jobs.csv"
}
column() { # file name: that column
	awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }' "$1"
}
for scenario in near-states iiot; do
	for rule in ProcNet ProcState; do
		"$SFEMU" run --quiet --into "$TEST_TMP/$scenario-$rule" --set placement=$rule --set strategies=StateLocal \
			"$SOURCE/scenarios/$scenario.yaml" >"$TEST_TMP/$scenario-$rule.log" 2>&1 || { cat "$TEST_TMP/$scenario-$rule.log"; fail "$scenario, $rule"; }
	done
	diff <(column "$TEST_TMP/$scenario-ProcNet/jobs.csv" digest) <(column "$TEST_TMP/$scenario-ProcState/jobs.csv" digest) ||
		fail "$scenario: the rules leave other bytes"
	expect "$TEST_TMP/$scenario-ProcState.log" '^ProcState estimates .* most loaded node has [0-9]*, that of ProcNet [0-9]*$'
	! grep '^ProcState' "$TEST_TMP/$scenario-ProcNet.log" || fail "$scenario: ProcNet says what ProcState estimates"
	python3 - "$TEST_TMP/$scenario-ProcState/manifest.json" <<-PY || fail "$scenario: the manifest's totals"
		import json, sys
		totals = json.load(open(sys.argv[1]))["placement_totals"]
		sys.exit(not 0 < totals["estimate_s"] < totals["procnet_estimate_s"])
	PY
done
net=$(mean "$TEST_TMP/near-states-ProcNet" StateLocal) state=$(mean "$TEST_TMP/near-states-ProcState" StateLocal)
[ "$state" -lt $((net * 6 / 10)) ] || fail "near-states: $state ns with ProcState, $net ns with ProcNet"
net=$(mean "$TEST_TMP/iiot-ProcNet" StateLocal) state=$(mean "$TEST_TMP/iiot-ProcState" StateLocal)
[ "$state" -gt $((net * 12 / 10)) ] || fail "iiot: $state ns with ProcState, $net ns with ProcNet: docs/scenario.md says that it hurts there"
