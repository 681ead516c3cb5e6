#!/usr/bin/env bash
# long: a minute or two
# Others' tools as judges of what is done to packets by chance, and of rates where delays vary: ping counts losses and
# duplicates, iperf3 counts what UDP loses, in which order it comes and what TCP gets. Virtual clock.
. "$(dirname "$0")/../lib.sh"
need ping iperf3

n=0
for link in 'rate: 10Gbit, delay: 0, queue: 1s' \
	'loss: 2%' 'loss: gilbert 1% 30%' 'duplicate: 5%' 'corrupt: 3%' \
	'rate: 10Mbit, delay: normal 20ms 5ms, queue: 100kB' 'rate: 10Mbit, delay: 20ms, reorder: 10%, queue: 100kB' \
	'rate: 10Mbit, delay: lognormal 0.87 5.95ms 1.21ms, queue: 80ms'; do
	echo "$n;n$n;1073741824;4000;arm32;sbc;rpi3b+" >>"$TEST_TMP/s.nodes"
	echo "$n;1000;l$n;node" >>"$TEST_TMP/s.links"
	printf 'n%d l%d\nl%d n%d\nl%d switch\nswitch l%d\n' $n $n $n $n $n $n >>"$TEST_TMP/s.edges"
	echo "  - {link: l$n, direction: up, $link}" >>"$TEST_TMP/links"
	n=$((n + 1))
done
cat - "$TEST_TMP/links" >"$TEST_TMP/s.yaml" <<YAML
topology: {nodes: s.nodes, links: s.links, edges: s.edges}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, arrivals: sequential, state_factor: 1, arg_factor: 1, jobs: 1}
tcp: {congestion: cubic, rmem_max: 64MB, wmem_max: 64MB}
strategies: [StateLocal]
results: $TEST_TMP/results
links:
YAML

# (ping spins, and so holds up virtual time, where it has less than 10 ms to wait.)
pings=2000
commands=()
for i in 1 2 3 4; do
	commands+=(--exec "n$i: ping -q -c $pings -i 0.1 n0")
done
port=5200
iperf() { # from options…
	port=$((port + 1))
	commands+=(--exec "n0: iperf3 -s -1 -D -p $port; sleep 1"
		--exec "n$1: iperf3 -c n0 -p $port -f k --get-server-output ${*:2} >/run/tmp/out; sed -n '/^Server output/q; /receiver/p' /run/tmp/out; grep out-of-order /run/tmp/out; true")
}
# (iperf3 spins for some wall seconds at the end of what it omits, so that it omits nothing here.)
# A frame of 1514 bytes has 1472 of iperf3's: 9236 kbit/s are 95 % of 10 Mbit/s, 12000 are too much.
iperf 5 -u -l 1472 -b 9236k -t 5
iperf 5 -u -l 1472 -b 12000k -t 20
iperf 6 -u -l 1472 -b 9236k -t 5
iperf 7 -t 40
"$SFEMU" run --vm --clock virtual --quiet "$TEST_TMP/s.yaml" "${commands[@]}" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log" >&2; fail "run"; }
grep -E '^n[0-9]: ' "$TEST_TMP/log"

# What ping got of its packets is in the interval that 99.9 % are in. The variance of Gilbert's losses is (2 - p - r) / (p + r) times that
# of losses by themselves (p 1 %, r 30 %).
received() { sed -n "s/^n$1: .*transmitted, \([0-9]*\) received.*/\1/p" "$TEST_TMP/log"; }
chance() { # node share factor count what
	awk -v n=$pings -v share="$2" -v factor="$3" -v got="$4" -v what="$5" 'BEGIN {
		most = 3.29 * sqrt(n * share * (1 - share) * factor) + 1
		off = got - n * share
		printf "%s: %d of %d, asked for %.1f +- %.1f\n", what, got, n, n * share, most
		exit !(got != "" && off <= most && -off <= most)
	}' || fail "$5"
}
chance 1 0.02 1 $((pings - $(received 1))) 'lost at 2 %'
chance 2 0.032258 5.45 $((pings - $(received 2))) 'lost in bursts at 3.2 %'
chance 3 0.05 1 "$(sed -n 's/^n3: .*+\([0-9]*\) duplicates.*/\1/p' "$TEST_TMP/log")" 'twice at 5 %'
# A flipped bit in the sender's own Ethernet address, 6 of 98 bytes, does no harm.
chance 4 0.02816 1 $((pings - $(received 4))) 'thrown away as corrupted at 3 %'

mapfile -t got < <(grep receiver "$TEST_TMP/log")
[ ${#got[@]} -eq 4 ] || fail "${#got[@]} results of iperf3 and not 4"
rate() { sed 's|.* \([0-9.]*\) Kbits/sec.*|\1|' <<<"${got[$1]}"; }
between() { # value low high what
	awk -v v="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(v != "" && v >= l && v <= h) }' || fail "$4: $1 is not between $2 and $3"
}
[[ ${got[0]} = *' 0/'*'(0%)'* ]] || fail "UDP at 95 % of a rate beside a varying delay loses: ${got[0]}"
between "$(rate 1)" 9674 9772 "UDP's rate where more comes than goes, kbit/s (9722.6 are payload)"
between "$(rate 3)" 9468 9570 "TCP beside a varying delay whose spread the queue holds, kbit/s (9564.1 are payload)"
! grep -q '^n5: .*out-of-order' "$TEST_TMP/log" || fail "a varying delay reorders"
grep -q '^n6: .*out-of-order' "$TEST_TMP/log" || fail "reordering was asked for, and iperf3 sees none"
