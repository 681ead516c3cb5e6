#!/usr/bin/env bash
# `programs:` and `traffic:` of a scenario: beside jobs on a cell of 50 Mbit/s, 40 Mbit/s of iperf3 or of generated traffic
# leave the jobs what capacity says, are counted apart, and leave the same bytes again; what a program's end means.
. "$(dirname "$0")/../lib.sh"
need iperf3

printf '0,j_1,%s,1,100,%s,1\n' M1 1 M2 0.05 R3_1_2 1 >"$TEST_TMP/tasks.csv"
cat >"$TEST_TMP/s.yaml" <<YAML
topology: {compose: {cells: [{lan: [{shared: [{node: rpi4, count: 2}], rate: 50Mbit}, {node: server}]}]}}
link: {shared: {delay: 1ms}}
workload: {tasks: tasks.csv, arrivals: sequential, arg_factor: 1e6, state_factor: 0}
placement: ProcOnly
strategies: [PureFaaS]
results: $TEST_TMP/results
YAML
run=("$SFEMU" run --vm --clock virtual --quiet)
go() { # folder, more options
	local folder=$TEST_TMP/$1
	shift
	"${run[@]}" --into "$folder" "$@" "$TEST_TMP/s.yaml" >"$folder.log" 2>&1 || { cat "$folder.log"; fail "the run $folder"; }
}
go alone &
go iperf --set 'programs=[{node: server_0, run: "iperf3 -s -1"}, {node: rpi4_1, run: [iperf3, -c, server_0, -u, -b, 40M, -t, 60]}]' &
# Beside it, a little traffic of the other laws; one of the flows ends before the jobs.
little='{from: "*", to: rpi4_0, rate: 100kbit, law: poisson}'
little+=', {from: server_0, to: rpi4_0, rate: 96kbit, law: onoff, on: 100ms, off: 200ms, at: 1s, until: 2s}'
go traffic --verify-repeat 2 --set "traffic=[{from: rpi4_1, to: server_0, rate: 40Mbit, packet: 1500B}, $little]" &
wait %1 || fail alone
wait %2 || fail iperf
wait %3 || fail traffic
grep -q '^2 runs left the same bytes' "$TEST_TMP/traffic.log" || { cat "$TEST_TMP/traffic.log"; fail "not the same bytes"; }
grep -q '^PureFaaS: beside these, [0-9.]* MB on the wire of other traffic' "$TEST_TMP/iperf.log" || fail "does not say what is apart"

python3 - "$TEST_TMP/alone" "$TEST_TMP/iperf" "$TEST_TMP/traffic/repeat-01" <<'PY' || fail "wrong results"
import csv, sys
def rows(folder, name):
    return list(csv.DictReader(open(f"{folder}/{name}.csv")))
def job(folder):
    return next(r for r in rows(folder, "jobs") if r["status"] == "done")
def cell(folder):
    return next(r for r in rows(folder, "links") if r["kind"] == "shared")
alone, iperf, traffic = sys.argv[1:]
assert "other_bytes" not in cell(alone)
workers = int(cell(alone)["wire_bytes"])
for folder in iperf, traffic:
    c, took = cell(folder), float(job(folder)["response_s"])
    # The workers' own bytes are the same, but for what was lost in the full queue and acknowledged otherwise.
    assert 1 <= int(c["wire_bytes"]) / workers < 1.02, (c, workers)
    # The job had what the other traffic left of the cell, which got through but for what the full queue dropped.
    other = int(c["other_bytes"]) * 8 / took
    asked = 40e6 * 1490 / 1448 if folder == iperf else 40e6 * 1514 / 1500 + 100e3 * 1214 / 1200
    expected = int(c["wire_bytes"]) * 8 / (50e6 - other)
    assert abs(took / expected - 1) < 0.1 and 0.94 < other / asked < 1.02, (folder, took, expected, other, asked)
    assert took > 3.5 * float(job(alone)["response_s"]), (folder, took)

f = rows(traffic, "traffic")
took = float(job(traffic)["response_s"])
assert [(r["flow"], r["from"], r["to"], r["law"], r["port"]) for r in f] == [
    ("1", "rpi4_1", "server_0", "constant", "20000"), ("2", "rpi4_1", "rpi4_0", "poisson", "20001"),
    ("3", "server_0", "rpi4_0", "poisson", "20002"), ("4", "server_0", "rpi4_0", "onoff", "20003")], f
# A constant flow has sent a packet every 300 us, the first at time 0.
assert 0 <= int(f[0]["sent_packets"]) - took / 300e-6 <= 2, (f[0], took)
for r in f:
    assert int(r["sent_bytes"]) == int(r["sent_packets"]) * int(r["packet_bytes"])
    assert int(r["received_bytes"]) == int(r["received_packets"]) * int(r["packet_bytes"])
    assert int(r["sent_packets"]) - int(r["received_packets"]) == int(r["lost_packets"]) and r["duplicates"] == r["reordered"] == "0", r
    # the cell's queue holds 100 ms
    assert 0.001 < float(r["delay_mean_s"]) <= float(r["delay_p95_s"]) < 0.11, r
# Only links lose packets, and they say so.
assert sum(int(r["lost_packets"]) for r in f) <= sum(int(r["drops"]) for r in rows(traffic, "links")), f
# What arrived and was not of the workers are these flows, with 14 bytes of Ethernet each.
into = next(r for r in rows(traffic, "links") if r["link"] == "link_server_0" and r["to"] == "server_0")
assert int(into["other_bytes"]) == int(f[0]["received_packets"]) * 1514, (into, f[0])
# iperf3 runs on after the job: the server ends by itself or with it, which is no failure.
c = rows(iperf, "commands")
assert [(r["option"], r["number"], r["node"], r["command"]) for r in c] == [("program", "1", "server_0", "iperf3 -s -1"),
    ("program", "2", "rpi4_1", "iperf3 -c server_0 -u -b 40M -t 60")], c
assert c[1]["ended_by"] == "SIGTERM" and int(c[1]["output_bytes"]) > 0, c
PY

# Where, when and as what programs run; those that are ended at their until have not failed.
several="{node: 'rpi4_*', run: 'echo \"\$SFEMU_NODE \$SFEMU_STRATEGY\"; sleep 100', at: 100ms, until: 250ms}"
several+=", {node: server_0, run: [printf, '%s|', 'a  b', '\$x', ''], until: 1s}"
several+=", {node: server_0, run: 'trap \"\" TERM; sleep 100; sleep 100', until: 0.1s}, {node: server_0, run: 'true', at: 1h}"
go ends --set strategies=PureFaaS,StateLocal --set "programs=[$several]"
[ "$(grep -c "note: 'server_0: true' did not run under .*: its time is after the last job" "$TEST_TMP/ends.log")" -eq 2 ] ||
	{ cat "$TEST_TMP/ends.log"; fail "does not say what did not run"; }
grep -q "note: 'server_0: trap .* did not end at SIGTERM, and was killed" "$TEST_TMP/ends.log" || fail "does not say what was killed"
python3 - "$TEST_TMP/ends" <<'PY' || fail "wrong records of programs"
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/commands.csv")))
for s in "PureFaaS", "StateLocal":
    of = {int(r["number"]): r for r in rows if r["strategy"] == s}
    text = {n: open(f"{sys.argv[1]}/{r['output']}").read() for n, r in of.items()}
    assert sorted(of) == [1, 2, 3, 4], of
    for n in 1, 2:
        assert float(of[n]["begin_s"]) == 0.1 and float(of[n]["end_s"]) == 0.25 and of[n]["ended_by"] == "SIGTERM", of[n]
        assert text[n] == f"rpi4_{n - 1} {s}\n", text
    assert text[3] == "a  b|$x||" and of[3]["status"] == "0" and of[3]["ended_by"] == "", (text, of)
    assert of[3]["command"] == "printf '%s|' 'a  b' '$x' ''", of[3]
    assert of[4]["ended_by"] == "SIGKILL", of[4]
PY

# One that is not found or fails makes the exit status 1, but with --ignore-commands.
for what in 'nosuch x:was not found: it ended with status 127' 'exit 7:ended with status 7'; do
	status=0
	rm -rf "$TEST_TMP/f"
	"${run[@]}" --into "$TEST_TMP/f" --set "programs=[{node: server_0, run: ${what%%:*}}]" "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 1 ] || fail "status $status after $what"
	grep -q "^sfemu: 1 of the commands failed: .*${what#*:}" "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "does not say '$what'"; }
done
go ignored --ignore-commands --set 'programs=[{node: server_0, run: exit 7}]'

# What names no node, or no program where that can be known, is an error of the scenario, with its line.
for what in 'programs=[{node: "rpi9_*", run: ls}]:programs: no node matches' 'traffic=[{from: rpi4_0, to: nowhere, rate: 1Mbit}]:traffic: to: no node is named' \
	'traffic=[{from: server_0, to: server_0, rate: 1Mbit}]:traffic: from: no node but the receiver matches' \
	'programs=[{node: server_0, run: [nosuch, x]}]:programs: there is no program nosuch in the folders in which it is looked for' \
	'programs=[{node: server_0, run: [/usr/bin/nosuch]}]:programs: there is no program /usr/bin/nosuch; install it'; do
	status=0
	"${run[@]}" --set "${what%%]:*}]" "$TEST_TMP/s.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -eq 2 ] || fail "status $status after $what"
	grep -q "^sfemu: --set [a-z]*:1: ${what#*]:}" "$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "does not say '${what#*]:}'"; }
done

# What programs print is shown in part, with --quiet not at all, and kept whole.
cat >"$TEST_TMP/talk.yaml" <<YAML
$two_nodes
workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 2}
programs: [{node: server_0, run: "seq 1000; echo error >&2"}]
strategies: [PureFaaS]
YAML
"${run[@]}" --into "$TEST_TMP/quiet" "$TEST_TMP/talk.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a program that prints"; }
! grep -q '^server_0: ' "$TEST_TMP/log" || fail "--quiet shows what a program prints: $(head -n 3 "$TEST_TMP/log")"
"$SFEMU" run --vm --clock virtual --into "$TEST_TMP/loud" "$TEST_TMP/talk.yaml" >"$TEST_TMP/log" 2>/dev/null || fail "a program that prints"
[ "$(grep -c '^server_0: [0-9]*$' "$TEST_TMP/log")" -eq 20 ] || fail "not 20 lines of a program"
grep -qx 'server_0: … all of its output is in commands/program-1-PureFaaS.txt' "$TEST_TMP/log" || fail "does not say where the rest is"
for folder in quiet loud; do
	[ "$(wc -l <"$TEST_TMP/$folder/commands/program-1-PureFaaS.txt")" -eq 1001 ] || fail "$folder: its output is not kept"
done
