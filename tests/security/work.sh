#!/usr/bin/env bash
# Small files of somebody else do not make much work: faults, compositions, tables of a report, gaps in a capture. Each with 20 s.
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
