#!/usr/bin/env bash
# The virtual clock is exact: single TCP transfers take what rates, delays, MTU and TCP's window growth say on paper, a
# ping what its frames take, a function what its operations take, each to the microsecond.
. "$(dirname "$0")/../lib.sh"
need python3 ping

paper=$SOURCE/tests/vm/paper.py
cat >"$TEST_TMP/links.yaml" <<YAML
name: paper
topology: {generate: iiot, premises: 1}
link:   # queues that never drop: on paper nothing is lost
  node: {delay: 1ms, rate: 100Mbit, queue: 10s}
  shared: {rate: 40Mbit, delay: 3ms, queue: 10s}
  uplink: {rate: 20Mbit, delay: 7ms, queue: 10s}
  downlink: {rate: 10Mbit, delay: 11ms, queue: 10s}
tcp: {congestion: reno, rmem_max: 64MB, wmem_max: 64MB}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 30, arrivals: sequential, state_factor: 1e4, arg_factor: 1e4}
strategies: [StateLocal]
results: $TEST_TMP/results
YAML
# rpi3_0 to server_0: node, medium, downlink into the cloudlet, node; back over the cloudlet's uplink.
forward=100000000:1000000,40000000:3000000,10000000:11000000,100000000:1000000
back=100000000:1000000,20000000:7000000,40000000:3000000,100000000:1000000

transfers() { # mtu timestamps window bytes…
	local mtu=$1 timestamps=$2 window=$3 port=5000 bytes options=()
	shift 3
	for bytes in "$@"; do
		port=$((port + 1))
		options+=(--exec "server_0: setsid python3 $paper serve $port >/run/tmp/$port 2>&1 & sleep 1"
			--exec "rpi3_0: python3 $paper send server_0 $port $bytes; sleep 60"
			--exec "server_0: cat /run/tmp/$port")
	done
	"$SFEMU" run --vm --clock virtual --quiet --set "tcp.mtu=$mtu" --set "tcp.timestamps=$timestamps" \
		--set "tcp.initial_window=$window" "${options[@]}" --exec 'rpi3_0: ping -c 1 -s 972 server_0' \
		--exec "rpi3_0: python3 $paper poll" "$TEST_TMP/links.yaml" >"$TEST_TMP/log"
	for bytes in "$@"; do
		python3 "$paper" expect "$forward" "$back" "$bytes" "$mtu" "$timestamps" "$window"
	done >"$TEST_TMP/expected"
	paste -d' ' <(sed -n 's/^rpi3_0: connected //p' "$TEST_TMP/log") <(sed -n 's/^server_0: received //p' "$TEST_TMP/log") \
		"$TEST_TMP/expected" >"$TEST_TMP/both"
	[ "$(wc -l <"$TEST_TMP/both")" -eq $# ] || { cat "$TEST_TMP/log"; fail "transfers are missing"; }
	awk -v mtu="$mtu" -v timestamps="$timestamps" '
	function off(measured, paper) { return measured > paper ? measured - paper : paper - measured }
	{
		printf "MTU %d, timestamps %s: %.0f bytes: connected after %.0f ns (paper %.0f), received after %.0f ns (paper %.0f)\n",
			mtu, timestamps, $3, $2 - $1, $5, $4 - $1, $6
		if (off($2 - $1, $5) > 1000 || off($4 - $1, $6) > 1000) bad = 1
	}
	END { exit bad }' "$TEST_TMP/both" || fail "a transfer does not take what it takes on paper"
}

transfers 1500 true 10 1 2000 20000 200000 5000000
# 1014 octets each way: sums of octets x 8 / rate, and the delays, 28 ms.
rtt=$(sed -n 's|^rpi3_0: rtt min.* = \([0-9.]*\)/.*|\1|p' "$TEST_TMP/log")
awk -v rtt="$rtt" 'BEGIN {
	paper = 28 + 1014 * 8 * (4 / 100e6 + 2 / 40e6 + 1 / 10e6 + 1 / 20e6) * 1e3
	printf "ping of 1014 octets: %s ms (paper %.4f)\n", rtt, paper
	exit !(rtt - paper < 0.001 && paper - rtt < 0.001)
}' || fail "a ping does not take what it takes on paper"
# Who waits by asking again and again holds time up, but not for ever.
awk '/^rpi3_0: polled/ { good = $3 >= 100000 && $3 < 110000 && $4 >= 1000000 && $4 < 10000000 } END { exit !good }' \
	"$TEST_TMP/log" || { grep polled "$TEST_TMP/log"; fail "waiting by asking does not end when it should"; }
transfers 1500 false 4 100000
transfers 9000 true 10 3000000

# Jobs come one after the other: no invocation shares a processor, and each takes operations / speed.
results=$(results_of "$TEST_TMP/log")
"$SFEMU" topology iiot --premises 1 -o "$TEST_TMP/t"
awk -F'[,;]' '
FNR == NR { speed[$2] = $4 * 1e6; next }
FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
{
	n++
	kind = $column["node"]
	off = $column["processing_s"] - $column["operations"] / speed[kind]
	if (off > 1e-6 || off < -1e-6) { print kind ": " $column["operations"] " operations took " $column["processing_s"] " s"; bad = 1 }
}
END { print n " invocations"; exit bad || n < 30 }' "$TEST_TMP/t.nodes" "$results/invocations.csv" || fail "modelled compute time is not exact"
