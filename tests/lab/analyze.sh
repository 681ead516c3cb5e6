#!/usr/bin/env bash
# `sfemu analyze` says of a lossy transfer what tshark says: the class of each segment, packets, bytes, the streams' contents.
. "$(dirname "$0")/../lib.sh"
need_root
export SFEMU
need tshark iperf3 tcpdump ip tc ethtool
cd "$TEST_TMP"

# a - r - b; the router's short queue towards b drops. Names are this test's own.
for n in a r b; do
	ip netns add "sfe-t$n-$$"
done
ending='for n in a r b; do ip netns del "sfe-t$n-$$"; done'
in_ns() { ip netns exec "sfe-t$1-$$" "${@:2}"; }
ip -n "sfe-ta-$$" link add eth0 type veth peer name left netns "sfe-tr-$$"
ip -n "sfe-tb-$$" link add eth0 type veth peer name right netns "sfe-tr-$$"
for end in a:eth0 r:left r:right b:eth0; do
	ip -n "sfe-t${end%:*}-$$" link set "${end#*:}" up gso_max_segs 1
	in_ns "${end%:*}" ethtool -K "${end#*:}" tso off gso off gro off >/dev/null
done
ip -n "sfe-ta-$$" addr add 10.9.1.2/24 dev eth0
ip -n "sfe-tr-$$" addr add 10.9.1.1/24 dev left
ip -n "sfe-tr-$$" addr add 10.9.2.1/24 dev right
ip -n "sfe-tb-$$" addr add 10.9.2.2/24 dev eth0
ip -n "sfe-ta-$$" route add default via 10.9.1.1
ip -n "sfe-tb-$$" route add default via 10.9.2.1
in_ns r sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
in_ns r tc qdisc add dev right root tbf rate 60mbit burst 6kb limit 24kb

ip netns exec "sfe-ta-$$" tcpdump -Z root -B 65536 -i eth0 -w sender.pcap tcp 2>/dev/null &
pids=$!
ip netns exec "sfe-tb-$$" tcpdump -Z root -B 65536 -i eth0 -w receiver.pcap tcp 2>/dev/null &
pids="$pids $!"
sleep 0.7
in_ns b timeout 180 iperf3 -s -1 >/dev/null &
sleep 0.5
in_ns a timeout 180 iperf3 -c 10.9.2.2 -n 4M -P 2 >/dev/null || fail "iperf3"
sleep 0.7
kill -TERM $pids
wait

lossy=0
for f in sender receiver; do
	"$SFEMU" analyze --quiet --by connection --csv $f.pcap >$f.csv
	tshark -r $f.pcap -o tcp.desegment_tcp_streams:false -T fields -E separator=';' -E occurrence=f -e tcp.stream -e ip.src -e frame.len -e tcp.len \
		-e tcp.analysis.retransmission 2>/dev/null >$f.fields
	python3 - $f.csv $f.fields >$f.said <<'PY' || { cat $f.said; fail "$f: differs from tshark"; }
import csv, sys
theirs = {}
for line in open(sys.argv[2]):
    stream, src, length, payload, again = line.rstrip("\n").split(";")
    t = theirs.setdefault((int(stream) + 1, src), [0, 0, 0, 0])
    t[0] += 1
    t[1] += int(length)
    t[2] += int(payload)
    t[3] += bool(again)
good, resent, most = True, 0, 0
for r in csv.DictReader(open(sys.argv[1])):
    key = int(r["connection"]), r["from"].split(":")[0]
    ours = [int(r[c]) for c in ("packets", "wire_bytes", "payload_bytes", "retransmissions")]
    print(key, "ours", ours, "tshark's", theirs[key])
    good &= ours == theirs[key]
    resent += ours[3]
    most = max(most, int(r["unique_bytes"]))
    del theirs[key]
print("resent", resent, "left", theirs)
sys.exit(not (good and not theirs and most > 500000))
PY
	cat $f.said
	lossy=$((lossy + $(sed -n 's/^resent \([0-9]*\) .*/\1/p' $f.said)))
	python3 "$SOURCE/tests/classes.py" --least duplicate_ack=50 $f.pcap || fail "$f: segments of other classes than tshark's"
	# The streams, byte for byte, whatever order the segments came in (tshark's own "follow" takes minutes with losses).
	tshark -r $f.pcap -o tcp.desegment_tcp_streams:false -Y 'tcp.len > 0' -T fields -E separator=';' -E occurrence=f \
		-e tcp.stream -e ip.src -e tcp.seq -e tcp.payload 2>/dev/null >$f.payload
	for c in 1 2 3; do
		"$SFEMU" analyze --quiet --follow $c $f.pcap >$f.$c.ours
		python3 -c '
import sys
ways = {"10.9.1.2": bytearray(), "10.9.2.2": bytearray()}
for line in sys.stdin:
    stream, src, seq, payload = line.strip().split(";")
    if stream == sys.argv[1]:
        at, data = int(seq) - 1, bytes.fromhex(payload)
        way = ways[src]
        way.extend(bytes(max(0, at + len(data) - len(way))))
        way[at:at + len(data)] = data
sys.stdout.buffer.write(ways["10.9.1.2"] + ways["10.9.2.2"])' $((c - 1)) <$f.payload >$f.$c.tshark
		cmp $f.$c.ours $f.$c.tshark || fail "$f: connection $c has another stream than tshark's"
	done
done
[ "$lossy" -gt 20 ] || fail "only $lossy segments were resent: the test tests nothing"
