#!/usr/bin/env bash
# The real clock, with Debian's guest kernel and its modules.
. "$(dirname "$0")/../lib.sh"
[ -x /usr/bin/linux.uml ] || fail "user-mode-linux is missing: tools/bootstrap.sh installs it"

snapshot >"$TEST_TMP/before"
"$SFEMU" run --vm --clock real --set "results=$TEST_TMP/results" --set topology.premises=1 \
	--set workload.state_factor=2e4 --set workload.arg_factor=2e4 --set strategies=StateLocal --set 'workload.arrivals=poisson 10' \
	--exec 'rpi3_0: ping -c 3 -i 0.3 server_0' "$SOURCE/scenarios/iiot.yaml" | tee "$TEST_TMP/log"
expect_clean "$TEST_TMP/before" "a run in a guest with the real clock"
results=$(results_of "$TEST_TMP/log")
grep -q ' 0% packet loss' "$TEST_TMP/log" || fail "ping loses packets"
[ "$(grep -c ',done,' "$results/jobs.csv")" -ge 50 ] || fail "too few jobs done"
grep -q '"clock": "real"' "$results/manifest.json" || fail "the manifest does not say real"
# Slow or not, it says which: ok, or that its figures are not valid.
fidelity=$(tail -n 1 "$results/summary.csv" | sed 's/.*"\(.*\)"/\1/')
[ "$fidelity" = ok ] || grep -q 'NOT VALID' "$TEST_TMP/log" || fail "fidelity is '$fidelity' and the table does not say so"
