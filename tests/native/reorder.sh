#!/usr/bin/env bash
# On links that do not reorder, packets of one connection keep their order whatever CPUs they are served on: of 50 000 segments and
# more none arrives after a later one, over cables and over a medium of each kind. The judge is TCP of this kernel.
. "$(dirname "$0")/../lib.sh"
need_native
need iperf3 python3
cpus=$(nproc)
[ "$cpus" -ge 2 ] || skip "one CPU cannot reorder"

# n0 and n1 at a switch; n2 and n3 at a shared medium, half or full duplex, behind it.
for i in 0 1 2 3; do
	echo "$i;n$i;1073741824;4000;arm32;sbc;rpi3b+" >>"$TEST_TMP/r.nodes"
	echo "$i;1000;l$i;node" >>"$TEST_TMP/r.links"
done
echo "4;1000;medium;shared" >>"$TEST_TMP/r.links"
for i in 0 1; do printf 'n%d l%d\nl%d n%d\nl%d switch\nswitch l%d\n' $i $i $i $i $i $i; done >"$TEST_TMP/r.edges"
for i in 2 3; do printf 'n%d l%d\nl%d n%d\nl%d medium\nmedium l%d\n' $i $i $i $i $i $i; done >>"$TEST_TMP/r.edges"
printf 'switch medium\nmedium switch\n' >>"$TEST_TMP/r.edges"
cat >"$TEST_TMP/r.yaml" <<YAML
name: order
topology: {nodes: r.nodes, links: r.links, edges: r.edges}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 1, state_factor: 1, arg_factor: 1}
link: {node: {rate: 100Mbit, delay: 2ms, queue: 1s}, shared: {rate: 100Mbit, delay: 2ms, queue: 1s, duplex: half}}
strategies: [StateLocal]
results: $TEST_TMP/results
YAML

counters() { # node: segments received, reordered as senders saw it, out of order as the receiver saw it, sent again
	node "$1" -- cat /proc/net/netstat /proc/net/snmp | python3 -c '
import sys
c = {}
lines = sys.stdin.read().splitlines()
for names, values in zip(lines[::2], lines[1::2]):
    c.update(zip((names.split()[0] + n for n in names.split()[1:]), map(int, values.split()[1:])))
print(c["Tcp:InSegs"], c["TcpExt:TCPSACKReorder"] + c["TcpExt:TCPTSReorder"], c["TcpExt:TCPOFOQueue"], c["Tcp:RetransSegs"])'
}

carry() { # from, to: 25 MB, which are more than 17 000 segments of data
	local a b
	a=$(counters "$1") b=$(counters "$2")
	node "$2" -- sh -c 'iperf3 -s -1 -D >/dev/null 2>&1; sleep 1'
	node "$1" -- timeout 200 iperf3 -c "$2" -n 25M -f m >"$TEST_TMP/iperf" 2>&1 || { cat "$TEST_TMP/iperf"; fail "iperf3 from $1 to $2"; }
	echo "$a $(counters "$1") $b $(counters "$2")" | awk -v what="$1 to $2" '{
		n = $13 - $9; seen = $6 - $2; late = $15 - $11; again = $8 - $4
		printf "%s: %d segments, %d overtaken as the sender saw it, %d out of order as the receiver saw it, %d sent again\n", what, n, seen, late, again
	}' | tee -a "$TEST_TMP/carried"
}

total() { # field of the lines so far
	awk -v f="$1" '{ s += $f } END { print s + 0 }' "$TEST_TMP/carried"
}

# What steers the interfaces of a node to CPUs, from inside.
steered() { # node → CPU mask of each port
	node "$1" -- unshare -m sh -c 'mount -t sysfs sysfs /sys && cd /sys/class/net && ls | grep -v "^lo$\|^ifb\|^queue" |
		while read -r i; do cat "$i/queues/rx-0/rps_cpus"; done'
}

for duplex in half full; do
	hold "$TEST_TMP/r.yaml" --set link.shared.duplex=$duplex
	for n in n0 n1 n2 n3 switch medium; do
		steered $n >"$TEST_TMP/masks"
		[ -s "$TEST_TMP/masks" ] && ! tr -d ',' <"$TEST_TMP/masks" | grep -vE '^0*[1248]0*$' >/dev/null || { cat "$TEST_TMP/masks"; fail "$n: a port is not steered to one CPU"; }
	done
	[ $duplex = full ] || carry n0 n1
	carry n0 n2
	carry n3 n2
	release
done
sent=$(total 4) overtaken=$(($(total 6))) late=$(total 13)
echo "$overtaken of $sent segments were overtaken, $late arrived out of order, on $cpus CPUs"
[ "$sent" -ge 50000 ] || fail "only $sent segments"
[ "$overtaken" -eq 0 ] && [ "$late" -eq 0 ] || fail "packets of one connection overtook each other"
