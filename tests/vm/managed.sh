#!/usr/bin/env bash
# long: a minute or two
# Queues that are managed: codel, fq_codel and pie beside drop-tail at the same link, judged by ping and iperf3. Virtual clock.
. "$(dirname "$0")/../lib.sh"
need ping iperf3 tc python3

# n0 sends over the switch to n1 ... n4, each behind a slow link with another discipline.
for i in 0 1 2 3 4; do
	echo "$i;n$i;1073741824;4000;arm32;sbc;rpi3b+" >>"$TEST_TMP/nodes"
	echo "$i;1000;l$i;node" >>"$TEST_TMP/links"
	printf 'n%d l%d\nl%d n%d\nl%d switch\nswitch l%d\n' $i $i $i $i $i $i >>"$TEST_TMP/edges"
done
cat >"$TEST_TMP/managed.yaml" <<YAML
topology: {nodes: nodes, links: links, edges: edges}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 8, arrivals: sequential, state_factor: 1e6, arg_factor: 1e6}
strategies: [PureFaaS, StateLocal]
results: $TEST_TMP/results
links:
  - {link: 'l[1-4]', direction: down, rate: 10Mbit, delay: 2ms, queue: 300ms}
  - {link: l2, direction: down, discipline: codel}
  - {link: l3, direction: down, discipline: fq_codel}
  - {link: l4, direction: down, discipline: pie}
# Changed while it runs, and what is set is read back.
schedule:
  - {at: 10ms, link: l2, direction: down, set: {rate: 8Mbit, queue: 100 packets}}
  - {at: 20ms, link: l3, direction: down, ramp: {to: {rate: 12Mbit}, over: 10ms, steps: 5}}
  - {at: 20ms, link: l4, direction: down, set: {delay: 3ms}}
YAML
execs=()
for i in 1 2 3 4; do
	execs+=(--exec "n0: ping -q -c 10 n$i >\$SFEMU_RESULTS/idle.$i"
		--exec "n$i: iperf3 -s -1 -D; sleep 1"
		--exec "n0: (sleep 2; ping -q -i 0.1 -c 50 n$i >\$SFEMU_RESULTS/busy.$i) & iperf3 -c n$i -t 8 -f k >\$SFEMU_RESULTS/tcp.$i; wait")
done
# One who does not yield, with twice the rate, beside one who does.
cat >"$TEST_TMP/flood.py" <<'PYTHON'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(8000):
    s.sendto(bytes(1400), (sys.argv[1], 9))
    time.sleep(0.00057)
PYTHON
for i in 1 3; do
	execs+=(--exec "n$i: iperf3 -s -1 -D; sleep 1"
		--exec "n0: python3 $TEST_TMP/flood.py n$i & iperf3 -c n$i -t 4 -f k >\$SFEMU_RESULTS/beside.$i; wait")
done
execs+=(--exec 'switch: tc qdisc show >$SFEMU_RESULTS/tc')
"$SFEMU" run --vm --clock virtual --quiet --verify-repeat 2 --parallel 2 "$TEST_TMP/managed.yaml" "${execs[@]}" >"$TEST_TMP/log" ||
	{ cat "$TEST_TMP/log"; fail "two runs are not the same"; }
results=$(results_of "$TEST_TMP/log")

between() { # value low high what
	awk -v v="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(v != "" && v >= l && v <= h) }' || fail "$4: $1 is not between $2 and $3"
}
rtt() { # file column (1 min, 2 avg)
	sed -n 's|^rtt .* = ||p' "$results/$1" | cut -d/ -f"$2"
}
goodput() { # file
	sed -n 's|.* \([0-9.]*\) Kbits/sec.*receiver|\1|p' "$results/$1"
}
head -n 20 "$results"/idle.? "$results"/busy.? "$results/tc"
grep -h receiver "$results"/tcp.? "$results"/beside.?
for i in 2 3 4; do
	# What finds nothing waiting arrives as without management.
	[ "$(rtt idle.$i 1)" = "$(rtt idle.1 1)" ] || fail "n$i: $(rtt idle.$i 1) ms without load and not $(rtt idle.1 1) as with drop-tail"
	between "$(goodput tcp.$i)" 9468 9570 "n$i: goodput of 1448/1514 of 10 Mb/s"
done
waits() { # node low high
	between "$(awk -v b="$(rtt busy.$1 2)" -v i="$(rtt idle.$1 1)" 'BEGIN { print b - i }')" "$2" "$3" "n$1: mean wait in the queue (ms)"
}
waits 1 100 300
waits 2 2 9  # 5 ms, and not much more
waits 3 0 2  # ping has a queue of its own
waits 4 5 25 # 15 ms
between "$(goodput beside.3)" 4500 4850 "TCP beside a flood, each with its share"
between "$(goodput beside.1)" 0 1500 "TCP beside a flood in a drop-tail queue"

# tc reads what was asked: 300 ms of 10 Mb/s are 248 frames.
for kind in codel fq_codel pie; do
	grep -q "^qdisc $kind 2: dev queue.* limit 248p" "$results/tc" || fail "tc does not see $kind with its limit"
done
for strategy in PureFaaS StateLocal; do
	awk -F, -v s=$strategy '$1 == s && $2 == "l3" && $10 > 0 { found = 1 } END { exit !found }' "$results/links.csv" ||
		fail "links.csv does not count what the managed queue dropped in $strategy"
done
"$SFEMU" links "$results" | grep '^l3 .*fq_codel' || fail "sfemu links does not show the discipline"
"$SFEMU" verify --vm --clock virtual --quiet --set "results=$TEST_TMP/results" --link 'l[234]' --probes 50 "$TEST_TMP/managed.yaml" ||
	fail "sfemu verify: delays, rates, losses"

cat >"$TEST_TMP/more.yaml" <<YAML
topology: {nodes: nodes, links: links, edges: edges}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv}
results: $TEST_TMP/results
links:
  - {link: l0, rate: 10Gbit, delay: 3ms, queue: 2ms, discipline: codel}
  - {link: l1, rate: 100kbit, delay: 1ms, queue: 50 packets, discipline: fq_codel}
  - {link: l2, rate: 50Mbit, delay: normal 10ms 2ms, discipline: pie}
  - {link: l3, rate: 50Mbit, delay: 10ms, discipline: pie, overhead: 22 cell 48 5}
  - {link: l4, rate: 50Mbit, discipline: codel, duplicate: 2%, loss: 1%, overhead: 38, mtu: 9000}
YAML
"$SFEMU" verify --vm --clock virtual --quiet --probes 1000 "$TEST_TMP/more.yaml" || fail "sfemu verify: what comes after the queue"

# The queue of a medium: what finds nothing waiting arrives as without, and verify finds rate and delays as asked; it changes while
# a network runs.
cat >"$TEST_TMP/medium.yaml" <<YAML
topology: {generate: iiot, premises: 1}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 2, arrivals: poisson 1, state_factor: 1e6, arg_factor: 1e6}
link: {shared: {rate: 20Mbit, delay: 3ms, queue: 200ms}}
strategies: [StateLocal]
schedule: [{at: 10ms, link: link_0, ramp: {to: {rate: 10Mbit}, over: 100ms, steps: 4}}]
results: $TEST_TMP/results
YAML
for kind in droptail codel fq_codel pie; do
	"$SFEMU" run --vm --clock virtual --quiet --set link.shared.discipline=$kind "$TEST_TMP/medium.yaml" \
		--exec 'rpi3_0: ping -c 5 server_0' --exec 'link_0: tc qdisc show' >"$TEST_TMP/medium" || { cat "$TEST_TMP/medium"; fail "medium, $kind"; }
	sed -n 's|.*rtt [^=]*= ||p' "$TEST_TMP/medium" >"$TEST_TMP/rtt.$kind"
	cmp "$TEST_TMP/rtt.droptail" "$TEST_TMP/rtt.$kind" || fail "medium, $kind: $(cat "$TEST_TMP/rtt.$kind") without load"
	[ $kind = droptail ] || grep -q "qdisc $kind 2: dev queue5 .* limit 331p" "$TEST_TMP/medium" || fail "tc does not see $kind at the medium"
done
grep -q 'qdisc netem 1: dev ifb0 .* delay 3ms rate 20Mbit' "$TEST_TMP/medium" || fail "tc does not see the medium's netem"
"$SFEMU" verify --vm --clock virtual --quiet --set link.shared.discipline=pie --link 'link_[0r]*' --probes 200 "$TEST_TMP/medium.yaml" ||
	fail "sfemu verify: the medium"

refused() { # words option value
	local status=0
	"$SFEMU" run --vm --clock virtual --quiet "$2" "$3" --set "results=$TEST_TMP/results" "$SOURCE/scenarios/iiot.yaml" \
		>/dev/null 2>"$TEST_TMP/err" || status=$?
	[ $status -eq 2 ] && grep -q "$1" "$TEST_TMP/err" || { cat "$TEST_TMP/err"; fail "status $status for $3"; }
}
refused 'of a medium of full duplex cannot be managed' --set 'links=[{kind: shared, discipline: codel, duplex: full}]'
refused 'queue out of a medium .* cannot be managed' --set 'links=[{kind: shared, discipline: codel}, {kind: node, discipline: pie}]'
refused 'schedule: discipline does not change' --set 'schedule=[{at: 1s, link: link_0, set: {discipline: pie}}]'
