#!/usr/bin/env bash
# Recorded links with outages: nothing leaves in an outage, what waits leaves at its end in order, at the trace's rate, and nothing
# is lost that has room in the queue. Senders and captures of real packets are the judge.
. "$(dirname "$0")/../lib.sh"

cat >"$TEST_TMP/send.py" <<'PY'
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
packets, gap = int(sys.argv[1]), float(sys.argv[2])
for i in range(packets):
    s.sendto(struct.pack("!I", i) + bytes(1468), ("server_0", 9))
    time.sleep(gap)
PY
cat >"$TEST_TMP/s.yaml" <<YAML
$two_nodes
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 5}
strategies: [StateLocal]
links:
  - {link: link_rpi4_0, queue: 1000 packets}
schedule:
  - {at: 0s, link: link_rpi4_0, direction: up, trace: {file: trace, FORMAT}}
YAML
# Judges what has come to server_0 against the opportunities of a trace, in ms: order, losses, and the bytes of each window. With
# a fourth argument the sender keeps the queue full for so many ms, and every opportunity must be used.
cat >"$TEST_TMP/judge.py" <<'PY'
import collections, csv, glob, struct, sys
folder, trace, period, full = sys.argv[1], sys.argv[2], int(sys.argv[3]), int((sys.argv[4:] or [0])[0])
with open(folder + "/summary.csv") as f:
    row = next(csv.DictReader(f))
start, end = int(row["start_unix_ns"]), int(row["end_unix_ns"])
opportunities = [int(x) for x in open(trace)]
frames = []
for name in glob.glob(folder + "/captures/*server_0*.pcap"):
    data = open(name, "rb").read()
    ns = struct.unpack("<I", data[:4])[0] == 0xA1B23C4D
    at = 24
    while at < len(data):
        s, f, caplen, length = struct.unpack("<IIII", data[at:at + 16])
        frames.append((s * 10**9 + (f if ns else f * 1000) - start, length, data[at + 16:at + 16 + caplen]))
        at += 16 + caplen
udp = [f for t, l, f in frames if f[12:14] == b"\x08\x00" and f[23] == 17 and f[36:38] == b"\0\x09"]
numbers = [struct.unpack("!I", f[42:46])[0] for f in udp]
assert len(numbers) > 300, len(numbers)
assert numbers == sorted(set(numbers)), "out of order"
# All that the link has carried, the jobs' packets too.
came = [(t, l) for t, l, f in frames if f[12:14] == b"\x08\x00" and f[26:30] == udp[0][26:30] and 0 < t < end - start]
window = 100
have, most = collections.Counter(), collections.Counter()
for t, l in came:
    have[(t - 1) // (window * 10**6)] += l / 1514
last = int(came[-1][0] / 1e6)
for k in range(last // period + 1):
    for o in opportunities:
        most[(k * period + o - 1) // window] += 1
for w in range(last // window):
    assert have[w] <= most[w] + 1, f"{w * window} ms: {have[w]:.2f} packets, {most[w]} opportunities"
    assert (w + 1) * window > full or have[w] >= most[w] - 1, f"{w * window} ms: only {have[w]:.2f} packets, {most[w]} opportunities"
lost = numbers[-1] - numbers[0] + 1 - len(numbers)
quiet = max(b[0] - a[0] for a, b in zip(came, came[1:])) / 1e6
print(f"packets {len(numbers)} lost {lost} windows {last // window} longest pause {quiet:.1f} ms")
PY

play() { # name, words of the trace element, period in ms of what it is judged by, packets, s between two of them, ms for which the queue is full
	sed "s/FORMAT/$2/" "$TEST_TMP/s.yaml" >"$TEST_TMP/$1.yaml"
	"$SFEMU" run --quiet --clock virtual --into "$TEST_TMP/$1" --capture server_0 --during "rpi4_0: python3 $TEST_TMP/send.py ${4:-3000} ${5:-0.02}" "$TEST_TMP/$1.yaml" \
		>"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "$1 does not run"; }
	python3 "$TEST_TMP/judge.py" "$TEST_TMP/$1" "$TEST_TMP/opportunities" "$3" ${6:-} >"$TEST_TMP/verdict" || fail "$1: not as the trace says"
	sed "s/^/$1: /" "$TEST_TMP/verdict"
}

# 1 Mbit/s or so for 1 s, 3 s of nothing, and again.
{ seq 10 10 1000; seq 4010 10 5000; } >"$TEST_TMP/opportunities"
cp "$TEST_TMP/opportunities" "$TEST_TMP/trace"
play mahimahi 'format: mahimahi' 5000
expect "$TEST_TMP/verdict" 'lost 0 '
awk '$NF == "ms" && $(NF-1) >= 3000 && $(NF-1) < 3030 { found = 1 } END { exit !found }' "$TEST_TMP/verdict" || fail "the pause is not the outage's"
"$SFEMU" schedule "$TEST_TMP/mahimahi.yaml" >"$TEST_TMP/list"
expect "$TEST_TMP/list" 'outage of 3009ms, then rate'
# The same as rows, and as two columns.
printf 'time_s,rate_bps,queue\n0,1211200,1000\n1,0,\n4,1211200,\n5,1211200,\n' >"$TEST_TMP/trace"
play csv 'loop: true' 5000
expect "$TEST_TMP/verdict" 'lost 0 '
printf '# s Mb/s\n0 1.2112\n1 0\n4 1.2112\n5 1.2112\n' >"$TEST_TMP/trace"
play mbps 'format: mbps, loop: true' 5000
expect "$TEST_TMP/verdict" 'lost 0 '
# An outage in which only the delay changes goes on.
printf 'time_s,rate_bps,delay_s\n0,1211200,\n1,0,\n2,,0.01\n4,1211200,\n5,1211200,\n' >"$TEST_TMP/trace"
play within 'loop: true' 5000
awk '$NF == "ms" && $(NF-1) >= 3000 && $(NF-1) < 3030 { found = 1 } END { exit !found }' "$TEST_TMP/verdict" || fail "a change of the delay ends the outage"
# What waits follows the rate: a queue that is full when an outage ends leaves at the rate of each time, not at that of its first.
{ seq 10 10 1000; seq 4050 50 5000; awk 'BEGIN { for (i = 1; i <= 900; i++) printf "%d\n", 5000 + i * 10 / 3 }'; } >"$TEST_TMP/opportunities"
cp "$TEST_TMP/opportunities" "$TEST_TMP/trace"
play full 'format: mahimahi' 8000 12000 0.002 24000
# The same by rows without an outage, and 20 ms later at the far end.
sed -i 's/queue: 1000 packets/&, delay: 20ms/' "$TEST_TMP/s.yaml"
{ seq 10 10 1000; seq 1050 50 5000; awk 'BEGIN { for (i = 1; i <= 900; i++) printf "%d\n", 5000 + i * 10 / 3 }'; } |
	awk '{ print $1 + 20 }' >"$TEST_TMP/opportunities"
printf 'time_s,rate_bps\n0,1211200\n1,242240\n5,3633600\n8,1211200\n' >"$TEST_TMP/trace"
play rows 'loop: true' 8000 12000 0.002 24000
sed -i 's/, delay: 20ms//' "$TEST_TMP/s.yaml"
{ seq 10 10 1000; seq 4010 10 5000; } >"$TEST_TMP/opportunities"
# An outage of more than what the queue holds loses the rest.
printf 'time_s,rate_bps,queue\n0,1211200,20\n1,0,\n4,1211200,\n5,1211200,\n' >"$TEST_TMP/trace"
play short 'loop: true' 5000
! grep -q 'lost 0 ' "$TEST_TMP/verdict" || fail "20 packets of queue lose nothing in 3 s"
# TheaterQ: 10 % lost for a second, then none at another delay.
printf 'KEEP,LATENCY,RATE,LOSS,LIMIT\n1000000,1000000,100000000,429496730,1000\n1000000,30000000,100000000,0,1000\n' >"$TEST_TMP/trace"
sed "s/FORMAT/format: theaterq, loop: true/" "$TEST_TMP/s.yaml" >"$TEST_TMP/theaterq.yaml"
"$SFEMU" schedule "$TEST_TMP/theaterq.yaml" >"$TEST_TMP/list"
expect "$TEST_TMP/list" 'trace: rate 100Mbit, delay 1ms, loss 10[0-9.]*%, queue 1000 packets'
expect "$TEST_TMP/list" '1.00 s .*delay 30ms, loss 0,'
"$SFEMU" run --quiet --clock virtual --into "$TEST_TMP/theaterq" "$TEST_TMP/theaterq.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "theaterq does not run"; }

# A managed queue cannot be held.
printf 'time_s,rate_bps\n0,1211200\n1,0\n4,1211200\n' >"$TEST_TMP/trace"
sed 's/queue: 1000 packets/&, rate: 10Mbit, discipline: codel/' "$TEST_TMP/csv.yaml" >"$TEST_TMP/managed.yaml"
status=0
"$SFEMU" schedule "$TEST_TMP/managed.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 2 ] || fail "an outage of a managed queue: status $status"
expect "$TEST_TMP/log" 'an outage and a managed queue; write discipline: droptail'

# Where the queue cannot be held, it is said before anything is built.
printf 'time_s,rate_bps\n0,1211200\n1,0\n4,1211200\n' >"$TEST_TMP/trace"
status=0
"$SFEMU" run --clock real --into "$TEST_TMP/real" "$TEST_TMP/csv.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 2 ] && [ ! -e "$TEST_TMP/real/jobs.csv" ] || fail "an outage on the real clock: status $status"
expect "$TEST_TMP/log" 'only the guest kernel of the virtual clock'
