#!/usr/bin/env bash
# Options of strategies that act on calls and connections, inline=auto and warm=on: what they gain is what was predicted, on an idle
# network; states go with calls on one side of the crossing and not on the other; TCP's start is what a warm-up takes away. They leave
# the same bytes as without, on chains and graphs, under faults, with each other and as a plugin's.
. "$(dirname "$0")/../lib.sh"
need python3
export TMPDIR=$TEST_TMP
run() { "$SFEMU" run --quiet --vm --clock virtual --set "results=$TEST_TMP/results" "$@"; }

# run_of NAME ARGUMENTS…: runs, and sets `results`; the prediction goes to predicted.NAME.
run_of() {
	local name=$1
	shift
	run "$@" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "$name: $(cat "$TEST_TMP/err")"
	results=$(results_of "$TEST_TMP/log")
	"$SFEMU" estimate --gain --csv "${@: -1}" >"$TEST_TMP/predicted.$name"
}

# The law of inline=auto: a round trip less for each state that goes along.
run_of inline --capture all "$SOURCE/scenarios/inline.yaml"
python3 - "$results" "$TEST_TMP/predicted.inline" <<'PY' || fail "inline=auto: another gain than predicted"
import csv, sys
from statistics import mean
rows = lambda name: list(csv.DictReader(open(sys.argv[1] + "/" + name)))
jobs = rows("jobs.csv")
of = {s: [float(j["response_s"]) for j in jobs if j["strategy"] == s] for s in ("StateLocal", "StateLocal(inline=auto)")}
assert [len(v) for v in of.values()] == [20, 20], of
gain = mean(of["StateLocal"]) - mean(of["StateLocal(inline=auto)"])
(row,) = csv.DictReader(open(sys.argv[2]))
assert row["strategy"] == "StateLocal(inline=auto)" and row["jobs"] == "20", row
predicted = float(row["gain_s"])
assert predicted > 0.05 and abs(gain - predicted) < 0.1 * predicted, (gain, predicted)
# a, c and d go with the client's call (no extra links), and b through step one; a to two and three; c through step two.
# Only d stays, which step three fetches: its extra links would take longer than the round trip.
moved = rows("transfers.csv")
for j in range(1, 21):
    mine = [t for t in moved if t["strategy"] == "StateLocal(inline=auto)" and int(t["job"]) == j]
    assert sorted((t["kind"], int(t["step"])) for t in mine) == \
        [("call", 0), ("call", 1), ("call", 2), ("fetch", 2), ("return", 2)], mine
    assert [int(t["payload_bytes"]) for t in mine if t["kind"] == "fetch"] == [400000], mine
for j in jobs:
    assert abs(float(j["unexplained_s"])) < 0.05 * float(j["response_s"]), j
for s in rows("summary.csv"): # the rules of the closed form know what goes with calls
    assert s["payload_bytes_hops"] == s["predicted_payload_bytes_hops"], s
PY
"$SFEMU" analyze --quiet "$results" >"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "inline: captures and records differ"; }
"$SFEMU" analyze --quiet --job StateLocal+inline=auto:2 "$results" >"$TEST_TMP/job"
expect "$TEST_TMP/job" 'step 2 call after step 1: s2'
run "$results/scenario.yaml" >"$TEST_TMP/log"
cmp "$results/jobs.csv" "$(results_of "$TEST_TMP/log")/jobs.csv" || fail "inline: it does not repeat from its results"

# Both sides of the crossing: two extra links of 100 Mb/s and a round trip of 40 ms and 500 bytes.
for bytes in 250249 250251; do
	sed "s/size: 200kB/size: ${bytes}B/; s/jobs: 20/jobs: 1/; s/^strategies:.*/strategies: [StateLocal(inline=auto)]/" \
		"$SOURCE/scenarios/inline-slow-start.yaml" >"$TEST_TMP/crossing.yaml"
	run "$TEST_TMP/crossing.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "crossing: $(cat "$TEST_TMP/err")"
	fetches=$(grep -c ',fetch,' "$(results_of "$TEST_TMP/log")/transfers.csv" || true)
	[ "$fetches" -eq $((bytes > 250250)) ] || fail "a state of $bytes bytes: $fetches fetches"
done

# The law of warm=on: connecting and TCP's start go, and nothing else.
run_of warm --capture all "$SOURCE/scenarios/warm.yaml"
python3 - "$results" "$TEST_TMP/predicted.warm" <<'PY' || fail "warm=on: another gain than predicted"
import csv, json, sys
from statistics import mean
rows = lambda name: list(csv.DictReader(open(sys.argv[1] + "/" + name)))
jobs, moved, warmed = rows("jobs.csv"), rows("transfers.csv"), rows("warm_up.csv")
cold, warm = "StateLocal", "StateLocal(warm=on)"
of = {s: [float(j["response_s"]) for j in jobs if j["strategy"] == s] for s in (cold, warm)}
gain = mean(of[cold]) - mean(of[warm])
(row,) = csv.DictReader(open(sys.argv[2]))
predicted = float(row["gain_s"])
assert predicted > 0.1 and abs(gain - predicted) < 0.1 * predicted, (gain, predicted)
first = {s: [t for t in moved if t["strategy"] == s and t["job"] == "1"] for s in (cold, warm)}
assert any(t["new_connection"] == "1" for t in first[cold]) and not any(t["new_connection"] == "1" for t in first[warm])
assert sum(float(t["tcp_start_s"]) for t in first[cold]) > 0.1
assert sum(float(t["tcp_start_s"]) for t in first[warm]) == 0
for a, b in zip(first[cold], first[warm]): # the same messages, with the same other parts
    assert (a["kind"], a["step"], a["payload_bytes"]) == (b["kind"], b["step"], b["payload_bytes"])
    for part in "pipelining_s", "queueing_s", "retries_s":
        assert abs(float(a[part]) - float(b[part])) < 1e-5, (part, a, b)
    warm_s = float(b["propagation_s"]) # a fetch has a round trip anyway
    connecting = 0 if a["new_connection"] == "0" else warm_s if a["kind"] == "fetch" else 2 * warm_s
    assert abs(float(a["propagation_s"]) - warm_s - connecting) < 1e-6, (a, b)
# Filler is counted: in the links and the manifest, and not as payload of jobs.
bytes_of = sum(int(w["payload_bytes"]) for w in warmed)
manifest = json.load(open(sys.argv[1] + "/manifest.json"))["warm_up"]
assert manifest == {warm: {"connections": len(warmed), "payload_bytes": bytes_of}}, manifest
assert all(float(w["end_s"]) < 0 and int(w["window"]) > 50 and int(w["answer_window"]) > 50 for w in warmed), warmed
summary = {s["strategy"]: s for s in rows("summary.csv")}
assert summary[cold]["payload_bytes_hops"] == summary[warm]["payload_bytes_hops"]
more = int(summary[warm]["wire_bytes"]) - int(summary[cold]["wire_bytes"])
assert more > 2 * bytes_of, (more, bytes_of) # over two links at least
PY
"$SFEMU" analyze --quiet "$results" >"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "warm: captures and records differ"; }

# Where they hurt, and how the one helps the other.
run "$SOURCE/scenarios/inline-slow-start.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "inline-slow-start: $(cat "$TEST_TMP/err")"
hurts=$(results_of "$TEST_TMP/log")
run --set tcp.slow_start_after_idle=false "$SOURCE/scenarios/inline-slow-start.yaml" >"$TEST_TMP/log" 2>&1
grown=$(results_of "$TEST_TMP/log")
run "$SOURCE/scenarios/warm-lossy.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "warm-lossy: $(cat "$TEST_TMP/err")"
python3 - "$hurts" "$grown" "$(results_of "$TEST_TMP/log")" <<'PY' || fail "where they hurt, or do not"
import csv, sys
hurts, grown, lossy = ({s["strategy"]: float(s["response_mean_s"]) for s in csv.DictReader(open(r + "/summary.csv"))} for r in sys.argv[1:])
assert hurts["StateLocal(inline=auto)"] > 1.2 * hurts["StateLocal"], hurts
assert grown["StateLocal(inline=auto)"] < 0.95 * grown["StateLocal"], grown
assert grown["StateLocal(inline=auto+warm=on)"] < 0.9 * min(grown["StateLocal(inline=auto)"], grown["StateLocal(warm=on)"]), grown
assert lossy["StateLocal(warm=on)"] > 1.2 * lossy["StateLocal"], lossy
PY

# Graphs, with each other and with fetch=parallel: equal digests, or the run fails.
run --set 'strategies=PureFaaS(warm=on),StateLocal(inline=auto),StateLocal(fetch=parallel+inline=auto+warm=on),UnchainedInEdge(warm=on),UnchainedInFunction(fetch=parallel+warm=on)' \
	--set link.shared.delay=10ms --set keep=states "$SOURCE/scenarios/camera.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "camera: $(cat "$TEST_TMP/err")"
[ "$(grep -c ',done,' "$(results_of "$TEST_TMP/log")/jobs.csv")" -eq 50 ] || fail "not 10 jobs under 5 strategies"

# A chain of a trace, whose access is not declared.
run --set workload.jobs=20 --set link.node.delay=5ms --set 'strategies=StateLocal,StateLocal(inline=auto),StatePropagate' \
	"$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "iiot: $(cat "$TEST_TMP/err")"
python3 - "$(results_of "$TEST_TMP/log")" <<'PY' || fail "a trace: no state goes with a call, or other bytes than the rules say"
import csv, sys
s = {r["strategy"]: r for r in csv.DictReader(open(sys.argv[1] + "/summary.csv"))}
moved = list(csv.DictReader(open(sys.argv[1] + "/transfers.csv")))
n = {k: sum(t["kind"] == "fetch" for t in moved if t["strategy"] == k) for k in s}
assert 0 < n["StateLocal(inline=auto)"] < n["StateLocal"] or n["StateLocal(inline=auto)"] == 0 < n["StateLocal"], n
assert s["StateLocal(inline=auto)"]["payload_bytes_hops"] == s["StateLocal(inline=auto)"]["predicted_payload_bytes_hops"], s
PY

# Twenty faults: crashes, lost links, retries, copies. Jobs may fail; what is done has the bytes of the other strategies.
run --verify-repeat 2 --set workload.jobs=40 --set link.node.delay=5ms \
	--set 'schedule=[{chaos: {faults: 20, over: 70s, lasts: 5s..40s, spare: [server_0]}}]' \
	--set 'strategies=StateLocal,StateLocal(inline=auto+warm=on)' "$SOURCE/scenarios/chaos.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "under faults"; }
expect "$TEST_TMP/log" '2 runs left the same bytes'
expect "$TEST_TMP/log" 'StateLocal(inline=auto+warm=on): 40 of 40 jobs done, 0 failed'

# A plugin's states go along, too: workers decide it by its rule. It keeps states elsewhere than where they are changed.
run --set "strategies=StateLocal,$BUILD/plugins/state_at_first.so(inline=auto+warm=on)" "$SOURCE/scenarios/inline.yaml" \
	>"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "plugin: $(cat "$TEST_TMP/err")"
python3 - "$(results_of "$TEST_TMP/log")" <<'PY' || fail "a plugin: other messages than its rule and the option say"
import csv, sys
moved = [t for t in csv.DictReader(open(sys.argv[1] + "/transfers.csv")) if t["strategy"].startswith("state_at_first(")]
assert any(t["kind"] == "store" for t in moved) and any(t["kind"] == "call" and int(t["payload_bytes"]) > 10000 for t in moved), moved
s = [r for r in csv.DictReader(open(sys.argv[1] + "/summary.csv")) if r["strategy"].startswith("state_at_first(")]
assert s[0]["payload_bytes_hops"] == s[0]["predicted_payload_bytes_hops"], s
PY

refused() { # a strategy, words of the error
	local status=0
	printf 'topology: {generate: iiot, premises: 1}\nworkload: {tasks: %s, jobs: 1}\nstrategies: [StateLocal, "%s"]\n' \
		"$SOURCE/scenarios/workloads/quickstart.csv" "$1" >"$TEST_TMP/bad.yaml"
	"$SFEMU" check "$TEST_TMP/bad.yaml" >"$TEST_TMP/err" 2>&1 || status=$?
	[ $status -eq 2 ] || fail "$1: status $status"
	expect "$TEST_TMP/err" "bad.yaml:3: strategies: .*$2"
}
refused 'StatePropagate(inline=auto)' 'StatePropagate has no use for the option inline: its states travel with messages'
refused 'UnchainedInFunction(inline=auto)' 'UnchainedInFunction has no use for the option inline: its client invokes each step'
refused 'StateLocal(inline=on)' "'inline=on': the option inline has no such value; write any of inline=off, inline=auto"
refused 'StateLocal(warm=off)' "'StateLocal' is named twice"
