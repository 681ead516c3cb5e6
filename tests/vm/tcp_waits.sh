#!/usr/bin/env bash
# What packets waited for, as the guest's kernel records it, against captures: each message's lost packets, from when a packet could have
# left to when it left, and its waiting for acknowledgements. The judge is tshark: which packets a link carried, when and how often.
. "$(dirname "$0")/../lib.sh"
need tshark python3

# Packets towards nuc_0 are lost on its own link, so that the capture of the first link has each copy. Nothing else is under way.
printf '%s\n' 1 9 31-32 45 'every 97' >"$TEST_TMP/list"
cat >"$TEST_TMP/waits.yaml" <<YAML
name: waits
topology: {compose: {cells: [{lan: [{node: rpi3}, {node: nuc}]}]}}
link: {node: {delay: 2ms, rate: 100Mbit, queue: 1s}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 12, arrivals: sequential}
placement: ProcOnly
strategies: [PureFaaS, StatePropagate]
links: [{link: link_nuc_0, direction: down, loss: packets list}]
YAML
"$SFEMU" run --vm --clock virtual --quiet --capture link_rpi3_0,link_nuc_0 --into "$TEST_TMP/waits" "$TEST_TMP/waits.yaml" >"$TEST_TMP/log" ||
	{ cat "$TEST_TMP/log"; fail "run"; }
for link in rpi3_0 nuc_0; do
	tshark -r "$TEST_TMP/waits/captures/link_$link.pcap" -Y 'ip.src == 10.0.0.0' -T fields -e frame.time_epoch -e tcp.seq_raw -e tcp.len \
		-e tcp.flags.syn -e frame.len -e tcp.srcport 2>"$TEST_TMP/tshark" >"$TEST_TMP/$link" || { cat "$TEST_TMP/tshark"; fail "tshark"; }
done
python3 - "$TEST_TMP" <<'PYTHON' || fail "what was recorded is not what the captures show"
import csv, sys
from bisect import bisect_right
from collections import defaultdict
folder = sys.argv[1]
DELAY, BYTE = 2_000_000, 80  # ns: of a link; of a byte at 100 Mbit/s
def packets(name):  # those of rpi3_0: when they came, of which connection and bytes, how many, SYN, bytes of the frame
    for line in open(f"{folder}/{name}"):
        time, seq, length, syn, frame, port = line.split()
        yield int(time.replace(".", "")), (port, seq), int(length), syn in ("1", "True"), int(frame)
copies = defaultdict(list)  # when each copy of what begins there left the first link
syns = []
for at, seq, length, syn, frame in packets("rpi3_0"):
    if length:
        copies[seq].append(at)
    elif syn:
        syns.append(at)
came = [p for p in packets("nuc_0") if p[2]]
times = [p[0] for p in came]
read = lambda name: list(csv.DictReader(open(f"{folder}/waits/{name}.csv", newline="")))
begin = {s["strategy"]: int(s["start_unix_ns"]) for s in read("summary")}
ns = lambda text: round(float(text) * 1e9)
checked = lost = opened = 0
seen = set()
for t in read("transfers"):
    if t["from"] != "rpi3_0":
        continue
    start, done = (begin[t["strategy"]] + ns(t[k]) for k in ("start_s", "done_s"))
    resent = late = 0
    n_before, free = len(seen), 0  # free: from when on the second link could carry the next packet
    if t["new_connection"] == "1":
        own = [s for s in syns if start < s <= done]
        resent += own[-1] - own[0]
        opened += len(own) > 1
    within = came[bisect_right(times, start):bisect_right(times, done)]
    for at, seq, length, _, frame in within:
        if seq in seen or seq[0] != within[-1][1][0]:  # an answer on another connection
            continue
        seen.add(seq)
        # The copy that came: the last that can have.
        n = bisect_right(copies[seq], at - DELAY - BYTE * frame)
        left = at - DELAY - BYTE * frame
        delay = left - max(free, start + DELAY + BYTE * frame)
        late += delay
        resent += delay if n > 1 and copies[seq][n - 2] > start else 0
        lost += n > 1
        free = left + BYTE * frame
    assert len(seen) > n_before, t
    computed = sum(ns(t[k]) for k in ("retransmissions_s", "window_s", "queue_waits_s", "tcp_start_s"))
    computed += 4 * DELAY if t["new_connection"] == "1" else 0  # the handshake's part of propagation_s
    # What is sent again may wait in the queue behind what is lost once more.
    assert -20_000 < resent - ns(t["retransmissions_s"]) < ns(t["queue_waits_s"]) + 20_000, (t, resent)
    assert abs(computed - late) < 20_000, (t, late, computed)
    assert abs(float(t["unexplained_s"])) < 1e-4, t
    checked += resent > 50_000_000
print(f"{checked} messages with lost packets, {lost} packets sent again, {opened} SYNs lost")
assert checked > 10 and lost > 50 and opened, (checked, lost, opened)
PYTHON
