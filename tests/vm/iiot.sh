#!/usr/bin/env bash
# The first scenario with the virtual clock: all jobs under all three strategies, all digests agree (the run fails if
# not), traffic and delay in the paper's order, payload as the model's table says.
. "$(dirname "$0")/../lib.sh"
alone "$@"

start=$SECONDS
snapshot >"$TEST_TMP/before"
"$SFEMU" run --vm --clock virtual --set "results=$TEST_TMP/results" "$SOURCE/scenarios/iiot.yaml" | tee "$TEST_TMP/log"
expect_clean "$TEST_TMP/before" "a run in a guest"
echo "took $((SECONDS - start)) s of wall time"
results=$(results_of "$TEST_TMP/log")

awk -F, '
NR > 1 { jobs[$1] = $2; done[$1] = $3; net[$1] = $8; payload[$1] = $10; wire[$1] = $11 }
function order(x, what) {
	if (!(x["PureFaaS"] > x["StatePropagate"] && x["StatePropagate"] > x["StateLocal"])) {
		print "not PureFaaS > StatePropagate > StateLocal: " what
		bad = 1
	}
}
END {
	for (s in jobs)
		if (jobs[s] < 50 || done[s] != jobs[s]) { print s ": " done[s] " of " jobs[s] " jobs"; bad = 1 }
	order(payload, "payload x hops"); order(wire, "wire bytes"); order(net, "network delay")
	for (s in wire)
		# Headers, acknowledgements and heads come on top of the payload, and not more than that.
		if (wire[s] < payload[s] || wire[s] > 1.25 * payload[s] + 1e7) {
			print s ": " wire[s] " bytes on the wire for " payload[s] " of payload"; bad = 1
		}
	exit bad
}' "$results/summary.csv" || fail "the summary is not as it must be"
for f in manifest.json jobs.csv invocations.csv links.csv scenario.yaml; do
	[ -s "$results/$f" ] || fail "$f is missing"
done
grep -q '"clock": "virtual"' "$results/manifest.json" || fail "the manifest does not say virtual"
grep -q '"fidelity": "virtual"' "$results/manifest.json" || fail "the manifest does not say fidelity: virtual"
[ ! -e "$results/fidelity.csv" ] || fail "a fidelity that was measured on a virtual clock"

# The folder alone repeats the run: the same digests.
"$SFEMU" run --vm --quiet --set "results=$TEST_TMP/again" "$results/scenario.yaml" >"$TEST_TMP/log2"
again=$(results_of "$TEST_TMP/log2")
cmp <(cut -d, -f1-5,15 "$results/jobs.csv") <(cut -d, -f1-5,15 "$again/jobs.csv") || fail "a repeated run has other digests"
