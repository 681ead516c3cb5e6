#!/usr/bin/env bash
# On the real clock everything in a guest can write to the terminal by which the lab is asked. A flood of forged answers fills no memory
# of the orchestrator, and answers nothing: what is asked meanwhile is answered by the lab.
# serial: limits of real time
. "$(dirname "$0")/../lib.sh"
[ -x /usr/bin/linux.uml ] || fail "user-mode-linux is missing: tools/bootstrap.sh installs it"

cat >"$TEST_TMP/s.yaml" <<YAML
name: flood
topology: {compose: {cells: [{lan: [{node: rpi3}, {node: nuc}]}]}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 8, arrivals: poisson 1, state_factor: 1e3, arg_factor: 1e3}
strategies: [StateLocal]
results: $TEST_TMP/results
YAML
: >"$TEST_TMP/log"
"$SFEMU" run --vm --clock real --hold --during 'rpi3_0: yes "{\"links\": [{\"link\": \"forged\"}]}" >/dev/tty2' "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 &
pid=$!
ending='kill -KILL $pid 2>/dev/null || true'
for i in $(seq 300); do
	grep -q 'StateLocal' "$TEST_TMP/log" && break
	kill -0 $pid 2>/dev/null || break
	sleep 0.1
done
for i in 1 2 3; do
	timeout 120 "$SFEMU" links --run $pid >"$TEST_TMP/links" || { cat "$TEST_TMP/log" >&2; fail "no answer in a flood"; }
	expect "$TEST_TMP/links" '^link_rpi3_0 '
	! grep -q forged "$TEST_TMP/links" || fail "a line of a guest's command was believed"
	timeout 120 "$SFEMU" link --run $pid link_rpi3_0:up set loss=$i% >"$TEST_TMP/said" || fail "no change in a flood"
	expect "$TEST_TMP/said" "^link_rpi3_0 up: loss $i%$"
	sleep 1
done
peak=$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status)
[ "$peak" -lt 60000 ] || fail "the orchestrator took $peak kB"
for i in $(seq 300); do
	grep -q 'stays up' "$TEST_TMP/log" && break
	kill -0 $pid 2>/dev/null || break
	sleep 0.1
done
timeout 120 "$SFEMU" down --run $pid
wait $pid
echo "the orchestrator took $peak kB"
