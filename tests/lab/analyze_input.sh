#!/usr/bin/env bash
# Captures that are not whole or no captures: a clear message, and what could be read is used and said so.
. "$(dirname "$0")/../lib.sh"
need editcap tshark
cd "$TEST_TMP"
seed=$SOURCE/tests/fuzz/corpus/capture/one
tail -c +2 "$seed" >good.pcap # the fuzz target's first byte is its own
packets=$(tshark -r good.pcap 2>/dev/null | wc -l)
[ "$packets" -eq 11 ] || fail "the seed is another: $packets packets"

says() { # expected status, expected text, arguments…
	local status=0 want=$1 text=$2
	shift 2
	"$SFEMU" analyze --quiet "$@" >out 2>err || status=$?
	[ "$status" -eq "$want" ] || { cat out err; fail "status $status instead of $want: $*"; }
	grep -qF -- "$text" err || { cat err; fail "does not say '$text': $*"; }
	[ "$want" -ne 2 ] || [ "$(wc -l <err)" -eq 1 ] || fail "more than one line: $*"
}
cell() { # file, column, of the first row
	"$SFEMU" analyze --quiet --by capture --csv "$1" 2>/dev/null |
		python3 -c 'import csv, sys; print(next(csv.DictReader(sys.stdin))[sys.argv[1]])' "$2"
}

says 2 'cannot be opened' nothing.pcap
says 2 'is no capture that can be read' "$SOURCE/README.md"
: >empty.pcap
says 2 'is no capture that can be read' empty.pcap
head -c 24 good.pcap >header.pcap
says 1 'holds no packets' header.pcap
says 1 'nothing was used' header.pcap
head -c $(($(stat -c %s good.pcap) - 30)) good.pcap >cut.pcap
says 0 'not read to its end' cut.pcap
[ "$(cell cut.pcap packets)" -eq 10 ] || fail "the whole packets of a truncated file are not used"
# A record that claims more than there can be.
python3 - <<'PY'
data = bytearray(open("good.pcap", "rb").read())
second = 24 + 16 + int.from_bytes(data[32:36], "little")
data[second + 8:second + 12] = (0x7fffffff).to_bytes(4, "little")
open("corrupt.pcap", "wb").write(data)
PY
says 0 'not read to its end' corrupt.pcap
[ "$(cell corrupt.pcap packets)" -eq 1 ] || fail "the packets before a corrupted one are not used"
editcap -F pcap -T ieee-802-11 good.pcap radio.pcap
says 2 'IEEE802_11, which is not known here' radio.pcap
editcap -F pcap -s 60 good.pcap short.pcap
says 0 'captured shorter than they were' short.pcap
[ "$(cell short.pcap tcp_packets)" -eq 11 ] || fail "headers of cut packets are not used"
editcap -F pcapng good.pcap good.pcapng
for f in good.pcap good.pcapng; do
	"$SFEMU" analyze --quiet --by strategy --csv $f >row
	[ "$(tail -n 1 row | cut -d, -f1-3)" = 'StateLocal,4,12' ] || fail "$f: $(tail -n 1 row)"
done
"$SFEMU" analyze --quiet --by strategy --csv - <good.pcap | cmp - row || fail "from a pipe"
# Twice the same file: every message counts once as distinct.
[ "$("$SFEMU" analyze --quiet --by strategy --csv good.pcap good.pcapng | tail -n 1 | cut -d, -f3,4)" = '24,12' ] ||
	fail "distinct messages of two captures"

# Packets that cannot be used are counted and said; where there are no others, the exit status is 1.
python3 - <<'PY'
import struct
def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))
def write(name, links, packets, end=b""):
    with open(name, "wb") as f:
        f.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for link in links:
            f.write(block(1, struct.pack("<HHI", link, 0, 0)))
        for i, data in packets:
            f.write(block(6, struct.pack("<IIIII", i, 0, 1000, len(data), len(data)) + data))
        f.write(end)
mac = bytes(12)
tcp = struct.pack("!HHIIBBHHH", 1, 2, 3, 4, 0x50, 16, 100, 0, 0)
ip = lambda protocol, data, field=0: struct.pack("!BBHHHBBH8x", 0x45, 0, 20 + len(data), 1, field, 64, protocol, 0) + data
good = mac + b"\x08\x00" + ip(6, tcp)
write("links.pcapng", [105, 1], [(0, bytes(60)), (1, good), (0, bytes(60))])
write("radio.pcapng", [105], [(0, bytes(60))])
write("tunnel.pcapng", [1], [(0, mac + b"\x08\x00" + ip(47, good)), (0, mac + b"\x88\x47" + bytes(40))])
write("udp.pcapng", [1], [(0, mac + b"\x08\x00" + ip(17, bytes(20))), (0, mac + b"\x08\x06" + bytes(46))])
write("lone.pcapng", [1], [(0, mac + b"\x08\x00" + ip(6, tcp + bytes(4), 0x2000)), (0, good)])
write("broken.pcapng", [1], [(0, mac + b"\x08\x00" + bytes(20)), (0, good)])
write("ends.pcapng", [1], [(0, good)], struct.pack("<II", 6, 60) + bytes(20))
write("lengths.pcapng", [1], [(0, good)], block(5, bytes(12))[:-4] + struct.pack("<I", 8))
write("nobody.pcapng", [1], [(0, good), (1, good)])
write("empty.pcapng", [1], [])
open("zero.pcapng", "wb").write(struct.pack("<I", 0x0A0D0D0A) + bytes(60))
PY
says 0 '2 packets are not used: first one of link type 105' links.pcapng
[ "$(cell links.pcapng tcp_packets)" -eq 1 ] || fail "the packets of the known interface are not used"
says 1 'nothing was used' radio.pcapng
says 1 '2 packets are not used: they are tunnels' tunnel.pcapng
says 1 'nothing was used' udp.pcapng
[ "$(cell udp.pcapng opaque_packets)" -eq 0 ] || fail "UDP is said to be unknown"
says 0 '1 packets are not used: they are fragments' lone.pcapng
says 0 '1 packets are not used: too little' broken.pcapng
says 0 'the file ends in a block' ends.pcapng
says 0 'a block whose two lengths differ' lengths.pcapng
says 0 'a packet of an unknown interface' nobody.pcapng
says 1 'nothing was used' empty.pcapng
says 2 'a section without a byte order' zero.pcapng
says 2 'not both' --segments --messages good.pcap

mkdir -p old/captures
says 2 'holds no captures' old
says 2 'has no folder captures' "$SOURCE/scenarios"
cp good.pcap old/captures/
says 2 'jobs.csv' old
printf 'strategy,job\nPureFaaS,1\n' >old/jobs.csv
says 2 'jobs.csv:1: there is no column' old
says 2 "there is no view 'jobs'" --by jobs good.pcap
says 2 '--interval needs a time' --interval 0 good.pcap
says 2 'has 1 connections' --follow 2 good.pcap
"$SFEMU" analyze --quiet good.pcap >/dev/full 2>err && fail "a full disk is not noticed"
grep -q 'cannot write to stdout' err || fail "a full disk is not named"
