#!/usr/bin/env bash
# Captures that are unusual and right: what `sfemu analyze` counts in each is what tshark finds, or what is in the file.
. "$(dirname "$0")/../lib.sh"
need python3 tshark

python3 - "$TEST_TMP" <<'PY'
import os, struct, sys
os.chdir(sys.argv[1])
MAC = bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1])
A, B = b"\x0a\0\0\1", b"\x0a\0\0\2"
SYN, ACK, FIN, PSH = 2, 16, 1, 8
A6, B6 = bytes(15) + b"\1", bytes(15) + b"\2"

def segment(up, seq, ack, flags, data=b"", window=1000):
    # seq and ack are relative: the client begins at 1000, the server at 5000.
    ports = (40000, 9000) if up else (9000, 40000)
    mine, other = (1000, 5000) if up else (5000, 1000)
    return struct.pack("!HHIIBBHHH", *ports, mine + seq, other + ack if flags & ACK else 0, 0x50, flags, window, 0, 0) + data

def ip(up, payload, total=None, ident=1, frag=0):
    a, b = (A, B) if up else (B, A)
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload) if total is None else total, ident, frag, 64, 6, 0) + a + b + payload

def ip6(up, payload, length=None, head=6, between=b""):
    a, b = (A6, B6) if up else (B6, A6)
    return struct.pack("!IHBB", 6 << 28, len(between) + len(payload) if length is None else length, head, 64) + a + b + between + payload

def frame(packet, tags=()):
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    return MAC + b"".join(struct.pack("!HH", t, 5) for t in tags) + kind + packet

def write(name, packets):
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 1 << 18, 1))
        for at, data in packets:
            ns = 1700000000 * 10**9 + round(at * 1e9)
            f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(data), len(data)) + data)

def handshake(wrap, t=0.0):
    return [(t, wrap(True, segment(True, 0, 0, SYN))), (t + 0.01, wrap(False, segment(False, 0, 1, SYN | ACK))),
            (t + 0.011, wrap(True, segment(True, 1, 1, ACK)))]

four = lambda up, s, **k: frame(ip(up, s, **k))
# Tags in tags, of every kind that was used for them.
for i, tags in enumerate([(0x8100,), (0x88a8, 0x8100), (0x9100, 0x8100), (0x9200, 0x8100), (0x9300, 0x9100, 0x8100)]):
    w = lambda up, s: frame(ip(up, s), tags)
    write(f"vlan{i}.pcap", handshake(w) + [(0.02, w(True, segment(True, 1, 1, ACK | PSH, bytes(1000)))), (0.03, w(False, segment(False, 1, 1001, ACK)))])
# No length in the IP header.
write("tso.pcap", handshake(four) + [(0.02, four(True, segment(True, 1, 1, ACK, bytes(4000)), total=0)), (0.03, four(False, segment(False, 1, 4001, ACK)))])
six = lambda up, s, **k: frame(ip6(up, s, **k))
write("big6.pcap", handshake(six) + [(0.02, six(True, segment(True, 1, 1, ACK, bytes(4000)), length=0)), (0.03, six(False, segment(False, 1, 4001, ACK)))])
# IPv6: hop-by-hop, routing, destination and (whole) fragment headers; a jumbogram.
chain = bytes([43, 0, 1, 4, 0, 0, 0, 0]) + bytes([60, 0, 4, 0, 0, 0, 0, 0]) + bytes([44, 0, 1, 4, 0, 0, 0, 0]) + bytes([6, 0, 0, 0, 0, 0, 0, 7])
w = lambda up, s: frame(ip6(up, s, head=0, between=chain))
write("chain6.pcap", handshake(w) + [(0.02, w(True, segment(True, 1, 1, ACK, bytes(1200)))), (0.03, w(False, segment(False, 1, 1201, ACK)))])
big = segment(True, 1, 1, ACK, bytes(70000))
jumbo = bytes([6, 0, 0xC2, 4]) + struct.pack("!I", 8 + len(big))
write("jumbo6.pcap", handshake(six) + [(0.02, frame(ip6(True, big, length=0, head=0, between=jumbo))), (0.03, six(False, segment(False, 1, 70001, ACK)))])
# Fragments: in order, in reverse, one twice; of IPv6; and one that never comes.
def fragments(seg, size, ident):
    return [frame(ip(True, seg[at:at + size], ident=ident, frag=at // 8 | (0x2000 if at + size < len(seg) else 0))) for at in range(0, len(seg), size)]
whole = segment(True, 1, 1, ACK, bytes(2000))
ack = [(0.04, four(False, segment(False, 1, 2001, ACK)))]
pieces = fragments(whole, 800, 9)
write("frag.pcap", handshake(four) + [(0.02 + i / 1e4, p) for i, p in enumerate(pieces)] + ack)
write("frag_reverse.pcap", handshake(four) + [(0.02 + i / 1e4, p) for i, p in enumerate(reversed(pieces))] + ack)
write("frag_twice.pcap", handshake(four) + [(0.02 + i / 1e4, p) for i, p in enumerate([pieces[0], pieces[0], pieces[2], pieces[1]])] + ack)
def six_piece(at, more, data):
    return frame(ip6(True, data, head=44, between=bytes([6, 0]) + struct.pack("!HI", at | more, 77)))
write("frag6.pcap", handshake(six) + [(0.02, six_piece(0, 1, whole[:1400])), (0.021, six_piece(1400, 0, whole[1400:])), (0.04, six(False, segment(False, 1, 2001, ACK)))])
write("frag_lost.pcap", handshake(four) + [(0.02, pieces[0]), (0.021, pieces[2])])
# Keep-alives with and without a byte, and their answers.
keep = [(0.02, four(True, segment(True, 1, 1, ACK | PSH, bytes(100)))), (0.03, four(False, segment(False, 1, 101, ACK)))]
for i in range(6):
    keep += [(5 + i, four(True, segment(True, 100, 1, ACK, bytes(i % 2)))), (5.01 + i, four(False, segment(False, 1, 101, ACK)))]
write("keep.pcap", handshake(four) + keep)
# Each acknowledgement comes before its data; also far before.
early = []
for i in range(4):
    early += [(0.012 + i / 1e3, four(False, segment(False, 1, 1001 + 1000 * i, ACK))), (0.0121 + i / 1e3, four(True, segment(True, 1 + 1000 * i, 1, ACK | PSH, bytes([65 + i]) * 1000)))]
write("early.pcap", handshake(four) + early)
late = [(0.012, four(False, segment(False, 1, 4001, ACK)))] + [(0.013 + i / 1e3, four(True, segment(True, 1 + 1000 * i, 1, ACK, bytes([65 + i]) * 1000))) for i in range(4)]
write("early_all.pcap", handshake(four) + late)
# Really missing: acknowledged, and never there.
gone = [(0.02, four(True, segment(True, 1, 1, ACK, bytes(1000)))), (0.022, four(True, segment(True, 2001, 1, ACK, bytes(1000)))), (0.03, four(False, segment(False, 1, 3001, ACK)))]
write("missing.pcap", handshake(four) + gone + [(1.0, four(True, segment(True, 3001, 1, ACK, bytes(1000)))), (1.01, four(False, segment(False, 1, 4001, ACK)))])
# A lost SYN; a slow handshake; the retransmission after a time-out of 220 ms is one.
data = lambda t: [(t + 0.02, four(True, segment(True, 1, 1, ACK, bytes(1000)))), (t + 0.0201, four(True, segment(True, 1001, 1, ACK, bytes(1000)))),
                  (t + 0.0202, four(True, segment(True, 2001, 1, ACK, bytes(1000)))), (t + 0.2402, four(True, segment(True, 1, 1, ACK, bytes(1000)))), (t + 0.26, four(False, segment(False, 1, 3001, ACK)))]
hole = lambda t: [x for i, x in enumerate(data(t)) if i != 0]
write("syn.pcap", [(0, four(True, segment(True, 0, 0, SYN)))] + handshake(four, 1.0) + hole(1.0))
write("syn_twice.pcap", [(0, four(True, segment(True, 0, 0, SYN))), (1, four(True, segment(True, 0, 0, SYN)))] + handshake(four, 3.0) + hole(3.0))
# A source route whose next stop is not the last one: the connection is that of the last.
stop = bytes(15) + b"\x77"
def routed(up, seg):
    if not up:
        return frame(ip6(False, seg))
    route = bytes([6, 2, 0, 1, 0, 0, 0, 0]) + B6
    packet = ip6(True, seg, head=43, between=route)
    return frame(packet[:24] + stop + packet[40:])
write("route6.pcap", handshake(routed) + [(0.02, routed(True, segment(True, 1, 1, ACK, bytes(900)))), (0.03, routed(False, segment(False, 1, 901, ACK)))])
def routed4(up, seg): # loose source route, in the options
    options = bytes([131, 7, 4]) + B + bytes(1) if up else b""
    a, b = (A, b"\x0a\0\0\x77") if up else (B, A)
    head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(seg), 1, 0, 64, 6, 0) + a + b + options
    return frame(head + seg)
write("route4.pcap", handshake(routed4) + [(0.02, routed4(True, segment(True, 1, 1, ACK, bytes(900)))), (0.03, routed4(False, segment(False, 1, 901, ACK)))])
# pcapng: two sections of different byte orders, link types and clocks; all kinds of packet blocks.
def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))
def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
def interface(order, link, snap, resolution=None):
    option = struct.pack(order + "HHB3x", 9, 1, resolution) + bytes(4) if resolution is not None else b""
    return block(order, 1, struct.pack(order + "HHI", link, 0, snap) + option)
def enhanced(order, number, units, data):
    return block(order, 6, struct.pack(order + "IIIII", number, units >> 32, units & 0xFFFFFFFF, len(data), len(data)) + data)
ppp = lambda up, seg: b"\xff\x03\0\x21" + ip(up, seg)
steps = handshake(lambda up, seg: (up, seg))
with open("sections.pcapng", "wb") as f:
    f.write(section("<") + interface("<", 9, 0, 9) + interface("<", 1, 100, 6))
    for i, (at, (up, seg)) in enumerate(steps):
        f.write(enhanced("<", 0, 10**9 + round(at * 1e9), ppp(up, seg)) if i % 2 else enhanced("<", 1, 10**6 + round(at * 1e6), four(up, seg)))
    f.write(section(">") + interface(">", 1, 0, 3))
    data = four(True, segment(True, 1, 1, ACK, bytes(100)))
    f.write(block(">", 2, struct.pack(">HHIIII", 0, 0, 0, 1020, len(data), len(data)) + data))
    f.write(block(">", 3, struct.pack(">I", len(data)) + four(True, segment(True, 101, 1, ACK, bytes(100)))))
    f.write(enhanced(">", 0, 1030, four(False, segment(False, 1, 201, ACK))))
# Time that goes back: no round trip, and none of 584 years.
write("back.pcap", handshake(four) + [(0.5, four(True, segment(True, 1, 1, ACK, bytes(100)))), (0.01, four(False, segment(False, 1, 101, ACK)))])
# The clock jumps by 50 years, and back to before the first packet: 100, 200 and 300 bytes at 0, 50 years, and -1 s.
years = 50 * 365 * 86400
steps = [(0.05, 1, 100), (years + 0.05, 101, 200), (-0.95, 301, 300)]
write("steps.pcap", handshake(four) + [(t, four(True, segment(True, seq, 1, ACK, bytes(n)))) for t, seq, n in steps])
PY

# Columns of the direction from a port, the client's if none is said.
client() { # file column…
	local file=$1
	shift
	"$SFEMU" analyze --quiet --by connection --csv "$TEST_TMP/$file" 2>"$TEST_TMP/err" >"$TEST_TMP/csv"
	python3 - "$TEST_TMP/csv" "${from:-40000}" "$@" <<'PY'
import csv, sys
with open(sys.argv[1]) as f:
    row = next(r for r in csv.DictReader(f) if r["from"].endswith(":" + sys.argv[2]))
print(*[row[c] for c in sys.argv[3:]])
PY
}
is() { # file "columns" "values" [port]
	local got from=${4:-40000}
	got=$(client "$1" $2)
	[ "$got" = "$3" ] || fail "$1: $2 are $got and not $3"
}
# As tshark counts them.
tshark_counts() { # file filter
	tshark -r "$TEST_TMP/$1" -Y "tcp.srcport == 40000 && $2" 2>/dev/null | wc -l
}
sums="payload_bytes unique_bytes missing_bytes"
for i in 0 1 2 3 4; do is vlan$i.pcap "packets $sums" "3 1000 1000 0"; done
is tso.pcap "$sums" "4000 4000 0"
is big6.pcap "$sums" "4000 4000 0"
is chain6.pcap "packets $sums" "3 1200 1200 0"
is jumbo6.pcap "$sums" "70000 70000 0"
for f in frag frag_reverse frag_twice frag6; do is $f.pcap "packets $sums" "3 2000 2000 0"; done
is frag_lost.pcap "packets payload_bytes" "2 0"
"$SFEMU" analyze --quiet --by capture --csv "$TEST_TMP/frag_lost.pcap" >"$TEST_TMP/csv" 2>"$TEST_TMP/err"
[ "$(python3 -c 'import csv, sys; print(next(csv.DictReader(open(sys.argv[1])))["unread_packets"])' "$TEST_TMP/csv")" -eq 2 ] ||
	fail "fragments without the rest are not said to be unread"
is keep.pcap "keep_alives retransmissions out_of_order duplicate_acks" "$(tshark_counts keep.pcap tcp.analysis.keep_alive) 0 0 0"
[ "$(client keep.pcap keep_alives)" -eq 6 ] || fail "not 6 keep-alives"
is keep.pcap "keep_alive_acks duplicate_acks" "6 0" 9000
for f in route6 route4; do is $f.pcap "packets $sums" "3 900 900 0"; done
# Their own times: the round trip of the second piece of data begins with the first, whose time it has.
is sections.pcapng "packets $sums rtt_max_s" "4 200 200 0 0.010000000"
is sections.pcapng packets 2 9000
for f in early early_all; do
	# In tshark's words each of them is a spurious retransmission: it was acknowledged before.
	is $f.pcap "$sums retransmissions spurious_retransmissions" "4000 4000 0 $(tshark_counts $f.pcap tcp.analysis.retransmission) 4"
	"$SFEMU" analyze --quiet --follow 1 "$TEST_TMP/$f.pcap" >"$TEST_TMP/bytes"
	for c in A B C D; do
		[ "$(tr -dc $c <"$TEST_TMP/bytes" | wc -c)" -eq 1000 ] || fail "$f: 1000 bytes of $c are not followed"
	done
done
is missing.pcap "$sums" "3000 3000 1000"
is syn.pcap "retransmissions out_of_order" "2 0"
is syn_twice.pcap "retransmissions out_of_order" "3 0"
for f in syn syn_twice; do
	[ "$(tshark_counts $f.pcap 'tcp.analysis.retransmission')" -eq "$(client $f.pcap retransmissions)" ] || fail "$f: tshark finds other retransmissions"
done
is back.pcap "rtt_max_s unique_bytes" " 100"

# Goodput where the clock jumps: each interval has its own bytes, and empty ones of 50 years have no rows.
"$SFEMU" analyze --quiet --interval 100ms --csv "$TEST_TMP/steps.pcap" >"$TEST_TMP/csv" 2>"$TEST_TMP/err"
python3 - "$TEST_TMP/csv" <<'PY' || fail "goodput where the clock jumps"
import csv, sys
rows = [(float(r["time_s"]), int(r["goodput_bps"])) for r in csv.DictReader(open(sys.argv[1]))]
assert [r for r in rows if r[1]] == [(-1.0, 24000), (0.0, 8000), (50 * 365 * 86400.0, 16000)], rows
assert len(rows) == 12, len(rows)
PY
expect "$TEST_TMP/err" 'empty intervals have no row'
expect "$TEST_TMP/err" 'time goes back at 1 packets'

# The cases themselves, where they are: file, columns, values of the client's direction.
cases=$SOURCE/../shared/cases
[ -e "$cases/keep-alive" ] || { echo "SKIPPED: no ../shared/cases here; the captures above are like them"; exit 0; }
cp "$cases"/{ack-before-data,ip-fragments,ip-total-length-0,keep-alive,syn-lost-out-of-order,time-goes-back,vlan-9100}/*.pcap "$TEST_TMP/"
is ackfirst.pcap "unique_bytes missing_bytes" "4000 0"
"$SFEMU" analyze --quiet --follow 1 "$TEST_TMP/ackfirst.pcap" >"$TEST_TMP/bytes"
tshark -r "$TEST_TMP/ackfirst.pcap" -Y tcp.payload -T fields -e tcp.payload 2>/dev/null |
	python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' | cmp - "$TEST_TMP/bytes" ||
	fail "ackfirst.pcap: other bytes are followed than those in it"
is http_swapped.pcap messages 1
is frag.pcap "payload_bytes missing_bytes" "1400 0"
is tso0.pcap "payload_bytes missing_bytes" "4100 0"
is big6.pcap "payload_bytes missing_bytes" "4100 0"
is keepalive.pcap "keep_alives retransmissions duplicate_acks" "10 0 0"
is synlost_rto.pcap "retransmissions out_of_order" "2 0"
is synok_rto.pcap "retransmissions out_of_order" "1 0"
is timeback.pcap rtt_max_s 0.010000000
is qinq9100.pcap "packets payload_bytes" "5 1000"
