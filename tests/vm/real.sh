#!/usr/bin/env bash
# The real clock, with Debian's guest kernel and its modules; on a processor with AMX, where that does not start, with sfemu's.
# serial: the real clock
. "$(dirname "$0")/../lib.sh"
alone "$@"
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
fidelity=$(sed -n 's/^ *"fidelity": *"\(.*\)",$/\1/p' "$results/manifest.json")
case $fidelity in
ok) expect "$TEST_TMP/log" '^fidelity: ok' ;;
'degraded: StateLocal: '*) expect "$TEST_TMP/log" 'RESULTS OF StateLocal ARE NOT VALID' ;;
*) fail "the manifest says fidelity '$fidelity'" ;;
esac
