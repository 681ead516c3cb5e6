#!/usr/bin/env bash
# The whole pipeline on this kernel, with links that shape nothing: all strategies end all jobs and agree on every byte
# (the run fails if they do not), and real tools see in the nodes what was meant to be there.
. "$(dirname "$0")/../lib.sh"
need_root
alone "$@"
need ping ip ethtool curl

snapshot >"$TEST_TMP/before"
"$BUILD/lab_unshaped" "$SOURCE/scenarios/iiot.yaml" --hold "results=$TEST_TMP/results" \
	workload.arrivals=sequential >"$TEST_TMP/log" 2>&1 &
pid=$!
ending='kill -KILL $pid 2>/dev/null'
for i in $(seq 600); do
	grep -q 'stays up' "$TEST_TMP/log" && break
	kill -0 $pid || { cat "$TEST_TMP/log"; fail "the run died"; }
	sleep 0.1
done
grep -q 'stays up' "$TEST_TMP/log" || fail "the run does not come to its hold"

node() { "$SFEMU" exec --run $pid "$@"; }

# Names, routes both ways, across premises.
node rpi3_0 -- ping -c 2 -i 0.2 -W 2 server_59 || fail "rpi3_0 does not reach server_59"
node server_59 -- ping -c 1 -W 2 rpi3_11 || fail "server_59 does not reach rpi3_11"
node tx2_1 -- ping -c 1 -W 2 nuc_3 || fail "tx2_1 does not reach nuc_3"

# No IPv6, no offloads, no ARP: one permanent neighbour a port.
[ -z "$(node rpi3_0 -- ip -6 addr)" ] || fail "there is IPv6 in a node"
node rpi3_0 -- ethtool -k eth0 >"$TEST_TMP/offloads"
for feature in tcp-segmentation-offload generic-segmentation-offload generic-receive-offload; do
	grep -q "^$feature: off" "$TEST_TMP/offloads" || fail "$feature is on"
done
[ "$(node rpi3_0 -- ip neigh | grep -c PERMANENT)" -eq 1 ] || fail "rpi3_0 has not one permanent neighbour"
node rpi3_0 -- ip route | grep 'initcwnd 10 congctl cubic' >/dev/null || fail "rpi3_0's route has not the scenario's TCP settings"
# switch_lan_0: NUC and TX2's switch, the radio cell, the internet, the cloudlet.
[ "$(node switch_lan_0 -- ip route | wc -l)" -eq 4 ] || fail "switch_lan_0 has not one route a port"
[ "$(node rpi3_0 -- sh -c 'exit 7'; echo $?)" -eq 7 ] || fail "exec does not pass the status on"
node no_such_node -- true 2>"$TEST_TMP/no" && fail "exec in a node that is not there succeeds"
grep -q no_such_node "$TEST_TMP/no" || fail "exec does not say which node is missing"

# A command inside a node ends with the experiment.
node server_1 -- sleep 1000 &
sleep 0.3
"$SFEMU" down --run $pid || fail "down fails"
wait $pid || fail "a run that was held and ended is not a success"
ending=
expect_clean "$TEST_TMP/before" "sfemu down"

results=$(results_of "$TEST_TMP/log")
cat "$TEST_TMP/log"
done_jobs=$(grep -c ',done,' "$results/jobs.csv")
all_jobs=$(($(wc -l <"$results/jobs.csv") - 1))
[ "$all_jobs" -ge 150 ] || fail "only $all_jobs jobs"
[ "$done_jobs" -eq "$all_jobs" ] || fail "$done_jobs of $all_jobs jobs done"
grep -q '"state": "done"' "$results/manifest.json" || fail "the manifest does not say done"
# The machine may be busy or not; the run has to say which, and what this kernel does not count.
grep -Eq '"fidelity": *"(ok|degraded: PureFaaS|degraded: State)' "$results/manifest.json" || fail "the manifest does not say fidelity"
if [ -e /proc/pressure/cpu ]; then
	grep -Eq '"cpu_pressure_share": *[0-9]' "$results/manifest.json" || fail "the pressure is not in the manifest"
fi
