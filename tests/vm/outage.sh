#!/usr/bin/env bash
# Recorded links with outages: nothing leaves in an outage, what waits leaves at its end in order, at the trace's rate, and nothing
# is lost that has room in the queue. Senders and captures of real packets are the judge.
. "$(dirname "$0")/../lib.sh"

cat >"$TEST_TMP/send.py" <<'PY'
import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3000):
    s.sendto(struct.pack("!I", i) + bytes(1468), ("server_0", 9))
    time.sleep(0.02)
PY
cat >"$TEST_TMP/s.yaml" <<YAML
topology:
  compose:
    cells:
      - {node: rpi4, to: sw1}
      - {node: server, to: sw2}
    backbone:
      - [sw1, sw2]
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 5}
strategies: [StateLocal]
links:
  - {link: link_rpi4_0, queue: 1000 packets}
schedule:
  - {at: 0s, link: link_rpi4_0, direction: up, trace: {file: trace, FORMAT}}
YAML
# Judges what has come to server_0 against the opportunities of a trace, in ms: bytes for each window, order, losses.
cat >"$TEST_TMP/judge.py" <<'PY'
import csv, glob, struct, sys
folder, trace, period = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(folder + "/summary.csv") as f:
    row = next(csv.DictReader(f))
start, end = int(row["start_unix_ns"]), int(row["end_unix_ns"])
opportunities = [int(x) for x in open(trace)]
came = []
files = glob.glob(folder + "/captures/*server_0*.pcap")
for name in files:
    data = open(name, "rb").read()
    ns = struct.unpack("<I", data[:4])[0] == 0xA1B23C4D
    at = 24
    while at < len(data):
        s, f, caplen, length = struct.unpack("<IIII", data[at:at + 16])
        frame = data[at + 16:at + 16 + caplen]
        at += 16 + caplen
        if frame[12:14] == b"\x08\x00" and frame[23] == 17 and frame[36:38] == b"\0\x09":
            came.append((s * 10**9 + (f if ns else f * 1000) - start, length, struct.unpack("!I", frame[42:46])[0]))
assert len(came) > 300, (files, len(came))
numbers = [n for t, l, n in came]
assert numbers == sorted(set(numbers)), "out of order"
came = [c for c in came if 0 <= c[0] < end - start]
# Bytes between two moments of the trace are at most its opportunities, and one more.
window = 100
def allowed(a, b): # in (a, b] ms
    n = 0
    for k in range(a // period, b // period + 1):
        n += sum(1 for o in opportunities if a < k * period + o <= b)
    return n
last = int(came[-1][0] / 1e6)
per = {}
for t, l, n in came:
    per.setdefault(int((t - 1) // (window * 10**6)), []).append(l)
worst = 0
for w in range(0, last // window):
    have = sum(per.get(w, [])) / 1514
    most = allowed(w * window, (w + 1) * window)
    assert have <= most + 1, f"window {w}: {have} packets, {most} opportunities"
    worst = max(worst, have - most)
lost = numbers[-1] - numbers[0] + 1 - len(numbers)
quiet = max(b[0] - a[0] for a, b in zip(came, came[1:])) / 1e6
print(f"packets {len(came)} lost {lost} worst {worst:.2f} longest pause {quiet:.1f} ms")
PY

play() { # name, words of the trace element, period in ms of what it is judged by
	sed "s/FORMAT/$2/" "$TEST_TMP/s.yaml" >"$TEST_TMP/$1.yaml"
	"$SFEMU" run --quiet --clock virtual --into "$TEST_TMP/$1" --capture server_0 --during "rpi4_0: python3 $TEST_TMP/send.py" "$TEST_TMP/$1.yaml" \
		>"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "$1 does not run"; }
	python3 "$TEST_TMP/judge.py" "$TEST_TMP/$1" "$TEST_TMP/opportunities" "$3" >"$TEST_TMP/verdict" || fail "$1: not as the trace says"
	sed "s/^/$1: /" "$TEST_TMP/verdict"
}

# 1 Mbit/s or so for 1 s, 3 s of nothing, and again.
{ seq 10 10 1000; seq 4010 10 5000; } >"$TEST_TMP/opportunities"
cp "$TEST_TMP/opportunities" "$TEST_TMP/trace"
play mahimahi 'format: mahimahi' 5000
expect "$TEST_TMP/verdict" 'lost 0 '
awk '$NF == "ms" && $(NF-1) >= 3000 && $(NF-1) < 3030 { found = 1 } END { exit !found }' "$TEST_TMP/verdict" || fail "the pause is not the outage's"
"$SFEMU" schedule "$TEST_TMP/mahimahi.yaml" >"$TEST_TMP/list"
expect "$TEST_TMP/list" 'outage of 3s, then rate'
# The same as rows, and as two columns.
printf 'time_s,rate_bps,queue\n0,1211200,1000\n1,0,\n4,1211200,\n5,1211200,\n' >"$TEST_TMP/trace"
play csv 'loop: true' 5000
expect "$TEST_TMP/verdict" 'lost 0 '
printf '# s Mb/s\n0 1.2112\n1 0\n4 1.2112\n5 1.2112\n' >"$TEST_TMP/trace"
play mbps 'format: mbps, loop: true' 5000
expect "$TEST_TMP/verdict" 'lost 0 '
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

# Where the queue cannot be held, it is said before anything is built.
printf 'time_s,rate_bps\n0,1211200\n1,0\n4,1211200\n' >"$TEST_TMP/trace"
status=0
"$SFEMU" run --clock real --into "$TEST_TMP/real" "$TEST_TMP/csv.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 2 ] && [ ! -e "$TEST_TMP/real/jobs.csv" ] || fail "an outage on the real clock: status $status"
expect "$TEST_TMP/log" 'only the guest kernel of the virtual clock'
