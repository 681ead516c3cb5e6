#!/usr/bin/env bash
# A shared link is one medium: what N senders get together is its rate, and each gets its part; half duplex shares
# it with what comes back, full duplex does not. With a managed queue it is short. Judges: iperf3 and ping, virtual clock.
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

# Goodputs in Mbit/s, one a line: four senders into n4, each with its own server, all from the guest's 100th second on. The first
# one's options are iperf3's; n1 pings meanwhile, and its mean time (ms) comes last.
senders() { # first's options, options of the run…
	local i first=$1 commands=()
	shift
	for i in 0 1 2 3; do
		commands+=(--exec "n4: setsid -f iperf3 -s -1 -p 520$i >/dev/null 2>&1 </dev/null")
	done
	for i in 0 1 2 3; do
		commands+=(--exec "n$i: setsid -f sh -c 'sleep \$(awk \"{ print 100 - \\\$1 }\" /proc/uptime); iperf3 -c n4 -p 520$i -t 10 -f m $([ $i -gt 0 ] || echo "$first")' >/run/tmp/$i 2>&1 </dev/null")
	done
	commands+=(--exec "n1: setsid -f sh -c 'sleep \$(awk \"{ print 102 - \\\$1 }\" /proc/uptime); ping -q -i 0.2 -c 40 n4' >/run/tmp/ping 2>&1 </dev/null")
	"$SFEMU" run --vm --clock virtual --quiet "$@" "$TEST_TMP/m.yaml" "${commands[@]}" \
		--exec 'n4: sleep 120; cat /run/tmp/? /run/tmp/ping' >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log" >&2; fail "run"; }
	sed -n 's|.* \([0-9.]*\) Mbits/sec .*receiver.*|\1|p; s|.*rtt .* = [0-9.]*/\([0-9.]*\)/.*|\1|p' "$TEST_TMP/log"
}

# 1448 of 1514 bytes are payload: 3.83 of 4 Mbit/s, less what acknowledgements take where they share the medium.
judge() { # name, sum from, to, fairness from, ping from, to
	awk -v name="$1" -v low="$2" -v high="$3" -v fair="$4" -v quick="$5" -v slow="$6" 'NR <= 4 { n++; sum += $1; squares += $1 * $1; next }
	{ ping = $1 }
	END {
		fairness = n ? sum * sum / n / squares : 0
		printf "%s: %d senders get %.2f Mbit/s together, fairness (Jain) %.4f, ping %.1f ms\n", name, n, sum, fairness, ping
		exit !(n == 4 && sum > low && sum < high && fairness > fair && ping > quick && ping < slow)
	}' "$TEST_TMP/rates" || fail "$1: $(paste -sd ' ' "$TEST_TMP/rates")"
}
senders '' --set link.shared.duplex=half >"$TEST_TMP/rates"
judge 'half duplex' 3.5 3.79 0.9 50 110
senders '' --set link.shared.duplex=full >"$TEST_TMP/rates"
judge 'full duplex' 3.72 3.88 0.9 25 70
# A managed queue for all: with fq_codel each has its part, also beside one that sends twice the rate and never yields, and who
# sends little does not wait for those who send much.
senders '-u -b 8M' --set link.shared.discipline=fq_codel --set link.shared.queue=300ms >"$TEST_TMP/rates"
judge 'half duplex, fq_codel beside a flood' 3.6 3.8 0.999 4.7 16
