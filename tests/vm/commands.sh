#!/usr/bin/env bash
# Commands of --during and --exec: when they start, what is recorded of them, and what their failure does. The cases
# during-too-early and ping-during of issue 13, with their right values.
. "$(dirname "$0")/../lib.sh"

cat >"$TEST_TMP/uptime.py" <<'PY'
import signal, sys, time
print("begins", time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
while True:
    time.sleep(3600)
PY
cat >"$TEST_TMP/s.yaml" <<YAML
$two_nodes
workload: {tasks: $TEST_TMP/tasks.csv, jobs: 5}
results: $TEST_TMP/results
YAML
"$SFEMU" workload spar --hours 0.05 --seed 3 -o "$TEST_TMP/tasks.csv" 2>/dev/null
run=("$SFEMU" run --vm --clock virtual --quiet)
column() { # folder column where: the value of a column in rows that match an awk condition
	python3 - "$1" "$2" "$3" <<'PY'
import csv, sys
for row in csv.DictReader(open(sys.argv[1] + "/commands.csv")):
    if eval(sys.argv[3], {}, row):
        print(row[sys.argv[2]])
PY
}

# They start at time 0 of each strategy, on the grid of 16.384 s, once under each, and end after the last job.
"${run[@]}" --set strategies=StateLocal,PureFaaS --into "$TEST_TMP/r" --during "rpi4_0: python3 $TEST_TMP/uptime.py" \
	--during 'server_0: echo $SFEMU_STRATEGY' --during 'rpi4_0: ping -q -i 1 server_0' --exec 'server_0: ip addr' \
	"$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the run failed"; }
python3 - "$TEST_TMP/r" <<'PY' || fail "wrong records"
import csv, math, os, re, sys
folder = sys.argv[1]
rows = list(csv.DictReader(open(folder + "/commands.csv")))
assert [(r["option"], r["number"], r["strategy"]) for r in rows] == [
    ("during", str(k), s) for s in ("StateLocal", "PureFaaS") for k in (1, 2, 3)] + [("exec", "1", "")], rows
out = {(r["option"], r["number"], r["strategy"]): open(os.path.join(folder, r["output"])).read() for r in rows}
for r in rows:
    assert int(r["output_bytes"]) == len(out[r["option"], r["number"], r["strategy"]]) > 0
    if r["option"] == "during":
        assert float(r["begin_s"]) == 0, r
last = {}
for j in csv.DictReader(open(folder + "/jobs.csv")):
    last[j["strategy"]] = max(last.get(j["strategy"], 0), float(j["start_s"]) + float(j["response_s"]))
for s, end in last.items():
    begins = float(out["during", "1", s].split()[1])
    assert begins >= 4 and abs(begins / 16.384 - round(begins / 16.384)) < 1e-9, begins
    assert out["during", "2", s] == s + "\n"
    ping = next(r for r in rows if r["command"].startswith("ping") and r["strategy"] == s)
    assert end <= float(ping["end_s"]) < end + 0.1 and ping["ended_by"] == "SIGINT", (end, ping)
    sent, got = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out["during", "3", s]).groups())
    # One at time 0 and one a second (ping sleeps a little longer each time).
    assert abs(sent - end) <= 2 + end / 40 and got >= sent - 1, (sent, got, end)
echo = next(r for r in rows if r["command"].startswith("echo"))
assert (echo["status"], echo["ended_by"]) == ("0", ""), echo
assert "inet " in out["exec", "1", ""]
PY

# Bytes of commands are apart: the workers' port alone is in wire_bytes and the ratios, as tshark sees it, and the sums are
# what the interfaces counted. Without commands nothing is apart, and the workers' bytes are the same.
need tshark
"${run[@]}" --set strategies=StateLocal,PureFaaS --into "$TEST_TMP/w" --capture all \
	--during 'server_0: iperf3 -s -1 -D' --during 'rpi4_0: sleep 1; iperf3 -c server_0 -b 1M -t 2 >/dev/null' \
	--during 'rpi4_0: ping -q -i 0.5 -s 3000 server_0' --during 'server_0: ping -q -f -c 500 -s 20 rpi4_0' "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "the run failed"; }
grep -q '^StateLocal: beside these, [0-9.]* MB on the wire of other traffic' "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "does not say what is apart"; }
"${run[@]}" --set strategies=StateLocal,PureFaaS --into "$TEST_TMP/alone" "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 || fail "without commands"
python3 - "$TEST_TMP/w" "$TEST_TMP/alone" <<'PY' || fail "wrong bytes"
import csv, subprocess, sys
folder, alone = sys.argv[1:]
def rows(folder, name):
    return list(csv.DictReader(open(f"{folder}/{name}.csv")))
def summed(folder, column):
    return sum(int(r[column]) for r in rows(folder, "links"))
windows = [(int(s["begin_unix_ns"]), int(s["end_unix_ns"])) for s in rows(folder, "summary")]
def seen(name, *filter):
    out = subprocess.run(["tshark", "-r", f"{folder}/captures/{name}.pcap", "-o", "ip.defragment:FALSE", "-T", "fields", "-e", "frame.len",
                          "-e", "frame.time_epoch", *filter], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    frames = [line.split() for line in out.splitlines()]
    ns = lambda t: int(t.split(".")[0]) * 10**9 + int(t.split(".")[1].ljust(9, "0"))
    sizes = [int(size) for size, at in frames if any(begin <= ns(at) <= end for begin, end in windows)]
    return sum(sizes), len(sizes)
port = ("-Y", "tcp.port == 8080")
for link in {r["link"] for r in rows(folder, "links")}:
    of = [r for r in rows(folder, "links") if r["link"] == link]
    sums = [sum(int(r[c]) for r in of) for c in ("wire_bytes", "packets", "other_bytes", "other_packets")]
    assert (sums[0], sums[1]) == seen(link, *port), (link, sums, seen(link, *port))
    assert sums[2] > 100000 and sums[3] > 500, sums
    assert (sums[0] + sums[2], sums[1] + sums[3]) == seen(link), (link, sums, seen(link))
assert "other_bytes" not in rows(alone, "links")[0] and "other_bytes" not in rows(alone, "summary")[0]
for s in rows(folder, "summary"):
    assert int(s["wire_bytes"]) == sum(int(r["wire_bytes"]) for r in rows(folder, "links") if r["strategy"] == s["strategy"])
    assert int(s["other_bytes"]) == sum(int(r["other_bytes"]) for r in rows(folder, "links") if r["strategy"] == s["strategy"])
assert abs(summed(folder, "wire_bytes") / summed(alone, "wire_bytes") - 1) < 0.01
PY
"$SFEMU" analyze "$TEST_TMP/w" | tail -n 1 | grep 'agree' >/dev/null || fail "analyze does not agree"

# One that is not found, or fails, is said, with its status, and makes the exit status 1; the results stand.
for option in --during --exec; do
	for what in 'nosuch:was not found: it ended with status 127:127' 'exit 7:ended with status 7:7' 'kill -9 $$:ended with signal 9:137'; do
		IFS=: read -r command words more number <<<"${what//: it/@ it}"
		number=${more:-$number}
		words=${words//@/:}
		status=0
		rm -rf "$TEST_TMP/f"
		"${run[@]}" --set strategies=StateLocal --into "$TEST_TMP/f" "$option" "server_0: $command" "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 ||
			status=$?
		[ $status -eq 1 ] || fail "status $status after $option $command"
		grep -q "^sfemu: 1 of the commands failed: .*$words" "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "does not say '$words'"; }
		grep -Eq '^StateLocal +([0-9]+)/\1 ' "$TEST_TMP/log" || fail "no table"
		grep -q '"state": *"done"' "$TEST_TMP/f/manifest.json" || fail "the run is not done"
		grep -q '"commands_failed": *1' "$TEST_TMP/f/manifest.json" || fail "not in the manifest"
		[ "$(column "$TEST_TMP/f" status True)" = "$number" ] || fail "status in commands.csv after $command"
		rm -rf "$TEST_TMP/f"
		"${run[@]}" --set strategies=StateLocal --into "$TEST_TMP/f" --ignore-commands "$option" "server_0: $command" "$TEST_TMP/s.yaml" \
			>"$TEST_TMP/log" 2>&1 || fail "--ignore-commands, and still status $?"
		grep -q "note: .*$words" "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "not said with --ignore-commands"; }
	done
done

# What does not end at SIGINT gets SIGTERM, and then SIGKILL; background processes too. That is no failure.
rm -rf "$TEST_TMP/f"
"${run[@]}" --set strategies=StateLocal --into "$TEST_TMP/f" --during 'server_0: trap "" INT; sleep 1000' \
	--during 'server_0: trap "" INT TERM; sleep 1000' --during 'server_0: sleep 1000 & echo on' "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "commands that sfemu ends count as failed"; }
[ "$(column "$TEST_TMP/f" ended_by 'int(number) < 3' | tr '\n' ' ')" = 'SIGTERM SIGKILL ' ] || fail "$(cat "$TEST_TMP/f/commands.csv")"
grep -q "note: 'server_0: trap .* TERM; sleep 1000' ended neither" "$TEST_TMP/log" || fail "does not say what was killed"

# A process that leaves the group and holds the output open does not hold the run; it is said.
rm -rf "$TEST_TMP/f"
timeout 120 "${run[@]}" --set strategies=StateLocal --into "$TEST_TMP/f" --exec 'server_0: setsid -f sh -c "while sleep 10; do :; done"; echo said' \
	--during 'server_0: setsid -f sh -c "while sleep 10; do :; done"; echo said too' "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 ||
	{ cat "$TEST_TMP/log"; fail "a process that holds the output open"; }
[ "$(grep -c "note: 'server_0: setsid .*holds its output open" "$TEST_TMP/log")" -eq 2 ] || { cat "$TEST_TMP/log"; fail "does not say what holds the output open"; }
[ "$(cat "$TEST_TMP/f/$(column "$TEST_TMP/f" output 'option == "exec"')")" = said ] || fail "what it printed before is lost"

# The given case, if it is here.
cases=$SOURCE/../shared/cases
if [ -e "$cases/during-too-early/leo5.yaml" ]; then
	"${run[@]}" --into "$TEST_TMP/c" --capture link_rpi4_0 --during "rpi4_0: python3 $cases/during-too-early/mark.py" \
		--during 'rpi4_0: ping -q -i 1 server_0' "$cases/during-too-early/leo5.yaml" >"$TEST_TMP/log" 2>&1 || fail "the case fails"
	grep -q '^rpi4_0: begins at uptime 16.384$' "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "begins at another time"; }
	grep -Eq '^rpi4_0: (6[0-9]|7[0-9]|80) packets transmitted' "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "ping floods"; }
else
	echo "SKIPPED: ../shared/cases is not here"
fi
