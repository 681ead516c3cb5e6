#!/usr/bin/env bash
# `sfemu analyze` of 100 000 connections that carried nothing: less than 400 bytes each, and every one counted.
. "$(dirname "$0")/../lib.sh"
need python3
[ -x /usr/bin/time ] || fail "/usr/bin/time is missing: tools/bootstrap.sh --tests installs it"
cd "$TEST_TMP"
connections=100000

python3 - $connections <<'PY'
import struct, sys

def segment(back, i, seq, ack, flags):
    address, port = bytes([10, 2, i >> 14, i >> 10 & 15]), 1024 + (i & 1023)
    ends = (bytes([10, 1, 0, 1]), address, 80, port) if back else (address, bytes([10, 1, 0, 1]), port, 80)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, ends[0], ends[1])
    return bytes(12) + b"\x08\x00" + ip + struct.pack("!HHIIBBHHH", ends[2], ends[3], seq, ack, 5 << 4, flags, 64000, 0, 0)

def capture(name, n, packets):
    us = 0
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(n):
            for p in packets:
                us += 1
                data = segment(p[0], i, *p[1:])
                f.write(struct.pack("<IIII", us // 1000000, us % 1000000, len(data), len(data)) + data)

SYN, RST, ACK, FIN = 2, 4, 16, 1
kinds = {
    "refused": [(0, 7, 0, SYN), (1, 0, 8, RST | ACK)],
    "closed": [(0, 7, 0, SYN), (1, 20, 8, SYN | ACK), (0, 8, 21, ACK), (0, 8, 21, FIN | ACK), (1, 21, 9, FIN | ACK), (0, 9, 22, ACK)],
}
for name, packets in kinds.items():
    capture(f"{name}.pcap", int(sys.argv[1]), packets)
capture("few.pcap", 10, kinds["refused"])
PY

peak_kb() { # capture, arguments…: also leaves what was said in out
	/usr/bin/time -f %M -o peak "$SFEMU" analyze --quiet "${@:2}" "$1" >out 2>err || { cat err; fail "analyze $*"; }
	[ ! -s err ] || { cat err; fail "doubts about $1"; }
	cat peak
}

few=$(peak_kb few.pcap)
for kind in refused:2 closed:6; do
	for format in '' --csv --json; do
		# shellcheck disable=SC2086
		kb=$(peak_kb "${kind%:*}.pcap" --by connection $format)
		each=$(((kb - few) * 1024 / connections))
		echo "${kind%:*} $format: $each bytes a connection"
		[ "$each" -lt 400 ] || fail "$each bytes for a connection that carried nothing"
		[ "$each" -gt 40 ] || fail "$each bytes: this measures nothing"
		[ -n "$format" ] || [ "$(wc -l <out)" -eq $((2 * connections + 2)) ] || fail "$(wc -l <out) lines"
	done
	peak_kb "${kind%:*}.pcap" --by capture --csv >/dev/null
	[ "$(tail -n 1 out | cut -d, -f2,4,8)" = "$((${kind#*:} * connections)),$((${kind#*:} * connections)),$connections" ] ||
		fail "counts: $(tail -n 1 out)"
done
