#!/usr/bin/env bash
# Commands of --during and --exec on this kernel and the real clock: when they start, what is recorded of them, what their failure
# does; and their bytes are booked apart from the workers', as captures have them.
. "$(dirname "$0")/../lib.sh"
need_native
need ping iperf3 python3

cat >"$TEST_TMP/s.yaml" <<YAML
$two_nodes
link: {node: {rate: 20Mbit, delay: 40ms, queue: 1s}}
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 6, arrivals: sequential, state_factor: 1e3, arg_factor: 1e3}
placement: ProcOnly
strategies: [StateLocal, PureFaaS]
YAML
run=("$SFEMU" run --native --quiet)

"${run[@]}" --into "$TEST_TMP/r" --capture all --during 'rpi4_0: cat /proc/uptime; exec sleep 1000' --during 'server_0: echo $SFEMU_STRATEGY' \
	--during 'rpi4_0: ping -q -i 0.2 -s 3000 server_0' --during 'server_0: trap "" INT; sleep 1000' --during 'server_0: iperf3 -s -1 -D' \
	--during 'rpi4_0: sleep 1; iperf3 -c server_0 -b 1M -t 2 >/dev/null' --exec 'server_0: ip addr' --exec 'rpi4_0: ping -c 1 server_0' \
	"$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the run failed"; }
cat "$TEST_TMP/log" "$TEST_TMP/r/commands.csv"
expect "$TEST_TMP/log" '^StateLocal: beside these, [0-9.]* MB on the wire of other traffic'
python3 - "$TEST_TMP/r" <<'PY' || fail "wrong records"
import csv, os, re, struct, sys
folder = sys.argv[1]

def table(name):
    with open(f"{folder}/{name}.csv", newline="") as f:
        return list(csv.DictReader(f))

rows = table("commands")
assert [(r["option"], r["number"], r["strategy"]) for r in rows] == [
    ("during", str(k), s) for s in ("StateLocal", "PureFaaS") for k in range(1, 7)] + [("exec", "1", ""), ("exec", "2", "")], rows
out = {(r["option"], r["number"], r["strategy"]): open(os.path.join(folder, r["output"])).read() for r in rows}
for r in rows:
    assert int(r["output_bytes"]) == len(out[r["option"], r["number"], r["strategy"]]), r
    assert float(r["end_s"]) > float(r["begin_s"]), r
for s in ("StateLocal", "PureFaaS"):
    end = max(float(j["start_s"]) + float(j["response_s"]) for j in table("jobs") if j["strategy"] == s)
    of = [r for r in rows if r["strategy"] == s]
    uptime, name, ping, stubborn, server, client = of
    # All are started at time 0, as fast as this machine starts them, and before the first job is done.
    assert all(0 <= float(r["begin_s"]) < 2 for r in of), of
    assert float(out["during", "1", s].split()[0]) >= 4
    assert out["during", "2", s] == s + "\n" and (name["status"], name["ended_by"]) == ("0", ""), name
    # They go on until the jobs are done, and then end by the first signal that they obey.
    assert [r["ended_by"] for r in of] == ["SIGINT", "", "SIGINT", "SIGTERM", "", client["ended_by"]], of
    assert all(float(r["end_s"]) >= end for r in (uptime, ping, stubborn)), (end, of)
    assert float(stubborn["end_s"]) - end > 5, (end, stubborn)
    sent, got = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out["during", "3", s]).groups())
    assert 0 < sent <= float(ping["end_s"]) / 0.2 + 2 and got >= sent - 2, (sent, got, ping)
assert "inet " in out["exec", "1", ""] and "1 packets transmitted, 1 received" in out["exec", "2", ""], out

# The workers' port alone is in wire_bytes, the rest in other_bytes. Within a strategy's time both are what its links' captures have; a
# packet of a command that is between counter and capture at its begin or end may be missing in one of them.
def frames(path):
    with open(path, "rb") as f:
        data = f.read()
    order, unit = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\x4d\x3c\xb2\xa1": ("<", 1)}[data[:4]]
    at = 24
    while at < len(data):
        sec, part, kept, size = struct.unpack_from(order + "IIII", data, at)
        frame, at = data[at + 16:at + 16 + kept], at + 16 + kept
        ip = frame[14:]
        tcp = ip[(ip[0] & 15) * 4:] if frame[12:14] == b"\x08\x00" and ip[9] == 6 and not (ip[6] & 31 or ip[7]) else b""
        yield sec * 10**9 + part * unit, size, len(tcp) >= 4 and 8080 in struct.unpack_from("!HH", tcp)

windows = {s["strategy"]: (int(s["begin_unix_ns"]), int(s["end_unix_ns"])) for s in table("summary")}
links = table("links")
for name in sorted({r["link"] for r in links}):
    seen = list(frames(f"{folder}/captures/{name}.pcap"))
    for s, (begin, end) in windows.items():
        of = [r for r in links if r["link"] == name and r["strategy"] == s]
        booked = [sum(int(r[c]) for r in of) for c in ("wire_bytes", "packets", "other_bytes", "other_packets")]
        inside = [(size, port) for t, size, port in seen if begin <= t <= end]
        own = [size for size, port in inside if port]
        other = [size for size, port in inside if not port]
        print(name, s, booked, [sum(own), len(own), sum(other), len(other)])
        assert booked[:2] == [sum(own), len(own)], (name, s, booked, sum(own), len(own))
        assert booked[0] > 1000 and booked[3] > 50, (name, s, booked)
        assert abs(booked[3] - len(other)) <= 8 and abs(booked[2] - sum(other)) <= 8 * 1514, (name, s, booked, sum(other), len(other))
for r in table("summary"):
    for column in ("wire_bytes", "other_bytes"):
        assert int(r[column]) == sum(int(l[column]) for l in links if l["strategy"] == r["strategy"]), (column, r)
PY
"$SFEMU" analyze --quiet "$TEST_TMP/r" >"$TEST_TMP/said" 2>&1 || { cat "$TEST_TMP/said"; fail "captures and records differ"; }
expect "$TEST_TMP/said" 'agree in all [0-9]* figures'

# What is not found, or fails, is said with its status, and the exit status is 1 unless that is to be ignored; the results stand.
failing=(--set strategies=StateLocal --during 'server_0: exit 7' --during 'rpi4_0: kill -9 $$' --exec 'server_0: nosuch')
for ignore in '' --ignore-commands; do
	status=0
	rm -rf "$TEST_TMP/f"
	"${run[@]}" $ignore --into "$TEST_TMP/f" "${failing[@]}" "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
	cat "$TEST_TMP/log"
	[ $status -eq $([ -n "$ignore" ] && echo 0 || echo 1) ] || fail "status $status with '$ignore'"
	[ -n "$ignore" ] || expect "$TEST_TMP/log" '^sfemu: 3 of the commands failed: '
	for words in 'ended with status 7' 'ended with signal 9' 'was not found: it ended with status 127'; do
		expect "$TEST_TMP/log" "$words"
	done
	expect "$TEST_TMP/log" '^StateLocal  *\([0-9]*\)/\1 '
	expect "$TEST_TMP/f/manifest.json" '"state": *"done"'
	expect "$TEST_TMP/f/manifest.json" '"commands_failed": *3'
	[ "$(python3 -c 'import csv, sys; print(*(r["status"] for r in csv.DictReader(open(sys.argv[1]))))' "$TEST_TMP/f/commands.csv")" = '7 137 127' ] ||
		{ cat "$TEST_TMP/f/commands.csv"; fail "other statuses in commands.csv"; }
done
