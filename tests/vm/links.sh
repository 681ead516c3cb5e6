#!/usr/bin/env bash
# Others' tools as judges of the links: ping of delay, iperf3 of rate, tc of what is set. Virtual clock.
. "$(dirname "$0")/../lib.sh"
need ping iperf3 tc

cat >"$TEST_TMP/links.yaml" <<YAML
name: links
topology: {generate: iiot, premises: 2}
link:
  node: {delay: 1ms}
  shared: {rate: 40Mbit, delay: 3ms}
  uplink: {rate: 20Mbit, delay: 7ms}
  downlink: {rate: 80Mbit, delay: 11ms}
workload:
  tasks: $SOURCE/scenarios/workloads/quickstart.csv
  arrivals: sequential
  state_factor: 1e4
  arg_factor: 1e4
strategies: [StateLocal]
results: $TEST_TMP/results
YAML
# rpi3_0 to server_0: node, medium, downlink into the cloudlet, node; and back over the cloudlet's uplink.
"$SFEMU" run --vm --clock virtual --quiet "$TEST_TMP/links.yaml" \
	--exec 'rpi3_0: ping -c 3 -i 2 server_0' \
	--exec 'rpi3_0: ping -c 3 -i 2 rpi3_1' \
	--exec 'server_0: iperf3 -s -1 -D; sleep 1' \
	--exec 'rpi3_0: iperf3 -c server_0 -t 10 -f m' \
	--exec 'server_0: iperf3 -s -p 5202 -1 -D; sleep 1' \
	--exec 'rpi3_0: iperf3 -c server_0 -p 5202 -R -t 10 -f m' \
	--exec 'rpi3_1: iperf3 -s -1 -D; sleep 1' \
	--exec 'rpi3_0: iperf3 -c rpi3_1 -t 10 -f m' \
	--exec 'link_0: tc -s qdisc show dev ifb0' \
	--exec 'switch_lan_0: tc qdisc show' | tee "$TEST_TMP/log"

between() { # value low high what
	awk -v v="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(v != "" && v >= l && v <= h) }' || fail "$4: $1 is not between $2 and $3"
}
# Delays: (1 + 3 + 11 + 1) + (1 + 7 + 3 + 1) = 28 ms, and what 98 bytes take at these rates; the medium is crossed once each way.
rtt=$(grep -m 1 'rtt min' "$TEST_TMP/log" | sed 's|.*= \([0-9.]*\)/.*|\1|')
between "$rtt" 28.085 28.105 "round trip to server_0 (ms)"
rtt=$(grep 'rtt min' "$TEST_TMP/log" | sed -n 2p | sed 's|.*= \([0-9.]*\)/.*|\1|')
between "$rtt" 10.04 10.05 "round trip within the radio cell (ms)"
# Goodput under each ceiling: 1448 of 1514 bytes of a full frame are payload, and acknowledgements share a medium.
mapfile -t rates < <(grep 'receiver' "$TEST_TMP/log" | sed 's|.* \([0-9.]*\) Mbits/sec.*|\1|')
between "${rates[0]}" 33 38.3 "rpi3_0 to server_0 through the 40 Mb/s medium"
between "${rates[1]}" 17.5 19.2 "server_0 to rpi3_0 over the 20 Mb/s uplink of the cloudlet"
between "${rates[2]}" 33 38.3 "within the radio cell of 40 Mb/s"
grep -q 'netem.* delay 3ms rate 40Mbit' "$TEST_TMP/log" || fail "tc does not see the medium's netem"
grep -q 'delay 11ms rate 80Mbit' "$TEST_TMP/log" || fail "tc does not see the downlink's netem"
# `sfemu links` of the results: every row of links.csv is in it, and all that is set.
results=$(results_of "$TEST_TMP/log")
"$SFEMU" links "$results" | tee "$TEST_TMP/links"
counted=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "wire_bytes") c = i } NR > 1 { s += $c } END { print s }' "$results/links.csv")
shown=$("$SFEMU" links --json "$results" | sed -n 's/.*"wire_bytes":\([0-9]*\).*/\1/p' | awk '{ s += $1 } END { print s }')
[ "$counted" = "$shown" ] || fail "sfemu links counts $shown bytes and links.csv $counted"
grep -q '^link_0 .* 40Mbit .* 3ms' "$TEST_TMP/links" || fail "sfemu links does not show the medium"
