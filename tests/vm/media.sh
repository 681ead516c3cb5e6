#!/usr/bin/env bash
# A shared link is one medium: what N senders get together is its rate, and each gets its part; half duplex shares
# it with what comes back, full duplex does not. Judge: iperf3, virtual clock.
. "$(dirname "$0")/../lib.sh"
need iperf3

# Four stations at one medium, and a sink at the switch behind it.
for i in 0 1 2 3 4; do
	echo "$i;n$i;1073741824;4000;arm32;sbc;rpi3b+" >>"$TEST_TMP/m.nodes"
	echo "$i;1000;l$i;node" >>"$TEST_TMP/m.links"
done
echo "5;4;medium;shared" >>"$TEST_TMP/m.links"
for i in 0 1 2 3; do printf 'n%d l%d\nl%d n%d\nl%d medium\nmedium l%d\n' $i $i $i $i $i $i; done >"$TEST_TMP/m.edges"
printf 'n4 l4\nl4 n4\nl4 switch\nswitch l4\nswitch medium\nmedium switch\n' >>"$TEST_TMP/m.edges"
cat >"$TEST_TMP/m.yaml" <<YAML
topology: {nodes: m.nodes, links: m.links, edges: m.edges}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, arrivals: sequential, state_factor: 1, arg_factor: 1, jobs: 2}
link: {node: {delay: 100us}, shared: {delay: 2ms, queue: 50ms}}
strategies: [StateLocal]
results: $TEST_TMP/results
YAML

# Goodputs in Mbit/s, one a line: four TCP senders into n4, each with its own server, all from the guest's 100th second on.
senders() { # duplex
	local i commands=()
	for i in 0 1 2 3; do
		commands+=(--exec "n4: setsid -f iperf3 -s -1 -p 520$i >/dev/null 2>&1 </dev/null")
	done
	for i in 0 1 2 3; do
		commands+=(--exec "n$i: setsid -f sh -c 'sleep \$(awk \"{ print 100 - \\\$1 }\" /proc/uptime); iperf3 -c n4 -p 520$i -t 10 -f m' >/run/tmp/$i 2>&1 </dev/null")
	done
	"$SFEMU" run --vm --clock virtual --quiet --set "link.shared.duplex=$1" "$TEST_TMP/m.yaml" "${commands[@]}" \
		--exec 'n4: sleep 120; cat /run/tmp/?' >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log" >&2; fail "run"; }
	sed -n 's|.* \([0-9.]*\) Mbits/sec .*receiver.*|\1|p' "$TEST_TMP/log"
}

for duplex in half full; do
	senders $duplex >"$TEST_TMP/$duplex"
	# 1448 of 1514 bytes are payload: 3.83 of 4 Mbit/s, less what acknowledgements take where they share the medium.
	awk -v duplex=$duplex '{ n++; sum += $1; squares += $1 * $1 }
	END {
		fairness = n ? sum * sum / n / squares : 0
		printf "%s duplex: %d senders get %.2f Mbit/s together, fairness (Jain) %.3f\n", duplex, n, sum, fairness
		low = duplex == "half" ? 3.5 : 3.72
		high = duplex == "half" ? 3.79 : 3.88
		exit !(n == 4 && sum > low && sum < high && fairness > 0.9)
	}' "$TEST_TMP/$duplex" || fail "$duplex duplex: $(paste -sd ' ' "$TEST_TMP/$duplex")"
done
