#!/usr/bin/env bash
# Small files of somebody else do not make much work: faults, compositions, tables of a report, gaps in a capture. Each with 20 s.
# serial: limits of real time
. "$(dirname "$0")/../lib.sh"
need python3

cp "$SOURCE/scenarios/workloads/quickstart.csv" "$TEST_TMP/tasks.csv"
refused() { # what words command…
	local what=$1 words=$2 status=0
	shift 2
	(ulimit -v 3000000 && timeout -k 1 20 "$@") >"$TEST_TMP/out" 2>"$TEST_TMP/log" || status=$?
	[ $status -eq 2 ] || { cat "$TEST_TMP/log"; fail "$what: status $status"; }
	expect "$TEST_TMP/log" "$words"
}
scenario() { # what follows the workload
	{ printf 'workload: {tasks: tasks.csv, jobs: 1}\n'; cat; } >"$TEST_TMP/s.yaml"
}

{ printf 'topology: {generate: iiot}\nschedule:\n'; for i in $(seq 3000); do echo '  - {chaos: {faults: 100000, over: 1s}}'; done; } | scenario
refused "3000 times 100000 faults" 'together have more than 100000 faults' "$SFEMU" links "$TEST_TMP/s.yaml"
printf 'topology: {generate: iiot, premises: 100}\nschedule: [{chaos: {faults: 100000, over: 1s, kinds: [partition]}}]\n' | scenario
refused "partitions of a large network" 'more partitions' "$SFEMU" run --quiet --into "$TEST_TMP/r" "$TEST_TMP/s.yaml"
printf 'topology: {compose: {cells: [{lan: [{node: nuc, count: 300000}]}]}}\n' | scenario
refused "300000 nodes" '10000 nodes at most' "$SFEMU" run --quiet --into "$TEST_TMP/r" "$TEST_TMP/s.yaml"
printf 'topology: {compose: {cells: [{count: 30000, cell: {lan: [{node: rpi4}]}}]}}\n' | scenario
refused "30000 cells" '' "$SFEMU" run --quiet --into "$TEST_TMP/r" "$TEST_TMP/s.yaml"

# Segments far ahead of each other.
python3 - "$TEST_TMP/gaps.pcap" <<'PY'
import struct, sys
def segment(n, seq, flags, data):
    tcp = struct.pack(">HHIIBBHHH", 1000, 80, seq & 0xffffffff, 1, 0x50, flags, 65535, 0, 0) + data
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(tcp), n & 0xffff, 0, 64, 6, 0, 0x0a000001, 0x0a000002) + tcp
    frame = bytes(12) + b"\x08\x00" + ip
    return struct.pack("<IIII", 1, n, len(frame), len(frame)) + frame
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + segment(0, 0, 2, b""))
    for i in range(1, 2000):
        f.write(segment(i, 1 + i * 1000000, 0x18, b"x"))
PY
refused "a capture with gaps" 'filled with zeros' "$SFEMU" analyze --quiet --follow 1 "$TEST_TMP/gaps.pcap"
[ "$(stat -c %s "$TEST_TMP/out")" -lt 300000000 ] || fail "zeros without a limit: $(stat -c %s "$TEST_TMP/out") bytes"

printf 'topology: {generate: iiot}\nlinks: [{link: "*[%s]*", loss: 1%%}]\n' "$(printf 'A%.0s' $(seq 200))" | scenario
refused "a long pattern" 'a pattern of names has more than 128 bytes' "$SFEMU" links "$TEST_TMP/s.yaml"
{ printf 'topology: {generate: iiot, premises: 400}\nlinks:\n'; for i in $(seq 4096); do echo '  - {link: "link_*", loss: 1%}'; done; } | scenario
refused "4096 elements for a large network" 'more work than a scenario may make' "$SFEMU" links "$TEST_TMP/s.yaml"

# Job numbers, names of strategies, heads in small pieces: beside an ordinary file of the same size.
python3 - "$TEST_TMP" <<'PY'
import os, struct, sys
os.chdir(sys.argv[1])
def trace(name, numbers):
    with open(name, "w") as f:
        for n in numbers:
            f.write(f"M1,1,j_{n},1,Terminated,1,2,100.0,0.5\nM2,1,j_{n},1,Terminated,1,2,100.0,0.5\nR3_1_2,1,j_{n},1,Terminated,2,3,100.0,0.5\n")
slots, chosen, n = 1 << 17, [], 1
while len(chosen) < 20000:
    if ((n * 0x9E3779B97F4A7C15 & (1 << 64) - 1) >> 32 & 0xFFFFFFFF) & (slots - 1) < 2048:
        chosen.append(n)
    n += 1
trace("jobs_plain.csv", range(1, 20001))
trace("jobs_chosen.csv", chosen)
def capture(name, pieces):
    seq = 1
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for i, data in enumerate([None] + pieces):
            tcp = struct.pack(">HHIIBBHHH", 1000, 8080, seq if i else 0, 1, 0x50, 0x18 if i else 2, 65535, 0, 0) + (data or b"")
            ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(tcp), i & 0xFFFF, 0, 64, 6, 0, 0x0A000001, 0x0A000002) + tcp
            frame = bytes(12) + b"\x08\x00" + ip
            f.write(struct.pack("<IIII", 1 + i // 1000000, i % 1000000, len(frame), len(frame)) + frame)
            seq += len(data or b"")
head = lambda s: f"GET /x HTTP/1.1\r\nhost: a\r\nsfemu-job: 1\r\nsfemu-step: 1\r\nsfemu-strategy: {s}\r\n\r\n".encode()
capture("strategies_plain.pcap", [head("S%09d" % 1) for i in range(30000)])
capture("strategies_chosen.pcap", [head("S%09d" % i) for i in range(30000)])
capture("head_plain.pcap", [b"x"] * 60000)
capture("head_chosen.pcap", [bytes([c]) for c in b"GET /x HTTP/1.1\r\n" + b"a: b\r\n" * 9997])
PY
seconds() { # command…: of the processor
	local TIMEFORMAT=%U
	{ time timeout -k 1 60 "$@" >"$TEST_TMP/out" 2>"$TEST_TMP/log"; } 2>&1 || { cat "$TEST_TMP/log" >&2; fail "status $?: $*"; }
}
beside() { # what, most times, command with NAME in its file
	local what=$1 most=$2 plain chosen
	shift 2
	plain=$(seconds "${@/KIND/plain}")
	chosen=$(seconds "${@/KIND/chosen}")
	awk -v p="$plain" -v c="$chosen" -v m="$most" 'BEGIN { exit !(c < m * (p + 0.02)) }' || fail "$what: $chosen s and not $plain s"
	echo "$what: $chosen s, an ordinary file $plain s"
}
beside "chosen job numbers" 6 "$SFEMU" workload show "$TEST_TMP/jobs_KIND.csv"
beside "30000 strategies" 6 "$SFEMU" analyze --quiet --by capture "$TEST_TMP/strategies_KIND.pcap"
beside "a head in pieces of a byte" 12 "$SFEMU" analyze --quiet --by capture "$TEST_TMP/head_KIND.pcap"
